from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stemkit.session.graph import find_cycles, post_dominators, reach

graphs = st.integers(1, 8).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, n - 1), max_size=4, unique=True), min_size=n, max_size=n)
)


def reaches(start: int, goal: int, ahead: list[list[int]], without: int = -1) -> bool:
    """A plain search: may `start` come to `goal` while `without` is closed."""
    if without in (start, goal):
        return False
    seen, work = {start}, [start]
    while work:
        for node in ahead[work.pop()]:
            if node not in seen and node != without:
                seen.add(node)
                work.append(node)
    return goal in seen


@given(graphs)
def test_a_gate_is_needed_when_nothing_gets_out_without_it(ahead: list[list[int]]) -> None:
    last = len(ahead) - 1
    ahead[last] = []
    tree = post_dominators(ahead, last)
    for node in range(last):
        assert tree.needs(node, node) == tree.needs(node, last) == reaches(node, last, ahead)
        for gate in range(last):
            needed = reaches(node, last, ahead) and not reaches(node, last, ahead, without=gate)
            assert tree.needs(node, gate) == needed


@given(graphs, st.sets(st.integers(0, 7)))
def test_dependants_are_those_that_need_a_gate(ahead: list[list[int]], marked: set[int]) -> None:
    last = len(ahead) - 1
    ahead[last] = []
    tree = post_dominators(ahead, last)
    marks = [node for node in marked if node < last]
    for gate, count in enumerate(tree.dependants(marks)[:last]):
        assert count == sum(tree.needs(node, gate) for node in marks if node != gate)


@given(graphs)
def test_a_cycle_is_a_way_back_and_none_is_missed(ahead: list[list[int]]) -> None:
    cycles = find_cycles(ahead)
    for cycle in cycles:
        for node, following in zip(cycle, (*cycle[1:], cycle[0]), strict=True):
            assert following in ahead[node]
    named = {node for cycle in cycles for node in cycle}
    for node in range(len(ahead)):
        on_a_cycle = any(reaches(following, node, ahead) for following in ahead[node])
        assert on_a_cycle == any(reaches(node, other, ahead) and reaches(other, node, ahead) for other in named)


def test_the_walk_goes_nearest_first_and_stays_where_it_may() -> None:
    ahead = [[1, 2], [3], [3], [0]]
    assert reach([0], ahead) == [0, 1, 2, 3]
    assert reach([0], ahead, may_enter=lambda node: node != 1) == [0, 2, 3]
    assert reach([1], ahead, may_enter=lambda node: node != 1) == []


def test_ten_thousand_in_a_row_or_in_a_circle() -> None:
    count = 10_000
    row = [[node + 1] for node in range(count)] + [[]]
    tree = post_dominators(row, count)
    assert tree.needs(0, count - 1)
    assert find_cycles(row) == []
    circle = [[(node + 1) % count] for node in range(count)]
    assert find_cycles(circle) == [tuple(range(count))]
