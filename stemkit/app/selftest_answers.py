"""From what the self-test saw to a verdict on each assumption."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemkit.app.assumptions import ASSUMPTIONS
from stemkit.app.selftest_evidence import Answer, NotAskedError
from stemkit.app.selftest_levels import LEVELS, amplitude
from stemkit.app.selftest_probes import SHORT_FRAMES
from stemkit.app.selftest_song import FRAMES, guid_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from stemkit.app.selftest_evidence import Evidence

__all__ = ["answers"]

_SAME_MIX_DB = -100.0


def answers(evidence: Evidence) -> tuple[Answer, ...]:
    """Give a verdict on every assumption, in their order."""
    return tuple(_answer(name, evidence) for name in ASSUMPTIONS)


def _answer(name: str, evidence: Evidence) -> Answer:
    try:
        if name in LEVELS:
            verdict, found = _by_level(name, evidence)
        elif name in _NOT_HERE:
            raise NotAskedError(_NOT_HERE[name])  # noqa: TRY301  (one place makes the answer)
        else:
            verdict, found = _ASKED[name](evidence)
    except NotAskedError as reason:
        return Answer(name, "could not be asked", str(reason))
    except KeyError:
        return Answer(name, "could not be asked", evidence.stopped or "an earlier step gave nothing to look at")
    return Answer(name, "confirmed" if verdict else "contradicted", found)


_Finding = tuple[bool, str]


def _by_level(name: str, evidence: Evidence) -> _Finding:
    faults = [fault for level in LEVELS[name] if (fault := level.fault(evidence.file(level.probe, level.key)))]
    return not faults, "; ".join(faults) or "measured"


def _code(evidence: Evidence, probe: str) -> str:
    failure = evidence.status(probe)["failure"]
    return str(failure[0]) if failure is not None else ""


def _said(evidence: Evidence, probe: str) -> str:
    failure = evidence.status(probe)["failure"]
    return str(failure[1]) if failure is not None else "rendered"


def _succeeds(probe: str, *codes: str) -> Callable[[Evidence], _Finding]:
    """Ask a render: it went well, or failed for one of these reasons, or for another that tells nothing."""

    def ask(evidence: Evidence) -> _Finding:
        code = _code(evidence, probe)
        if code and code not in codes:
            raise NotAskedError(_said(evidence, probe))
        return not code, _said(evidence, probe)

    return ask


def _names(evidence: Evidence, probe: str) -> list[str]:
    if _code(evidence, probe):
        raise NotAskedError(_said(evidence, probe))
    return [Path(path).name for path in evidence.status(probe)["files"].get(probe, {}).values()]


def _settings_2(evidence: Evidence) -> _Finding:
    names = _names(evidence, "settings-2")
    return len(names) != 3, f"3 tracks selected, {len(names)} files named"


def _tracknumber(evidence: Evidence) -> _Finding:
    if _code(evidence, "stems") == "targets":
        return False, _said(evidence, "stems")
    files = {number: evidence.file("stems", guid_of(number)).stem for number in (1, 2, 16)}
    told = ", ".join(files.values())
    return [int(name.removeprefix("sk_")) for name in files.values()] == list(files), told


def _track_names(evidence: Evidence) -> _Finding:
    names = _names(evidence, "names")
    return len(set(names)) == len(names) == 16, ", ".join(names)


def _float_format(evidence: Evidence) -> _Finding:
    import soundfile

    info = soundfile.info(evidence.file("stems", guid_of(1)))
    return info.subtype == "FLOAT" and info.format in {"WAV", "WAVEX", "RF64"}, f"{info.format}, {info.subtype}"


def _rounding(evidence: Evidence) -> _Finding:
    import soundfile

    wanted = {"short-1": SHORT_FRAMES, "short-2": SHORT_FRAMES + 1, "short-3": SHORT_FRAMES, "stems": FRAMES}
    found = {probe: soundfile.info(evidence.file(probe, guid_of(1))).frames for probe in wanted}
    return (
        found == wanted,
        f"{', '.join(map(str, found.values()))} frames, expected {', '.join(map(str, wanted.values()))}",
    )


def _targets_list_silent(evidence: Evidence) -> _Finding:
    code = _code(evidence, "skip-silent")
    if not code:
        return False, "the silent file was written"
    return _succeeds("skip-silent", "targets")(evidence) if code != "fewer_files" else (True, "named and not written")


def _keeps_settings(evidence: Evidence) -> _Finding:
    changed = sorted({" ".join(map(str, name)) for seen in _watched(evidence) for name in seen["changed"]})
    return not changed, f"changed: {', '.join(changed)}" if changed else "unchanged"


def _ticks(evidence: Evidence) -> _Finding:
    entered = sum(seen["entered"] for seen in _watched(evidence))
    seconds = sum(seen["render_s"] for seen in _watched(evidence))
    return not entered, f"{entered} in {seconds:.2f} s of rendering"


def _watched(evidence: Evidence) -> list[dict[str, Any]]:
    found = [seen for status in evidence.renders.values() for seen in status["seen"].values()]
    if not found:
        raise NotAskedError(evidence.stopped or "nothing was rendered")
    return found


def _read_back(evidence: Evidence) -> _Finding:
    refused = [
        _said(evidence, probe)
        for probe in evidence.renders
        if _code(evidence, probe) == "not_taken" and probe not in {"play-rate", "config", "mix-mono"}
    ]
    if not evidence.renders:
        raise NotAskedError(evidence.stopped)
    return not refused, "; ".join(refused) or "every one"


def _restored(evidence: Evidence) -> _Finding:
    left = [told for status in evidence.renders.values() for told in status["not_restored"]]
    different = evidence.seen["song_changed"]
    return not left and not different, "; ".join([*left[:3], *different[:8]]) or "every value, after every render"


def _mono(evidence: Evidence) -> _Finding:
    if _code(evidence, "mix-mono") == "not_taken":
        return False, _said(evidence, "mix-mono")
    left = amplitude(evidence.file("mix-mono", ""), 0, 300)
    right = amplitude(evidence.file("mix-mono", ""), 1, 300)
    return right > 0 and abs(left - right) < 1e-4, f"a tone on the left is heard with {left:.4f} and {right:.4f}"


def _stems_add_up(evidence: Evidence) -> _Finding:
    found = evidence.seen["whole_way"]
    if isinstance(found, str):
        return False, found
    return found <= _SAME_MIX_DB, f"{found:.0f} dB between their sum and the proof mix"


def _shapes(evidence: Evidence) -> _Finding:
    shapes = evidence.seen["shapes"]
    good = shapes["lengths"] == [4, 5, 5, 9] and shapes["flag"] == "1"
    good = good and shapes["project"] == "(ReaProject*" and shapes["track"] == "(MediaTrack*)0"
    return good, f"lengths {shapes['lengths']}, a truth is {shapes['flag']}, {shapes['track']}…"


def _marker_names(evidence: Evidence) -> _Finding:
    name = evidence.seen["shapes"]["marker_name"]
    return name != "stemkit", f"asked for the name of a marker, it says {name[:40]!r}"


def _kb_quotes(evidence: Evidence) -> _Finding:
    if not evidence.seen["shapes"]["action"]:
        raise NotAskedError("stemkit's actions are not in this REAPER's list: setup did not run, or REAPER before it")
    return True, "REAPER knows stemkit's actions by their ids"


def _config_names(evidence: Evidence) -> _Finding:
    config = evidence.seen["config"]
    missing = [key for key in ("panlaw", "panmode", "itemmixflag", "projmeasoffs") if config.get(key) is None]
    if missing:
        return False, f"not known: {', '.join(missing)}"
    return _song_field(".pan.", ".item_mix", ".measure_offset")(evidence)


def _by_script(evidence: Evidence) -> _Finding:
    if not evidence.seen["can_set_config"]:
        return False, "this REAPER has no such function"
    return _succeeds("config", "not_taken")(evidence)


def _song_field(*words: str) -> Callable[[Evidence], _Finding]:
    """Ask whether REAPER told a part of the test song as it stands in the song's file."""

    def ask(evidence: Evidence) -> _Finding:
        found = [name for name in evidence.seen["song_differences"] if any(word in name for word in words)]
        return not found, f"different from the file: {', '.join(found[:8])}" if found else "as in the test song's file"

    return ask


