"""What stemkit assumes about REAPER, by name. ``docs/reaper-matrix.md`` shows this table."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ASSUMPTIONS", "Assumption"]


@dataclass(frozen=True, slots=True)
class Assumption:
    """One sentence about REAPER. `rests` is what would be wrong if it were not so; empty: nothing."""

    says: str
    rests: str = ""


ASSUMPTIONS: dict[str, Assumption] = {
    # which files a render gives
    "settings-3-is-stems": Assumption("`RENDER_SETTINGS` 3 renders the selected tracks alone", "every stem"),
    "settings-2-is-no-stems": Assumption("`RENDER_SETTINGS` 2 alone does not render the selected tracks"),
    "settings-128-via-master": Assumption("`RENDER_SETTINGS` 128 renders selected tracks through the master"),
    "targets-before-render": Assumption(
        "`RENDER_TARGETS` tells the exact paths before the render", "the map from file to track"
    ),
    "targets-list-silent": Assumption("`RENDER_TARGETS` also lists files that are left out because they are silent"),
    "tracknumber": Assumption("`$tracknumber` counts from 1, padded with zeros or not", "the map from file to track"),
    "track-names": Assumption("two tracks of one name give two file names by `$track`"),
    "float-format": Assumption("`ZXZhdyAAAQ==` is WAV with 32-bit float", "all audio"),
    "frame-rounding": Assumption(
        "start and end are rounded to the nearest frame", "lengths; one frame more or less is mended"
    ),
    "tail-with-custom-bounds": Assumption("bit 1 of `RENDER_TAILFLAG` adds the tail to custom bounds"),
    # how a render goes
    "render-blocks": Assumption(
        "action 42230 returns when the files are written",
        "the state machine; a REAPER that returns sooner is taken for a cancelled render",
    ),
    "render-keeps-settings": Assumption("action 42230 leaves the render settings as they are"),
    "ticks-during-render": Assumption("timers do not run scripts while 42230 renders"),
    "settings-read-back": Assumption("every value reads back as it was set", "refusing and restoring"),
    "restore-complete": Assumption("every value can be put back", "the project after a render"),
    # what a stem holds
    "stem-has-fader": Assumption("a stem is behind the track's fader and pan", "levels of all stems"),
    "stem-has-effects": Assumption("a stem is behind the track's effects", "levels of all stems"),
    "stem-without-folder": Assumption("a stem is before its folder's fader, and before the master", "levels of stems"),
    "folder-stem-has-children": Assumption(
        "the stem of a folder holds its children", "folders with a sound of their own, groups"
    ),
    "main-send-off-is-heard": Assumption(
        "a track whose main send is off still gives a stem", "tracks that reach the master only through a bus"
    ),
    "main-send-off-empties-folder": Assumption(
        "a child whose main send is off is not heard in its folder's stem", "folders with a sound of their own"
    ),
    "sends-reach-returns": Assumption(
        "a return's stem holds what is sent to it, behind the senders' faders", "returns"
    ),
    "muted-send-is-silent": Assumption("a muted receive is not heard", "wet versions"),
    "muted-track-is-silent": Assumption("a muted track gives silence", "which tracks give stems"),
    "muted-parent": Assumption("children of a muted folder are silent in the mix", "which tracks give stems"),
    "trim-read": Assumption(
        "in trim/read fader and envelope multiply, in read the envelope replaces the fader",
        "what is said of automation; the sound is REAPER's own",
    ),
    "effect-off": Assumption("an effect is switched off by its GUID", "dry versions"),
    # the mixes
    "mix-has-master": Assumption(
        "`RENDER_SETTINGS` 0 renders through the master's effects, envelope and fader", "the rough mix"
    ),
    "master-effects-off": Assumption("`I_FXEN` 0 on the master bypasses its effects", "the proof mix"),
    "master-envelope-off": Assumption("`ACTIVE` 0 switches an envelope off", "the proof mix"),
    "master-mono": Assumption("action 40917 switches the master's mono button", "the proof mix of a master in mono"),
    "stems-add-up": Assumption("the stems of the live engine add up to its proof mix", "the whole live way"),
    # what the snapshot reads
    "answer-shapes": Assumption(
        "functions answer with the tuples that REAPER's binding of 2022 made", "everything live"
    ),
    "config-names": Assumption(
        "`panlaw`, `panmode`, `itemmixflag`, `projmeasoffs` are the names of those values",
        "pan laws and bar numbers of the open project",
    ),
    "config-by-script": Assumption(
        "`set_config_var_string` with persist 0 changes a preference", "file names that REAPER counts up"
    ),
    "play-rate": Assumption(
        "`CSurf_OnPlayRateChange` sets the project's play rate", "projects with a play rate other than 1"
    ),
    "envelope-chunk": Assumption("`GetEnvelopeStateChunk` gives the block that stands in a project", "automation"),
    "send-envelope-pointer": Assumption("`P_ENV:<VOLENV` of a receive is a pointer as a number", "automation of sends"),
    "source-pointer": Assumption("`P_SRCTRACK` of a receive is a pointer as a number", "sends"),
    "effect-guid": Assumption("`guidToString` takes the pointer of `TrackFX_GetFXGUID`", "dry versions"),
    "wet-parameter": Assumption("the identifier `:wet` finds an effect's wet knob", "effects that are turned down"),
    "original-name": Assumption(
        "`original_name` and `renamed_name` tell an effect's own name and the user's", "names of effects"
    ),
    "container": Assumption(
        "`container_count` and `container_item.N` tell what a container holds (7.06)", "effects in containers"
    ),
    "marker-names": Assumption("the Python binding cannot give names of markers"),
    "snapshot-is-file": Assumption(
        "a saved project, read as a file, is what the snapshot told", "inspecting the open project"
    ),
    # tabs and files
    "project-tabs": Assumption("actions 40859 and 40860 open and close a project tab without a question"),
    "copy-keeps-name": Assumption("`Main_SaveProjectEx` without bit 8 leaves the project its name"),
    "project-untouched": Assumption("the project in the other tab is as it was after all this", "the self-test itself"),
    # setup
    "kb-quotes": Assumption("paths in `reaper-kb.ini` may stand in quotes", "the list of actions"),
    "startup-script": Assumption("`Scripts/__startup.lua` runs when REAPER starts", "starting the link with REAPER"),
    "exit-runs": Assumption(
        "functions given to `RPR_atexit` run when a script is stopped", "restoring at once; else the journal"
    ),
    # what would need a dialog, another REAPER, or serves nothing here
    "files-exist-dialog": Assumption("a file in the way opens a dialog", "nothing is rendered over a file"),
    "missing-media-dialog": Assumption("missing media open a dialog when a project is loaded", "the headless engine"),
    "render-stats-renders": Assumption("a render's own action id given to `RENDER_STATS` renders again"),
    "dry-run-actions": Assumption("42439 measures the selected tracks without a render, 42440 and 42441 the master"),
    "renderproject-stems": Assumption(
        "`-renderproject` renders stems by the project's settings", "the headless engine"
    ),
    "exit-codes": Assumption("REAPER's exit code says nothing about a render", "the headless engine"),
}
