"""Each rule at its line, from the file to the finding, in every usual format.

A row of `ROWS` makes files that carry one figure. Figures in `fine` lie on the line's good side or, where the line is
reached exactly, on it; figures in `faulty` lie on its other side, as near as the format and the measurement allow.
Rules without a figure have a row with what they look for absent (0) and present (1). The last channel carries it; the
first carries something quieter.

Where a rule has nothing to judge in some formats, `blind` says which and why, and there it must stay silent. Rules
that no row tries stand in `ELSEWHERE`, each with its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stemkit.app.check import check
from stemkit.rules.catalogue import all_rules
from stemkit.rules.profiles import load_profile
from tests.rules import line_headers as headers
from tests.rules import line_sounds as sounds
from tests.rules.line_files import BITS, SETTINGS, Setting, Stored

if TYPE_CHECKING:
    from pathlib import Path

    from stemkit.rules.profiles import Profile

Make = Callable[[Setting, float], Any]  # to samples, one file or several

FAR = -np.inf
MIX_PREP = load_profile("mix-prep")
STEM_MASTERING = load_profile("stem-mastering")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A rule, a figure that it judges, and files that carry it."""

    rule: str
    make: Make
    fine: tuple[float, ...]
    faulty: tuple[float, ...]
    coarse: tuple[tuple[float, ...], tuple[float, ...]] | None = None  # fine and faulty at 16 bits
    measured_within: float | None = None  # how far the finding's figure may be from the file's
    profile: Callable[[Setting], Profile] = lambda _setting: MIX_PREP
    blind: Callable[[Setting], bool] = lambda _setting: False
    reason: str = ""  # why it is blind there

    def figures(self, setting: Setting) -> tuple[tuple[float, ...], tuple[float, ...]]:
        return self.coarse if self.coarse is not None and setting.encoding == "pcm16" else (self.fine, self.faulty)


def with_limits(section: str, **limits: Any) -> Callable[[Setting], Profile]:
    """Return the usual profile with other limits; a limit that is a function is asked about the setting."""

    def profile(setting: Setting) -> Profile:
        given = {name: limit(setting) if callable(limit) else limit for name, limit in limits.items()}
        return replace(MIX_PREP, **{section: replace(getattr(MIX_PREP, section), **given)})

    return profile


def is_mono(setting: Setting) -> bool:
    return setting.channels == 1


def has_16_bits(setting: Setting) -> bool:
    return setting.encoding == "pcm16"


def has_integers(setting: Setting) -> bool:
    return setting.encoding != "float32"


