"""The render settings, markers and tempo of a project, as the pretend REAPER holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakereaper.model import Project
    from tests.fakereaper.project_tree import Node

__all__ = ["load_settings"]


def load_settings(project: Project, root: Node) -> None:
    places = {
        "RENDER_SETTINGS": ("RENDER_STEMS", 0, 0), "RENDER_BOUNDSFLAG": ("RENDER_RANGE", 0, 1),
        "RENDER_STARTPOS": ("RENDER_RANGE", 1, 0), "RENDER_ENDPOS": ("RENDER_RANGE", 2, 0),
        "RENDER_TAILFLAG": ("RENDER_RANGE", 3, 0), "RENDER_TAILMS": ("RENDER_RANGE", 4, 0),
        "RENDER_CHANNELS": ("RENDER_FMT", 1, 2), "RENDER_SRATE": ("RENDER_FMT", 2, 0),
        "RENDER_ADDTOPROJ": ("RENDER_ADDTOPROJ", 0, 0), "RENDER_DITHER": ("RENDER_DITHER", 0, 0),
        "RENDER_NORMALIZE": ("RENDER_NORMALIZE", 0, 0), "RENDER_NORMALIZE_TARGET": ("RENDER_NORMALIZE", 1, 0),
        "RENDER_BRICKWALL": ("RENDER_NORMALIZE", 2, 0), "RENDER_FADEIN": ("RENDER_NORMALIZE", 3, 0),
        "RENDER_FADEOUT": ("RENDER_NORMALIZE", 4, 0), "RENDER_FADEINSHAPE": ("RENDER_NORMALIZE", 5, 0),
        "RENDER_FADEOUTSHAPE": ("RENDER_NORMALIZE", 6, 0), "RENDER_TRIMSTART": ("RENDER_TRIM", 0, 0),
        "RENDER_TRIMEND": ("RENDER_TRIM", 1, 0), "RENDER_PADSTART": ("RENDER_TRIM", 2, 0),
        "RENDER_PADEND": ("RENDER_TRIM", 3, 0), "RENDER_DELAY": ("RENDER_DELAY", 0, 0),
        "PROJECT_SRATE": ("SAMPLERATE", 0, 0), "PROJECT_SRATE_USE": ("SAMPLERATE", 1, 0),
    }  # fmt: skip
    project.numbers = {key: root.number(*place) for key, place in places.items()}
    for key, tag in (("RENDER_FORMAT", "RENDER_CFG"), ("RENDER_FORMAT2", "RENDER_CFG2")):
        block = root.node(tag)
        project.texts[key] = "".join(line for line in block.body if isinstance(line, str)) if block else ""
    project.texts |= {
        "RENDER_FILE": root.text("RENDER_FILE"), "RENDER_PATTERN": root.text("RENDER_PATTERN"),
        "PROJECT_TITLE": root.text("TITLE"), "PROJECT_AUTHOR": root.text("AUTHOR"),
    }  # fmt: skip
    config = {"panlaw": "PANLAW", "panmode": "PANMODE", "panlawflags": "PANLAWFLAGS", "itemmixflag": "ITEMMIX"}
    config |= {"projrenderlimit": "RENDER_1X", "projrenderresample": "RENDER_RESAMPLE"}
    project.config |= {name: root.text(key) for name, key in config.items() if root.line(key) is not None}
    project.config["projmeasoffs"] = str(int(root.number("PROJOFFS", 1)))
    notes = root.node("NOTES")
    project.notes = notes.notes() if notes is not None else ""
    project.offset_s = root.number("PROJOFFS")
    project.selection = (root.number("SELECTION"), root.number("SELECTION", 1))
    project.play_rate = root.number("PLAYRATE", 0, 1.0)
    override = int(root.number("GLOBAL_AUTO", 0, -1))
    project.automation_override = 5 if override == 6 else override
    project.tempo = (root.number("TEMPO", 0, 120.0), int(root.number("TEMPO", 1, 4)), int(root.number("TEMPO", 2, 4)))
    _load_markers(project, root)
    _load_tempo(project, root)


def _load_markers(project: Project, root: Node) -> None:
    open_regions: dict[int, int] = {}
    for written in root.lines("MARKER"):
        tokens = written + ["", "0", "0"][max(0, len(written) - 2) :]
        number, position, flags = int(tokens[0]), float(tokens[1]), int(tokens[3] or 0)
        if not flags & 1:
            project.markers.append((0, position, 0.0, tokens[2], number, int(tokens[4])))
        elif number in open_regions:
            place = open_regions.pop(number)
            old = project.markers[place]
            project.markers[place] = (1, old[1], position, *old[3:])
        else:
            open_regions[number] = len(project.markers)
            project.markers.append((1, position, position, tokens[2], number, int(tokens[4])))


def _load_tempo(project: Project, root: Node) -> None:
    block = root.node("TEMPOENVEX")
    if block is None or block.number("ACT") == 0:
        return
    for tokens in block.lines("PT"):
        meter = int(tokens[3]) if len(tokens) > 3 else 0
        linear = 0 if len(tokens) > 2 and tokens[2] == "1" else 1
        project.tempo_points.append((float(tokens[0]), float(tokens[1]), meter % 65536, meter // 65536, linear))
    if project.tempo_points and project.tempo_points[0][0] <= 0:
        first = project.tempo_points[0]
        project.tempo = (first[1], first[2] or project.tempo[1], first[3] or project.tempo[2])
