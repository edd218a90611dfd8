"""What `stemkit check` costs: beside other tools, by the amount of work, and at start-up. Prints Markdown.

    python bench/check.py [--folder DIR] [--rounds 5] [--quick] [--parts startup,set16,set40,dense,scaling]
                          [--without fallback,sox,python] [--plot FILE.svg] [--delete]

Every figure is the median of whole processes that took turns in this one run: CPU is user and system time together.
The generated files (5 GB; 0.3 GB with --quick) stay in DIR for the next run unless --delete is given. Tools that are
not installed are left out. The slow ones get a part of the files and are scaled up by the bytes, as their row says.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from svg import plot
from timing import Command, Figures, machine, take_turns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

HERE = Path(__file__).resolve().parent
CHECK = (sys.executable, "-m", "stemkit", "check", "--no-cache", "--quiet", "--fail-on", "never", "--format", "json")
TOOL = (sys.executable, str(HERE / "one_tool.py"))
FFMPEG = (
    'for f; do ffmpeg -nostdin -hide_banner -loglevel error -i "$f" -af ebur128=peak=true -f null - || exit 1; done'
)
SOX = 'for f; do sox "$f" -n stats || exit 1; done'
PLAIN, WITH_MIX, FALLBACK = "`stemkit check`", "`stemkit check --mix`", "without the kernel"
CORE, FIGURES = "core pass", "all figures, no rules"
START = "start of the two above: one file of half a second"
CAT, FFMPEG_NAME = "`cat`", "`ffmpeg -af ebur128=peak=true`"


@dataclass(frozen=True)
class Limit:
    """What the project promises of one row: at most a part of ffmpeg's CPU, times `cat`'s, and of memory.

    From a row that stands for something alone, the start of Python and numpy is taken off.
    """

    row: str
    of_ffmpeg: float
    of_cat: float | None = None
    peak_mb: float | None = None
    alone: bool = False


LIMITS = (
    Limit(PLAIN, 1 / 7, 25, 150),
    Limit(WITH_MIX, 1 / 4, 40),
    Limit(CORE, 1 / 15, 10, alone=True),
    Limit(FALLBACK, 1 / 2),
)
DENSE_FACTOR = 1.5
SLOW_FILES = 3  # of a set, for tools that take long


def generate(folder: Path, files: int, seconds: float, *extra: str) -> list[str]:
    """Have a process of its own make a set, so that this one stays small; return the stems."""
    subprocess.run([sys.executable, str(HERE / "sets.py"), str(folder), str(files), str(seconds), *extra], check=True)
    return [str(path) for path in sorted((folder / "Stems").glob("*.wav"))]


def commands(folder: Path, files: list[str], slow_files: int, without: Collection[str]) -> list[Command]:
    stems, mix = str(folder / "Stems"), folder / "Rough_Mix.wav"
    few = files[:slow_files]
    part = sum(Path(f).stat().st_size for f in few) / sum(Path(f).stat().st_size for f in files)
    found = [
        Command(CAT, ["cat", *files]),
        Command(PLAIN, [*CHECK, stems]),
        Command(CORE, [*TOOL, "core", *files]),
        Command(FIGURES, [*TOOL, "figures", *files]),
        Command(START, [*TOOL, "core", *generate(folder.parent / "start", 1, 0.5)]),
    ]
    if "fallback" not in without:
        found.append(Command(FALLBACK, [*CHECK, stems], {"STEMKIT_KERNEL": "numpy"}))
    if mix.exists():
        found.insert(2, Command(WITH_MIX, [*CHECK, stems, "--mix", str(mix)]))
    if shutil.which("ffmpeg"):
        found.append(Command(FFMPEG_NAME, ["sh", "-c", FFMPEG, "sh", *few], share=part))
    if shutil.which("sox") and "sox" not in without:
        found.append(Command("`sox … -n stats`", ["sh", "-c", SOX, "sh", *few], share=part))
    modules = [m for m in ("pyebur128", "pyloudnorm") if find_spec(m) and "python" not in without]
    return [*found, *(Command(f"{module} (Python)", [*TOOL, module, *few], share=part) for module in modules)]


def tool_table(title: str, figures: dict[str, Figures], parts: dict[str, float]) -> list[str]:
    cat, ffmpeg = figures[CAT].cpu_s, figures.get(FFMPEG_NAME)
    lines = [
        f"### {title}",
        "",
        "| | CPU s | lowest–highest | wall s | × `cat` | part of ffmpeg | peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in figures.items():
        scaled = f" ({parts[name]:.0%} of the bytes, scaled up)" if parts[name] < 1 else ""
        of_ffmpeg = f"1/{ffmpeg.cpu_s / row.cpu_s:.1f}" if ffmpeg else "–"
        low, high = row.cpu_spread_s
        lines.append(
            f"| {name}{scaled} | {row.cpu_s:.2f} | {low:.2f}–{high:.2f} | {row.wall_s:.2f} | {row.cpu_s / cat:.1f}"
            f" | {of_ffmpeg} | {row.peak_mb:.0f} |"
        )
    return [*lines, ""]


def limit_table(figures: dict[str, Figures], factor: float) -> list[str]:
    """Hold the rows against what the project promises."""
    if FFMPEG_NAME not in figures:
        return []
    cat, ffmpeg = figures[CAT].cpu_s, figures[FFMPEG_NAME].cpu_s
    lines = ["| promise | limit | measured | holds |", "|---|---|---|---|"]
    for limit in LIMITS:
        row = figures.get(limit.row)
        if row is None:
            continue
        share, cpu_s = factor * limit.of_ffmpeg, row.cpu_s - (figures[START].cpu_s if limit.alone else 0)
        name = f"{limit.row} alone" if limit.alone else limit.row
        held = [(f"{name}: of ffmpeg's CPU", share, cpu_s / ffmpeg)]
        if limit.of_cat is not None:
            held.append((f"{name}: × `cat`", factor * limit.of_cat, cpu_s / cat))
        if limit.peak_mb is not None:
            held.append((f"{name}: peak MB", limit.peak_mb, row.peak_mb))
        lines += [f"| {n} | {most:.3g} | {got:.3g} | {'yes' if got <= most else '**no**'} |" for n, most, got in held]
    return [*lines, ""]


def beside_tools(
    title: str,
    folder: Path,
    shape: tuple[int, float],
    rounds: int,
    *extra: str,
    factor: float = 1.0,
    without: Collection[str] = (),
) -> list[str]:
    files = generate(folder, *shape, *extra)
    todo = commands(folder, files, SLOW_FILES, without)
    figures = take_turns(todo, rounds, folder / "log")
    parts = {command.name: command.share for command in todo}
    return [*tool_table(title, figures, parts), *limit_table(figures, factor)]


def scaling(folder: Path, rounds: int, wanted: Collection[str], *, quick: bool) -> tuple[list[str], str]:
    """Measure `stemkit check` over doublings of one thing at a time."""
    part = 0.25 if quick else 1.0
    base = {"files": 8, "seconds": 120 * part, "channels": 2, "rate": 48000}
    steps = {
        "files": (5, 10, 20, 40),
        "seconds": tuple(s * part for s in (60, 120, 240, 480)),
        "channels": (1, 2, 4, 8),
        "rate": (48000, 96000, 192000),
    }
    steps = {what: amounts for what, amounts in steps.items() if what in wanted}
    todo, shapes = [], []
    for what, amounts in steps.items():
        for amount in amounts:
            shape = {**base, what: amount}
            inner = folder / f"{what}-{amount:g}"
            asked = ["--rate", f"{shape['rate']:g}", "--channels", f"{shape['channels']:g}"]
            generate(inner, int(shape["files"]), shape["seconds"], *asked)
            todo.append(Command(f"{what} {amount:g}", [*CHECK, str(inner / "Stems")]))
            shapes.append((what, amount))
    empty = generate(folder / "start", 1, 0.5)
    figures = take_turns([Command("start", [*CHECK, *empty]), *todo], rounds, folder / "log")
    lines = [
        f"Start-up ({figures['start'].cpu_s:.2f} s CPU, {figures['start'].peak_mb:.0f} MB) is part of every figure.",
        f"Where nothing else is said: {base['files']} stereo files of {base['seconds']:g} s at 48 kHz, 24 bits.",
        "",
        "| | CPU s | × the row above | peak MB |",
        "|---|---|---|---|",
    ]
    above: tuple[str, float] = ("", 0.0)
    for what, amount in shapes:
        row = figures[f"{what} {amount:g}"]
        times = f"{row.cpu_s / above[1]:.2f}" if above[0] == what else ""
        lines.append(f"| {amount:g} {what} | {row.cpu_s:.2f} | {times} | {row.peak_mb:.0f} |")
        above = (what, row.cpu_s)
    units = {"files": "files", "seconds": "seconds a file", "channels": "channels", "rate": "Hz"}
    panels = [
        (what.capitalize(), units[what], [(a, figures[f"{what} {a:g}"].cpu_s) for a in amounts])
        for what, amounts in steps.items()
    ]
    return [*lines, ""], plot(panels)


def startup(folder: Path, rounds: int) -> list[str]:
    (file,) = generate(folder / "start", 1, 0.5)
    cached = [argument for argument in CHECK if argument != "--no-cache"]
    keep = {"STEMKIT_CACHE_DIR": str(folder / "cache")}
    todo = [
        Command("`python -c pass`", [sys.executable, "-c", "pass"]),
        Command("`stemkit --help`", [sys.executable, "-m", "stemkit", "--help"]),
        Command("`stemkit check`, one file of half a second", [*CHECK, file]),
        Command("the same file, unchanged since an earlier run", [*cached, file], keep),
    ]
    figures = take_turns(todo, 2 * rounds + 1, folder / "log")
    lines = ["| | CPU s | wall s | peak MB |", "|---|---|---|---|"]
    lines += [f"| {n} | {f.cpu_s:.2f} | {f.wall_s:.2f} | {f.peak_mb:.0f} |" for n, f in figures.items()]
    return [*lines, ""]


def sections(folder: Path, asked: argparse.Namespace) -> Iterator[list[str]]:
    """Yield what was measured, one section after the other."""
    busy = f"{os.getloadavg()[0]:.1f} processes wanted to run when it began"
    kernel = subprocess.run([*TOOL, "kernel"], check=True, capture_output=True, text=True).stdout.strip()
    yield [f"Machine: {machine()}. Kernel: {kernel}. Rounds: {asked.rounds}, taking turns. Load: {busy}.", ""]
    parts, part, without = set(asked.parts.split(",")), 0.1 if asked.quick else 1.0, set(asked.without.split(","))
    if "startup" in parts:
        yield ["### Start-up", "", *startup(folder, asked.rounds)]
    for name, files, seconds in (("set16", 16, 180 * part), ("set40", 40, 240 * part)):
        if name in parts:
            inner = folder / f"song-{files}x{seconds:g}"
            title = f"{files} stems of {seconds:g} s, stereo, 48 kHz, 24 bits"
            yield beside_tools(title, inner, (files, seconds), asked.rounds, "--mix", without=without)
    if "dense" in parts:
        title = f"Dense: 6 files of {180 * part:g} s: white noise, steady sines, clipped noise"
        inner, shape = folder / f"dense-6x{180 * part:g}", (6, 180 * part)
        yield beside_tools(title, inner, shape, asked.rounds, "--kind", "dense", factor=DENSE_FACTOR, without=without)
    if "scaling" in parts:
        table, drawn = scaling(folder / f"scaling-{part:g}", asked.rounds, asked.steps.split(","), quick=asked.quick)
        if asked.plot is not None:
            asked.plot.write_text(drawn, encoding="utf-8")
        yield ["### Twice the work", "", *table]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "stemkit-bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tenth of the length")
    parser.add_argument("--parts", default="startup,set16,set40,dense,scaling")
    parser.add_argument("--without", default="", help="of fallback, sox, python: rows that take long")
    parser.add_argument("--steps", default="files,seconds,channels,rate", help="what the scaling doubles")
    parser.add_argument("--plot", type=Path, help="where the plot of the scaling goes, an SVG")
    parser.add_argument("--delete", action="store_true", help="remove the generated files afterwards")
    asked = parser.parse_args()
    for lines in sections(asked.folder, asked):
        print("\n".join(lines), flush=True)
    if asked.delete:
        shutil.rmtree(asked.folder)


if __name__ == "__main__":
    main()
