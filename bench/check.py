"""What `stemkit check` costs: beside other tools, by the amount of work, and at start-up. Prints Markdown.

    python bench/check.py [--folder DIR] [--rounds 5] [--quick] [--parts sets,dense,scaling,startup]
                          [--update docs/performance.md] [--delete]

Every figure is the median of whole processes that took turns in this one run: CPU is user and system time together.
The generated files (5 GB; 0.3 GB with --quick) stay in DIR for the next run unless --delete is given. Tools that are
not installed are left out. The slow ones get a part of the files and are scaled up by the bytes, as their row says.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from svg import plot
from timing import Command, Figures, machine, take_turns

HERE = Path(__file__).resolve().parent
CHECK = (sys.executable, "-m", "stemkit", "check", "--no-cache", "--quiet", "--fail-on", "never", "--format", "json")
TOOL = (sys.executable, str(HERE / "one_tool.py"))
FFMPEG = (
    'for f; do ffmpeg -nostdin -hide_banner -loglevel error -i "$f" -af ebur128=peak=true -f null - || exit 1; done'
)
SOX = 'for f; do sox "$f" -n stats || exit 1; done'
PLAIN, WITH_MIX, CORE, FALLBACK = "`stemkit check`", "`stemkit check --mix`", "core pass alone", "without the kernel"
CAT, FFMPEG_NAME = "`cat`", "`ffmpeg -af ebur128=peak=true`"


@dataclass(frozen=True)
class Limit:
    """What the project promises of one row: at most a part of ffmpeg's CPU, times `cat`'s, and of memory."""

    row: str
    of_ffmpeg: float
    of_cat: float | None = None
    peak_mb: float | None = None


LIMITS = (
    Limit(PLAIN, 1 / 7, 25, 150),
    Limit(WITH_MIX, 1 / 4, 40),
    Limit(CORE, 1 / 15, 10),
    Limit(FALLBACK, 1 / 2),
)
DENSE_FACTOR = 1.5


def generate(folder: Path, files: int, seconds: float, *extra: str) -> list[str]:
    """Have a process of its own make a set, so that this one stays small; return the stems."""
    subprocess.run([sys.executable, str(HERE / "sets.py"), str(folder), str(files), str(seconds), *extra], check=True)
    return [str(path) for path in sorted((folder / "Stems").glob("*.wav"))]


def commands(folder: Path, files: list[str], slow_files: int) -> list[Command]:
    stems, mix = str(folder / "Stems"), folder / "Rough_Mix.wav"
    few = files[:slow_files]
    part = sum(Path(f).stat().st_size for f in few) / sum(Path(f).stat().st_size for f in files)
    found = [
        Command(CAT, ["cat", *files]),
        Command(PLAIN, [*CHECK, stems]),
        Command(CORE, [*TOOL, "core", *files]),
        Command(FALLBACK, [*CHECK, stems], {"STEMKIT_KERNEL": "numpy"}),
    ]
    if mix.exists():
        found.insert(2, Command(WITH_MIX, [*CHECK, stems, "--mix", str(mix)]))
    if shutil.which("ffmpeg"):
        found.append(Command(FFMPEG_NAME, ["sh", "-c", FFMPEG, "sh", *few], share=part))
    if shutil.which("sox"):
        found.append(Command("`sox … -n stats`", ["sh", "-c", SOX, "sh", *few], share=part))
    modules = [module for module in ("pyebur128", "pyloudnorm") if find_spec(module)]
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
        share = factor * limit.of_ffmpeg
        held = [(f"{limit.row}: of ffmpeg's CPU", share, row.cpu_s / ffmpeg)]
        if limit.of_cat is not None:
            held.append((f"{limit.row}: × `cat`", factor * limit.of_cat, row.cpu_s / cat))
        if limit.peak_mb is not None:
            held.append((f"{limit.row}: peak MB", limit.peak_mb, row.peak_mb))
        lines += [f"| {n} | {most:.3g} | {got:.3g} | {'yes' if got <= most else '**no**'} |" for n, most, got in held]
    return [*lines, ""]


def beside_tools(
    title: str, folder: Path, shape: tuple[int, float], rounds: int, *extra: str, factor: float = 1.0, slow: int = 4
) -> list[str]:
    files = generate(folder, *shape, *extra)
    todo = commands(folder, files, min(slow, len(files)))
    figures = take_turns(todo, rounds, folder / "log")
    parts = {command.name: command.share for command in todo}
    return [*tool_table(title, figures, parts), *limit_table(figures, factor)]


def scaling(folder: Path, rounds: int, *, quick: bool) -> tuple[list[str], str]:
    """Measure `stemkit check` over doublings of one thing at a time."""
    part = 0.25 if quick else 1.0
    base = {"files": 8, "seconds": 120 * part, "channels": 2, "rate": 48000}
    steps = {
        "files": (5, 10, 20, 40),
        "seconds": tuple(s * part for s in (60, 120, 240, 480)),
        "channels": (1, 2, 4, 8),
        "rate": (48000, 96000, 192000),
    }
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


def run(folder: Path, parts: set[str], rounds: int, *, quick: bool) -> tuple[list[str], str]:
    kernel = subprocess.run([*TOOL, "kernel"], check=True, capture_output=True, text=True).stdout.strip()
    lines, drawn = [f"Machine: {machine()}. Kernel: {kernel}. Rounds: {rounds}, taking turns.", ""], ""
    part = 0.1 if quick else 1.0
    if "startup" in parts:
        lines += ["## Start-up", "", *startup(folder, rounds)]
    if "sets" in parts:
        lines += ["## Beside other tools", ""]
        for files, seconds in ((16, 180 * part), (40, 240 * part)):
            inner = folder / f"song-{files}x{seconds:g}"
            title = f"{files} stems of {seconds:g} s, stereo, 48 kHz, 24 bits"
            lines += beside_tools(title, inner, (files, seconds), rounds, "--mix")
    if "dense" in parts:
        lines += ["## Dense material", ""]
        title = f"6 files of {180 * part:g} s: white noise, steady sines, clipped noise"
        inner = folder / f"dense-6x{180 * part:g}"
        lines += beside_tools(title, inner, (6, 180 * part), rounds, "--kind", "dense", factor=DENSE_FACTOR, slow=3)
    if "scaling" in parts:
        table, drawn = scaling(folder / ("scaling-quick" if quick else "scaling"), rounds, quick=quick)
        lines += ["## Twice the work", "", *table]
    return lines, drawn


def update(page: Path, lines: list[str], drawn: str) -> None:
    """Put the figures between the marks of a page, and the plot beside its other pictures."""
    text = page.read_text(encoding="utf-8")
    figures = "<!-- figures -->\n" + "\n".join(lines) + "<!-- end of figures -->"
    page.write_text(
        re.sub(r"<!-- figures -->.*<!-- end of figures -->", lambda _: figures, text, flags=re.DOTALL), encoding="utf-8"
    )
    if drawn:
        (page.parent / "images" / "performance.svg").write_text(drawn, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "stemkit-bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tenth of the length")
    parser.add_argument("--parts", default="startup,sets,dense,scaling")
    parser.add_argument("--update", type=Path, help="a Markdown page with the marks of the figures")
    parser.add_argument("--delete", action="store_true", help="remove the generated files afterwards")
    asked = parser.parse_args()
    lines, drawn = run(asked.folder, set(asked.parts.split(",")), asked.rounds, quick=asked.quick)
    print("\n".join(lines))
    if asked.update is not None:
        update(asked.update, lines, drawn)
    if asked.delete:
        shutil.rmtree(asked.folder)


if __name__ == "__main__":
    main()
