"""Laws that hold for every project: no rule fails, names are unique, and nothing is handled where nobody plans."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stemkit.model.session import (
    Effect,
    Envelope,
    EnvelopePoint,
    FxChain,
    HardwareOut,
    Item,
    MainSend,
    Master,
    Send,
    Session,
    Source,
    Take,
    Track,
)
from stemkit.rules.catalogue import all_rules
from stemkit.rules.profiles import load_profile
from stemkit.rules.registry import Outcome, run_rules
from stemkit.rules.session_context import context_of, labels_of

RULES = [rule for rule in all_rules() if rule.scope == "session"]
PROFILE = load_profile()
seconds = st.floats(-5, 500)
gains = st.sampled_from([0.0, 0.25, 1.0, 2.0])
names = st.sampled_from(
    ["", " ", "Kick", "kick", "Track 3", "AC/DC", "=END", "\x1b[2J", "\ud83e\udd41", "<", "ReaLimit (Cockos)"]
)
effects = st.builds(
    Effect, name=names, enabled=st.booleans(), offline=st.booleans(), is_instrument=st.sampled_from([None, True, False])
)
chains = st.builds(FxChain, effects=st.lists(effects, max_size=3).map(tuple), enabled=st.booleans())
points = st.lists(st.builds(EnvelopePoint, time_s=seconds, value=gains), max_size=3).map(tuple)
envelopes = st.lists(
    st.builds(
        Envelope,
        tag=st.sampled_from(["VOLENV2", "PROGRAMENV"]),
        target=st.sampled_from(["volume", "pan", "mute", "parameter", "pitch", "other"]),
        stage=st.sampled_from(["pre_fx", "post_fx", "trim", "fx"]),
        active=st.booleans(),
        points=points,
    ),
    max_size=2,
).map(tuple)
sources = st.builds(
    Source,
    kind=st.sampled_from(["wave", "midi", "empty", "mp3"]),
    file=names,
    offline=st.booleans(),
    searched=st.just(("/x",)),
)
items = st.lists(
    st.builds(
        Item,
        position_s=seconds,
        length_s=st.floats(0, 20),
        mute=st.booleans(),
        solo_state=st.sampled_from([-1, 0, 1]),
        takes=st.lists(
            st.builds(Take, source=st.none() | sources, play_rate=st.sampled_from([0.5, 1.0])), max_size=2
        ).map(tuple),
    ),
    max_size=3,
).map(tuple)


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    count = draw(st.integers(0, 5))
    tracks = []
    for n in range(count):
        feeds = draw(st.lists(st.integers(0, count - 1), max_size=2))
        tracks.append(
            draw(
                st.builds(
                    Track,
                    guid=st.just(f"{{{n}}}"),
                    index=st.just(n),
                    name=names,
                    depth_change=st.sampled_from([0, 0, 1, -1, -3]),
                    mute=st.booleans(),
                    solo=st.sampled_from([0, 0, 1, 2]),
                    volume=gains,
                    automation_mode=st.integers(0, 5),
                    main_send=st.builds(MainSend, enabled=st.booleans()),
                    hardware_outs=st.lists(st.just(HardwareOut(output=0)), max_size=1).map(tuple),
                    receives=st.just(tuple(Send(source_guid=f"{{{s}}}", destination_guid=f"{{{n}}}") for s in feeds)),
                    fx=chains,
                    envelopes=envelopes,
                    items=items,
                    free_mode=st.sampled_from([0, 2]),
                    lane_count=st.integers(1, 3),
                    lanes_playing=st.none() | st.integers(0, 7),
                    freeze_count=st.integers(0, 1),
                    visible_in_arrange=st.booleans(),
                )
            )
        )
    master = draw(st.builds(Master, volume=gains, mute_solo=st.integers(0, 31), fx=chains, envelopes=envelopes))
    return Session(source="made", tracks=tuple(tracks), master=master, sample_rate=draw(st.none() | st.just(48000)))


def judge_all(session: Session) -> Outcome:
    context = context_of(session, PROFILE, bar_one_s=0.0)
    return run_rules(RULES, session, "any.rpp", context)


@given(sessions())
@settings(max_examples=150, deadline=None)
def test_every_rule_judges_every_project(session: Session) -> None:
    outcome = judge_all(session)
    known = {"Project", "Master", "Render settings", *labels_of(session.tracks).values()}
    for finding in outcome.findings:
        assert finding.subject in known
        assert finding.message.strip()
        assert finding.message.endswith(".")
    # Without a plan only what no render would hold, or nobody hears, is taken care of.
    assert {f.rule for f in outcome.findings if f.handled} <= {"SK106", "SK113", "SK119"}


@given(sessions())
@settings(max_examples=50, deadline=None)
def test_labels_are_unique(session: Session) -> None:
    labels = labels_of(session.tracks)
    assert len(set(labels.values())) == len(session.tracks)


@given(sessions())
@settings(max_examples=50, deadline=None)
def test_findings_do_not_depend_on_a_second_look(session: Session) -> None:
    assert judge_all(session).findings == judge_all(session).findings