PRESENT: dict[str, Any] = {"fine": (0,), "faulty": (1,)}
STEREO_ONLY: dict[str, Any] = {"blind": is_mono, "reason": "one channel has no other side"}
ROWS = (
    Row(rule="SK201", make=headers.either(headers.one_of(), headers.one_of(form="AIFF")), **PRESENT),
    Row(
        rule="SK202",
        make=headers.either(headers.one_of(), headers.one_of()),
        fine=(0,),
        faulty=(),
        profile=with_limits("format", encoding=lambda setting: (setting.encoding,)),
    ),
    Row(
        rule="SK202",
        make=headers.either(headers.one_of(), headers.one_of()),
        fine=(),
        faulty=(1,),
        profile=with_limits("format", encoding=lambda setting: tuple({*BITS, "float32"} - {setting.encoding})),
    ),
    Row(
        rule="SK203",
        make=headers.either(headers.named("01_Kick.wav", "02_Snare.wav"), headers.of_other_rate),
        **PRESENT,
    ),
    Row(rule="SK204", make=headers.short_of, fine=(0,), faulty=(1, 100)),
    Row(
        rule="SK205",
        make=headers.of_more_channels,
        fine=(0,),
        faulty=(1, 2),
        profile=with_limits("format", channels=lambda setting: (setting.channels,)),
    ),
    Row(rule="SK206", make=sounds.coded, **PRESENT),
    Row(
        rule="SK207",
        make=sounds.on_grid,
        fine=(17, 18),
        faulty=(15, 16),
        measured_within=0,
        blind=has_16_bits,
        reason="16 bits in a 16-bit file are all that it has",
    ),
    Row(rule="SK208", make=sounds.converted_up, **PRESENT),
    Row(
        rule="SK209",
        make=headers.not_numbers,
        fine=(0,),
        faulty=(1, 5),
        measured_within=0,
        blind=has_integers,
        reason="integers are all numbers",
    ),
    Row(rule="SK210", make=headers.either(headers.claiming(1), headers.claiming(2)), **PRESENT),
    Row(rule="SK301", make=sounds.peaking_at, fine=(-3.01, -3), faulty=(-2.99, -1), measured_within=0.01),
    Row(rule="SK302", make=sounds.peaking_at, fine=(-5.99, -6), faulty=(-6.01, -9), measured_within=0.01),
    Row(rule="SK303", make=sounds.at_full_scale(1), fine=(1, 2), faulty=(3, 4)),
    Row(rule="SK303", make=sounds.at_full_scale(-1), fine=(1, 2), faulty=(3, 4)),
    Row(rule="SK304", make=sounds.flattened, fine=(0, 9), faulty=(10, 11), measured_within=0),
    Row(rule="SK305", make=sounds.between_samples, fine=(-1, -0.1), faulty=(0.1, 1), measured_within=0.1),
    Row(rule="SK306", make=sounds.with_dc, fine=(-60, -50.01), faulty=(-49.99, -40), measured_within=0.1),
    Row(
        rule="SK307",
        make=sounds.summing_to,
        fine=(-3.02, -3),
        faulty=(-2.98,),
        measured_within=0.02,
        profile=lambda _setting: STEM_MASTERING,
    ),
    Row(rule="SK401", make=sounds.of_two_lengths, fine=(0,), faulty=(1, 2)),
    Row(
        rule="SK401",
        make=sounds.of_two_lengths,
        fine=(0, 1),
        faulty=(2,),
        profile=with_limits("timeline", length_tolerance_frames=1),
    ),
    Row(rule="SK404", make=sounds.with_two_stamps, fine=(0,), faulty=(1, 48_000)),
    Row(rule="SK405", make=sounds.ending_at, fine=(-80, -60.1), faulty=(-59.9, -30), measured_within=0.1),
    Row(
        rule="SK407",
        make=sounds.starting_late,
        fine=(-1, 0),
        faulty=(1, 100),
        profile=with_limits("content", leading_silence_max_s=0.1),
    ),
    Row(
        rule="SK501",
        make=sounds.peaking_at,
        fine=(-30, -59.99),
        faulty=(-60.01, -80, FAR),
        coarse=((-30, -59.9), (-60.2, -80, FAR)),  # between two steps lie 0.26 dB
    ),
    Row(
        rule="SK502",
        make=sounds.with_a_faint_side,
        fine=(-30, -89.95),
        faulty=(-90.05, FAR),
        coarse=((-30, -84.2), (-90.3, FAR)),  # two steps and one
        **STEREO_ONLY,
    ),
    Row(rule="SK503", make=sounds.nearly_twice(1), fine=(3, 100), faulty=(0, 2), **STEREO_ONLY),
    Row(rule="SK504", make=sounds.nearly_twice(-1), fine=(3, 100), faulty=(0, 2), **STEREO_ONLY),
    Row(rule="SK505", make=sounds.noisy_gap, fine=(-80, -70.2), faulty=(-69.8, -60), measured_within=0.2),
    Row(
        rule="SK505",
        make=sounds.gap_of,
        fine=(0.9,),
        faulty=(1.1,),
        profile=with_limits("content", gap_min_s=1.0),
    ),
    Row(rule="SK506", make=sounds.with_hole, fine=(0,), faulty=(2, 7, 8, 200)),
    Row(rule="SK506", make=sounds.with_hole_of_ms, fine=(51,), faulty=(49,)),
    Row(rule="SK506", make=sounds.with_click, fine=(0, 0.009), faulty=(0.011, 0.1)),
    Row(
        rule="SK507",
        make=sounds.folding_with_loss,
        fine=(3.1, 5.99),
        faulty=(6.01, 12),
        measured_within=0.1,
        **STEREO_ONLY,
    ),
    Row(rule="SK508", make=sounds.rumbling, fine=(-30, -12.1), faulty=(-11.9, -3), measured_within=0.1),
    Row(rule="SK601", make=headers.either(headers.named("01_Kick.wav"), headers.named("Kick.wav")), **PRESENT),
    Row(
        rule="SK602",
        make=headers.either(headers.named("01_Kick_Drum.wav"), headers.named("01_Kick Drum.wav")),
        **PRESENT,
    ),
    Row(
        rule="SK603",
        make=headers.either(headers.named("01_A.wav", "02_B.wav"), headers.named("01_A.wav", "03_B.wav")),
        **PRESENT,
    ),
    Row(
        rule="SK604",
        make=headers.either(headers.named("01_A.wav", "02_B.wav"), headers.named("01_A.wav", "2_B.wav")),
        **PRESENT,
    ),
    Row(rule="SK605", make=headers.either(headers.named("01_Kick.wav"), headers.named("01_Audio.wav")), **PRESENT),
    Row(rule="SK607", make=headers.named_with_length, fine=(63, 64), faulty=(65, 66), measured_within=0),
    Row(rule="SK608", make=headers.either(headers.saying_rate, headers.saying_other_rate), **PRESENT),
)
_AGAINST_MIX = "judged from the proof against a mix: tests/audio/test_proof*.py hold its lines"
_NO_SOUND = "judged from what lies beside the stems, whose samples say nothing: tests/rules/test_package*.py"
ELSEWHERE = {
    **dict.fromkeys(("SK402", "SK403", "SK406"), _AGAINST_MIX),
    "SK606": "the two names cannot lie in one folder on every system: tests/rules/test_naming_rules.py",
    **dict.fromkeys((f"SK70{n}" for n in range(1, 9)), _NO_SOUND),
}


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@pytest.mark.parametrize("row", ROWS, ids=[f"{row.rule}-{n}" for n, row in enumerate(ROWS)])
def test_a_rule_holds_at_its_line(tmp_path: Path, row: Row, setting: Setting) -> None:
    fine, faulty = row.figures(setting)
    for figure in (*fine, *faulty):
        folder = tmp_path / f"{figure}"
        made = row.make(setting, figure)
        for stored in _files(made):
            stored.write(folder, setting)
        report = check([folder], select=[row.rule], profile=row.profile(setting))
        wanted = {row.rule} if figure in faulty and not row.blind(setting) else set()
        assert {f.rule for f in report.findings} == wanted, (figure, report.findings)
        assert report.skipped == () or figure == FAR, (figure, report.skipped)
        for finding in report.findings:
            if row.measured_within is not None:
                assert finding.measured == pytest.approx(figure, abs=row.measured_within + 1e-9)


def _files(made: Any) -> list[Stored]:
    if isinstance(made, np.ndarray):
        return [Stored(wave=made)]
    return made if isinstance(made, list) else [made]


def test_every_rule_about_files_is_tried_or_has_its_reason() -> None:
    tried = {row.rule for row in ROWS}
    assert not tried & set(ELSEWHERE)
    assert tried | set(ELSEWHERE) == {rule.id for rule in all_rules() if "SK2" <= rule.id[:3] <= "SK7"}


def test_where_a_rule_is_blind_the_table_says_why() -> None:
    for row in ROWS:
        assert bool(row.reason) == any(row.blind(setting) for setting in SETTINGS), row.rule
