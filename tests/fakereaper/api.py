"""The functions of the pretend REAPER, under REAPER's names and with the header's meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakereaper.binding import SIGNATURES, Answer, Pointers
from tests.fakereaper.effects_api import EffectFunctions
from tests.fakereaper.items_api import ItemFunctions
from tests.fakereaper.model import Envelope, Project, Receive, Track
from tests.fakereaper.tabs_api import TabFunctions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["FakeApi"]


class FakeApi(EffectFunctions, ItemFunctions, TabFunctions):
    """One running REAPER: its open project and its settings.

    Parameters
    ----------
    project
        The open project.
    resource_path
        REAPER's folder of settings.
    """

    version = "7.78/stand-in"  # what it answers must never be taken for REAPER's
    device_rate = 48000

    def __init__(self, project: Project, resource_path: Path) -> None:
        self.tabs, self.shown = [project], 0
        self.resource_path = resource_path
        self.pointers = Pointers()
        self.forget_project = self.pointers.forget_one
        self.unsaved: set[int] = set()
        self.quirks: frozenset[str] = frozenset()  # in what this REAPER is not as stemkit assumes
        self.ask = self._unexpected_dialog
        self.answers: list[str] = []  # what the user types into the next dialogs of inputs
        self.undo_points: list[str] = []
        self.lacking: frozenset[str] = frozenset()  # functions that this REAPER is too old for
        self.calls = 0
        self.console = ""
        self.undo_depth = 0
        self.refresh_depth = 0
        self.ext_state: dict[tuple[str, str], str] = {}
        self.deaf: frozenset[str] = frozenset()  # keys that this REAPER does not take
        self.run_action: Callable[[int], object] = lambda _: None
        self.while_rendering: Callable[[], object] = lambda: None
        self.targets: Callable[[], list[str]] = list

    def note(self, name: str, args: tuple[Any, ...], answer: Answer) -> None:
        self.calls += 1

    def _unexpected_dialog(self, title: str) -> None:
        raise AssertionError(f"a dialog is open: {title}")

    def end_tick(self) -> None:
        assert self.undo_depth == 0, "an undo block spans two ticks"
        assert self.refresh_depth == 0, "the window stays frozen"
        self.pointers.forget()

    # program
    def APIExists(self, name: str) -> bool:
        return name in SIGNATURES and hasattr(self, name) and name not in self.lacking

    def GetAppVersion(self) -> str:
        return self.version

    def GetResourcePath(self) -> str:
        return str(self.resource_path)

    def ShowConsoleMsg(self, text: str) -> None:
        self.console += text
        with (self.resource_path / "console.txt").open("a", encoding="utf-8") as stream:
            stream.write(text)

    def ShowMessageBox(self, text: str, title: str, kind: int) -> int:
        self.ShowConsoleMsg(f"[{title}] {text}\n")
        return 6 if kind == 4 else 1  # yes, and OK

    def GetUserFileNameForRead(self, name: str, title: str, extension: str) -> Answer:
        return Answer(False, filenameNeed4096="")

    def GetAudioDeviceInfo(self, attribute: str, text: str, size: int) -> Answer:
        return Answer(attribute == "SRATE", descOut=str(self.device_rate))

    def SetExtState(self, section: str, key: str, value: str, persist: int) -> None:
        self.ext_state[section, key] = value

    def GetExtState(self, section: str, key: str) -> str:
        return self.ext_state.get((section, key), "")

    def DeleteExtState(self, section: str, key: str, persist: int) -> None:
        self.ext_state.pop((section, key), None)

    def GetUserInputs(self, title: str, count: int, captions: str, values: str, size: int) -> Answer:
        self.ShowConsoleMsg(f"[{title}] {captions}: {values!r}\n")
        typed = self.answers.pop(0) if self.answers else None
        if typed is None:
            return Answer(False, retvals_csv=values)
        return Answer(True, retvals_csv=typed + "," * (count - 1 - typed.count(",")))  # empty fields come, too

    def NamedCommandLookup(self, name: str) -> int:
        keys = self.resource_path / "reaper-kb.ini"
        return 55000 if keys.is_file() and f" {name[1:]} " in keys.read_text(encoding="utf-8") else 0

    def Main_OnCommandEx(self, command: int, flag: int, project: Project) -> None:
        if not self.run_own_action(command):
            self.run_action(command)

    def PreventUIRefresh(self, count: int) -> None:
        self.refresh_depth += count

    def Undo_BeginBlock2(self, project: Project) -> None:
        self.undo_depth += 1

    def Undo_EndBlock2(self, project: Project, label: str, flags: int) -> None:
        self.undo_depth -= 1
        self.undo_points.append(label)
        self.unsaved.add(id(project))

    # project
    def EnumProjects(self, index: int, text: str, size: int) -> Answer:
        found = self.project if index == -1 else self.tabs[index] if 0 <= index < len(self.tabs) else None
        return Answer(found, projfnOutOptional="" if found is None else found.path)

    def GetSetProjectInfo(self, project: Project, key: str, value: float, is_set: int) -> float:
        if is_set and key not in self.deaf:
            project.numbers[key] = float(value)
        return project.numbers.get(key, 0.0)

    def GetSetProjectInfo_String(self, project: Project, key: str, text: str, is_set: int) -> Answer:
        if key == "RENDER_TARGETS":
            return Answer(True, valuestrNeedBig=";".join(self.targets()))
        if is_set and key not in self.deaf:
            project.texts[key] = text
        return Answer(True, valuestrNeedBig=project.texts.get(key, ""))

    def GetSetProjectNotes(self, project: Project, is_set: int, text: str, size: int) -> Answer:
        return Answer(notesNeedBig=project.notes)

    def get_config_var_string(self, name: str, text: str, size: int) -> Answer:
        return Answer(name in self.project.config, bufOut=self.project.config.get(name, ""))

    def set_config_var_string(self, name: str, value: str, persist: int) -> int:
        self.project.config[name] = value
        return 1

    def GetProjectTimeOffset(self, project: Project, rounded: int) -> float:
        return project.offset_s

    def GetSet_LoopTimeRange2(
        self, project: Project, is_set: int, loop: int, start: float, end: float, seek: int
    ) -> Answer:
        return Answer(startOut=project.selection[0], endOut=project.selection[1])

    def Master_GetPlayRate(self, project: Project) -> float:
        return project.play_rate

    def CSurf_OnPlayRateChange(self, rate: float) -> None:
        self.project.play_rate = rate

    def GetGlobalAutomationOverride(self) -> int:
        return self.project.automation_override

    def TimeMap_GetTimeSigAtTime(self, project: Project, time: float, *_: Any) -> Answer:
        bpm, numerator, denominator = project.tempo
        return Answer(timesig_numOut=numerator, timesig_denomOut=denominator, tempoOut=bpm)

    def CountTempoTimeSigMarkers(self, project: Project) -> int:
        return len(project.tempo_points)

    def GetTempoTimeSigMarker(self, project: Project, index: int, *_: Any) -> Answer:
        time, bpm, numerator, denominator, linear = project.tempo_points[index]
        return Answer(
            True, timeposOut=time, bpmOut=bpm, timesig_numOut=numerator, timesig_denomOut=denominator,
            lineartempoOut=linear, measureposOut=0, beatposOut=0.0,
        )  # fmt: skip

    def CountProjectMarkers(self, project: Project, *_: Any) -> Answer:
        regions = sum(marker[0] for marker in project.markers)
        return Answer(len(project.markers), num_markersOut=len(project.markers) - regions, num_regionsOut=regions)

    def EnumProjectMarkers3(self, project: Project, index: int, *_: Any) -> Answer:
        region, position, end, name, number, color = project.markers[index]
        told = {"nameOut": name} if "tells-marker-names" in self.quirks else {}
        return Answer(
            index + 1, isrgnOut=region, posOut=position, rgnendOut=end, markrgnindexnumberOut=number, colorOut=color,
            **told,
        )  # fmt: skip

    # tracks
    def CountTracks(self, project: Project) -> int:
        return len(project.tracks)

    def GetTrack(self, project: Project, index: int) -> Track | None:
        return project.tracks[index] if 0 <= index < len(project.tracks) else None

    def GetMasterTrack(self, project: Project) -> Track:
        return project.master

    def GetMasterMuteSoloFlags(self) -> int:
        return self.project.flags & ~1 | int(self.project.master.values["B_MUTE"] != 0)

    def GetSetMediaTrackInfo_String(self, track: Track, key: str, text: str, is_set: int) -> Answer:
        if is_set and key not in self.deaf:
            track.name = text
        return Answer(True, stringNeedBig=track.guid if key == "GUID" else track.name)

    def GetMediaTrackInfo_Value(self, track: Track, key: str) -> float:
        if key.startswith("C_LANEPLAYS:"):
            return float(track.lanes >> int(key.split(":")[1]) & 1)
        return track.values[key]

    def SetMediaTrackInfo_Value(self, track: Track, key: str, value: float) -> bool:
        assert key in track.values, key
        if key not in self.deaf:
            track.values[key] = float(value)
        return True

    def _send(self, track: Track, category: int, index: int) -> Receive:
        assert category == -1
        return track.receives[index]

    def GetTrackNumSends(self, track: Track, category: int) -> int:
        return len(track.receives) if category < 0 else len(track.hardware)

    def GetTrackSendInfo_Value(self, track: Track, category: int, index: int, key: str) -> float:
        if category > 0:
            return track.hardware[index][key]
        send = self._send(track, category, index)
        if key == "P_SRCTRACK":
            return float(self.pointers.address("MediaTrack", send.source))
        if key.startswith("P_ENV:<"):
            return float(self.pointers.address("TrackEnvelope", send.envelopes.get(key.removeprefix("P_ENV:<"))))
        return send.values[key]

    def SetTrackSendInfo_Value(self, track: Track, category: int, index: int, key: str, value: float) -> bool:
        self._send(track, category, index).values[key] = float(value)
        return True

    # envelopes
    def CountTrackEnvelopes(self, track: Track) -> int:
        return len(self._envelopes(track))

    def GetTrackEnvelope(self, track: Track, index: int) -> Envelope:
        return self._envelopes(track)[index]

    def _envelopes(self, track: Track) -> list[Envelope]:
        return track.envelopes + [envelope for effect in track.effects for envelope in effect.envelopes]

    def Envelope_GetParentTrack(self, envelope: Envelope, *_: Any) -> Answer:
        return Answer(None, indexOut=envelope.fx, index2Out=-1)

    def GetEnvelopeStateChunk(self, envelope: Envelope, text: str, size: int, undo: int) -> Answer:
        return Answer(True, strNeedBig=envelope.text)

    def GetSetEnvelopeInfo_String(self, envelope: Envelope, key: str, text: str, is_set: int) -> Answer:
        assert key == "ACTIVE"
        if is_set:
            envelope.active = text
        return Answer(True, stringNeedBig=envelope.active)

    def DeleteTrack(self, track: Track) -> None:
        self.project.tracks.remove(track)

    def UpdateArrange(self) -> None:
        assert self.refresh_depth == 0