def _snapshot_is_file(evidence: Evidence) -> _Finding:
    found = evidence.seen["copy_differences"]
    if isinstance(found, str):
        raise NotAskedError(found)
    return (
        not found,
        f"{len(found)} fields differ: {', '.join(found[:12])}" if found else "every field that REAPER tells",
    )


def _flagged(key: str, otherwise: str) -> Callable[[Evidence], _Finding]:
    def ask(evidence: Evidence) -> _Finding:
        good = bool(evidence.seen[key])
        return good, "so it was" if good else otherwise

    return ask


def _untouched(evidence: Evidence) -> _Finding:
    changed = evidence.seen["project_changed"]
    return not changed, f"changed: {', '.join(changed[:8])}" if changed else "every value of its snapshot"


_NO_FILES = ("no_file", "fewer_files", "wrong_length")
_ASKED: dict[str, Callable[[Evidence], _Finding]] = {
    "settings-3-is-stems": _succeeds("stems", "targets"),
    "settings-2-is-no-stems": _settings_2,
    "targets-before-render": _succeeds("stems", "targets", "no_file", "fewer_files"),
    "targets-list-silent": _targets_list_silent,
    "tracknumber": _tracknumber,
    "track-names": _track_names,
    "float-format": _float_format,
    "frame-rounding": _rounding,
    "tail-with-custom-bounds": _succeeds("tail", "wrong_length"),
    "render-blocks": _succeeds("stems", *_NO_FILES),
    "render-keeps-settings": _keeps_settings,
    "ticks-during-render": _ticks,
    "settings-read-back": _read_back,
    "restore-complete": _restored,
    "master-mono": _mono,
    "stems-add-up": _stems_add_up,
    "answer-shapes": _shapes,
    "config-names": _config_names,
    "config-by-script": _by_script,
    "play-rate": _succeeds("play-rate", "not_taken"),
    "envelope-chunk": _song_field(".envelopes"),
    "send-envelope-pointer": _song_field(".receives[0].envelopes"),
    "source-pointer": _song_field(".source_guid", ".receives (count)"),
    "effect-guid": _song_field(".guid"),
    "wet-parameter": _song_field(".wet"),
    "original-name": _song_field(".effects[0].name", ".effects[0].alias"),
    "marker-names": _marker_names,
    "snapshot-is-file": _snapshot_is_file,
    "project-tabs": _flagged("closed", "the tab is still open, or another one is shown now"),
    "copy-keeps-name": _flagged("copy_keeps_name", "the open project is now known by the name of its copy"),
    "project-untouched": _untouched,
    "kb-quotes": _kb_quotes,
}
_NOT_HERE: dict[str, str] = {
    "container": "the test song has none, because older REAPERs could not load it",
    "startup-script": "REAPER would have to be started again",
    "exit-runs": "it would end the link",
    "files-exist-dialog": "it would open a dialog",
    "missing-media-dialog": "it would open a dialog",
    "render-stats-renders": "it could open a dialog",
    "dry-run-actions": "stemkit does not use them",
    "renderproject-stems": "it takes another REAPER, without a window",
    "exit-codes": "it takes another REAPER, without a window",
}
