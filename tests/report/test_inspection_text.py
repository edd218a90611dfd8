from __future__ import annotations

from stemkit.model.plan import AddsUp, Bounds, ExcludedTrack, Fidelity, PlannedStem, RenderPlan
from stemkit.model.report import Finding, Report, Severity, Skip, StemLevel, Where
from stemkit.report.inspection import render


def finding(
    rule: str, name: str, subject: str, message: str, severity: Severity = "warning", **known: object
) -> Finding:
    values = {
        "rule": rule,
        "name": name,
        "subject": subject,
        "message": message,
        "severity": severity,
        "guide": "G3",
        **known,
    }
    return Finding(**values)  # type: ignore[arg-type]  # any field, by name


def report(*findings: Finding, **known: object) -> Report:
    values = {
        "kind": "inspect",
        "subject": "song.rpp",
        "profile_id": "mix-prep",
        "profile_title": "Mix",
        "findings": findings,
    }
    return Report(**{**values, **known})  # type: ignore[arg-type]  # as above


def flat(text: str) -> str:
    return " ".join(text.split())


def test_tracks_that_have_the_same_trouble_share_a_line_and_one_fix() -> None:
    text = render(
        report(*(finding("SK105", "muted-track", f"Vox {n}", "The track is muted.") for n in range(9))), width=100
    )
    assert "Vox 0, Vox 1, Vox 2, Vox 3, Vox 4, Vox 5 and 3 more: The track is muted." in text
    assert text.count("In REAPER:") == 1


def test_a_single_place_is_told_and_many_messages_are_cut() -> None:
    where = (Where(start_s=61.5, end_s=62.0),)
    found = [finding("SK106", "muted-item", f"T{n}", f"{n} items muted.", where=where) for n in range(12)]
    text = render(report(*found), width=100)
    assert "T0: 0 items muted. At 1:01.500 to 1:02.000." in text
    assert "and 4 more like these" in text


def test_what_is_taken_care_of_stands_apart_and_does_not_count() -> None:
    text = render(
        report(
            finding("SK105", "muted-track", "Old", "The track is muted.", handled="left out"),
            checked=("SK105", "SK108"),
        )
    )
    assert "Taken care of:" in text
    assert "~ SK105 muted-track: Old: The track is muted (left out)" in text
    assert "✓ Nothing is soloed." in text
    assert text.rstrip().endswith("READY to be rendered: nothing to object to.")


def test_a_skipped_rule_is_not_called_fine() -> None:
    text = render(report(checked=("SK118",), skipped=(Skip(rule="SK118", subject="Project", reason="--no-media"),)))
    assert "✓ Gaps inside items" not in text
    assert "SK118 on Project: --no-media" in text


def test_the_worst_decides_the_last_line() -> None:
    lines = {
        severity: render(report(finding("SK105", "muted-track", "A", "Muted.", severity))).splitlines()[-1]
        for severity in ("error", "warning", "note")
    }
    assert lines["error"].startswith("NOT READY: 1 error")
    assert lines["warning"].startswith("ALMOST READY: 1 warning")
    assert lines["note"].startswith("READY to be rendered: 1 note")


def test_levels_and_those_that_only_reaper_can_tell() -> None:
    levels = (
        StemLevel(stem="01_Kick", subject="Kick", peak_dbfs=-4.25),
        StemLevel(stem="02_None", subject="None"),
        StemLevel(stem="03_Keys", subject="Keys", unknown="an instrument plays; a second reason; a third"),
    )
    skipped = (Skip(rule="SK125", subject="Keys", reason="an instrument plays"),)
    text = render(report(levels=levels, skipped=skipped))
    assert "-4.2 dBFS  01_Kick" in text
    assert "silent  02_None" in text
    assert "03_Keys: only REAPER can tell (an instrument plays, and 2 more reasons)" in flat(text)
    assert "Not judged" not in text


def plan() -> RenderPlan:
    stem = PlannedStem(
        number=1,
        name="Kick",
        file_name="01_Kick",
        kind="track",
        cut_guid="{A}",
        inputs="items",
        reason="it plays items",
    )
    return RenderPlan(
        project="song",
        by="track",
        stems=(stem,),
        excluded=(ExcludedTrack(guid="{B}", index=4, name="", reason="it is muted", code="muted"),),
        stops=frozenset(),
        bounds=Bounds(start_s=-2.0, end_s=60.5, start_frame=-96000, frames=3000000, explanation="From the count-in."),
        sample_rate=48000,
        sample_rate_reason="the project's own rate",
        adds_up=AddsUp(possible=False, obstacles=("the folder 'Drums' compresses",)),
    )


def test_the_plan_says_what_is_in_and_what_is_out_and_why() -> None:
    fidelity = {"01_Kick": Fidelity(level="impossible", reasons=("an effect",))}
    text = flat(render(report(kind="plan", plan=plan(), fidelity=fidelity)))
    assert "1 stem from -0:02.000 to 1:00.500 (1:02.500) at 48000 Hz." in text
    assert "From the count-in." in text
    assert "The stems cannot add up to the mix: - the folder 'Drums' compresses" in text
    assert "Stems/01_Kick it plays items; needs REAPER: an effect" in text
    assert "Left out Track 5: it is muted" in text
    assert "READY" not in text


def test_colour_only_where_it_is_asked_for() -> None:
    one = report(finding("SK105", "muted-track", "A", "Muted."))
    assert "\x1b[" not in render(one)
    assert "\x1b[" in render(one, color=True)
