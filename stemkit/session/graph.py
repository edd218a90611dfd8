"""Walks over directed graphs of whole numbers, without recursion: 10,000 tracks in a row must not matter."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["DominatorTree", "find_cycles", "post_dominators", "reach"]


def reach(
    starts: Iterable[int],
    successors: Sequence[Sequence[int]],
    *,
    may_enter: Callable[[int], bool] | None = None,
) -> list[int]:
    """Return what can be reached from `starts`, nearest first.

    Parameters
    ----------
    starts
        Where the walk begins; they are part of the answer where they may be entered.
    successors
        For each node, where its edges lead.
    may_enter
        Says of a node whether the walk enters it; None: always.
    """
    queue = deque(node for node in dict.fromkeys(starts) if may_enter is None or may_enter(node))
    seen = set(queue)
    order: list[int] = []
    while queue:
        node = queue.popleft()
        order.append(node)
        for follower in successors[node]:
            if follower not in seen and (may_enter is None or may_enter(follower)):
                seen.add(follower)
                queue.append(follower)
    return order


def _components(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the strongly connected components (Tarjan's algorithm with a stack of its own)."""
    count = len(successors)
    number = [-1] * count
    low = [0] * count
    on_stack = [False] * count
    stack: list[int] = []
    components: list[list[int]] = []
    clock = 0
    for root in range(count):
        if number[root] != -1:
            continue
        work: list[tuple[int, int]] = [(root, 0)]
        while work:
            node, position = work.pop()
            if position == 0:
                number[node] = low[node] = clock
                clock += 1
                stack.append(node)
                on_stack[node] = True
            else:
                low[node] = min(low[node], low[successors[node][position - 1]])
            for step in range(position, len(successors[node])):
                follower = successors[node][step]
                if number[follower] == -1:
                    work.append((node, step + 1))
                    work.append((follower, 0))
                    break
                if on_stack[follower]:
                    low[node] = min(low[node], number[follower])
            else:
                if low[node] == number[node]:
                    components.append(_pop_down_to(node, stack, on_stack))
    return components


def _pop_down_to(node: int, stack: list[int], on_stack: list[bool]) -> list[int]:
    component: list[int] = []
    while not component or component[-1] != node:
        component.append(stack.pop())
        on_stack[component[-1]] = False
    return component


def _one_cycle(members: list[int], successors: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return the shortest way from the lowest member back to itself inside its component."""
    inside = set(members)
    start = min(members)
    came_from: dict[int, int] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for follower in successors[node]:
            if follower == start:
                way = [node]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return tuple(reversed(way))
            if follower in inside and follower not in came_from:
                came_from[follower] = node
                queue.append(follower)
    raise AssertionError("a component of several nodes has a way back")


def find_cycles(successors: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """Return one cycle for each set of nodes that can all reach one another, in order of the lowest node."""
    found = [
        _one_cycle(component, successors)
        for component in _components(successors)
        if len(component) > 1 or component[0] in successors[component[0]]
    ]
    return sorted(found)


class DominatorTree:
    """For each node, through which nodes every way from it to the exit leads."""

    __slots__ = ("_enter", "_leave")

    def __init__(self, parent: Sequence[int], exit_node: int) -> None:
        """Build the tree; `parent` is -1 where there is no way to the exit.

        Entering and leaving times make "is an ancestor of" a comparison.
        """
        children: list[list[int]] = [[] for _ in parent]
        for node, above in enumerate(parent):
            if above != -1 and node != exit_node:
                children[above].append(node)
        self._enter = [-1] * len(parent)
        self._leave = [-1] * len(parent)
        clock = 0
        work = [(exit_node, False)]
        while work:
            node, done = work.pop()
            if done:
                self._leave[node] = clock
                continue
            self._enter[node] = clock
            clock += 1
            work.append((node, True))
            work.extend((child, False) for child in children[node])

    def needs(self, node: int, gate: int) -> bool:
        """Tell whether every way from `node` to the exit enters `gate` (`node` itself counts)."""
        if self._enter[node] == -1 or self._enter[gate] == -1:
            return False
        return self._enter[gate] <= self._enter[node] < self._leave[gate]

    def dependants(self, marked: Iterable[int]) -> list[int]:
        """Count for each node how many of the marked ones need it, itself left out."""
        running = [0] * (len(self._enter) + 1)
        own = [0] * len(self._enter)
        for node in marked:
            if self._enter[node] != -1:
                running[self._enter[node] + 1] = 1
                own[node] = 1
        for place in range(1, len(running)):
            running[place] += running[place - 1]
        return [
            0 if enter == -1 else running[leave] - running[enter] - own[node]
            for node, (enter, leave) in enumerate(zip(self._enter, self._leave, strict=True))
        ]


def post_dominators(successors: Sequence[Sequence[int]], exit_node: int) -> DominatorTree:
    """Find the nodes that every way to `exit_node` must enter (Cooper, Harvey and Kennedy, 2001)."""
    count = len(successors)
    predecessors: list[list[int]] = [[] for _ in range(count)]
    for node, followers in enumerate(successors):
        for follower in followers:
            predecessors[follower].append(node)
    order = _reverse_postorder(exit_node, predecessors)
    rank = {node: place for place, node in enumerate(order)}
    parent = [-1] * count
    parent[exit_node] = exit_node
    changed = True
    while changed:
        changed = False
        for node in order[1:]:
            best = -1
            for follower in successors[node]:
                if follower in rank and parent[follower] != -1:
                    best = follower if best == -1 else _meet(best, follower, parent, rank)
            if best != parent[node]:
                parent[node] = best
                changed = True
    return DominatorTree(parent, exit_node)


def _meet(a: int, b: int, parent: Sequence[int], rank: dict[int, int]) -> int:
    while a != b:
        while rank[a] > rank[b]:
            a = parent[a]
        while rank[b] > rank[a]:
            b = parent[b]
    return a


def _reverse_postorder(start: int, successors: Sequence[Sequence[int]]) -> list[int]:
    seen = {start}
    order: list[int] = []
    work = [(start, 0)]
    while work:
        node, position = work.pop()
        followers = successors[node]
        while position < len(followers) and followers[position] in seen:
            position += 1
        if position == len(followers):
            order.append(node)
            continue
        seen.add(followers[position])
        work.append((node, position + 1))
        work.append((followers[position], 0))
    order.reverse()
    return order
