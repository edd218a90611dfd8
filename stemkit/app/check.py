"""The check: files that any DAW rendered, judged against a profile."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.app.gather import collect
from stemkit.app.proving import MEASURED, part_of, prove_sum
from stemkit.app.remote import copies_folder, is_url
from stemkit.model.report import Report, Skip
from stemkit.rules import catalogue
from stemkit.rules.contexts import SET_SUBJECT, CheckContext, expected_rate, judges, main_mix
from stemkit.rules.profiles import DEFAULT_PROFILE, load_profile
from stemkit.rules.proof import same_figures
from stemkit.rules.registry import Outcome, matches, run_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from stemkit.app.cache import Cache
    from stemkit.app.executor import Pool
    from stemkit.model.report import Finding
    from stemkit.model.session import Session
    from stemkit.rules.profiles import Profile
    from stemkit.rules.registry import Rule

__all__ = ["accept_findings", "check", "collect", "judge", "prove_sum", "rules_to_run"]


def check(
    paths: Sequence[Path | str],
    *,
    profile: str | Profile = DEFAULT_PROFILE,
    mix: Path | str | None = None,
    references: Sequence[Path | str] = (),
    project: Path | str | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    accept: Mapping[str, str] | None = None,
    hashes: bool = False,
    progress: Callable[[float, str], None] | None = None,
    jobs: int = 1,
    pool: Pool | None = None,
    cache: Cache | None = None,
) -> Report:
    """Check stems.

    Parameters
    ----------
    paths
        Folders and files, or one URL that fsspec can open.
    profile
        A profile, its name, or the path of a ``.toml`` file.
    mix
        The mix that the stems must add up to; else it is recognised by its name.
    references
        Reference tracks; others are recognised by name and folder.
    project
        The ``.rpp`` project that the files came from.
    select, ignore
        Prefixes of rule ids.
    accept
        Rule id (or prefix) to the reason why its findings are meant so.
    hashes
        Also compute SHA-256 of each file and of its audio.
    progress
        Called with the part that is done, 0…1, and what is being done.
    jobs
        Files that are measured at the same time, where no `pool` says where.
    pool
        Where the files are measured.
    cache
        Measurements of earlier runs; without one, each file is measured.

    Raises
    ------
    InputError, UsageError
        A path, the profile or a rule id makes no sense.
    EngineError
        The cluster of the `pool` gave up.
    """
    chosen = rules_to_run(select, ignore)
    judged_by = load_profile(profile) if isinstance(profile, str) else profile
    session = None if project is None else _session(Path(project))
    found, files = collect(paths, mix=mix, references=references)

    from stemkit.app.facts import measure_files

    with ExitStack() as stack:
        copies = stack.enter_context(copies_folder()) if any(is_url(file.absolute_path) for file in files) else None
        files = measure_files(
            files, hashes=hashes, jobs=jobs, pool=pool, cache=cache, copies=copies, progress=part_of(progress, MEASURED)
        )
        against = main_mix(files, found.mix)
        facts, unknown = prove_sum(files, against, progress, copies=copies)
    context = CheckContext(
        profile=judged_by,
        files=files,
        others=tuple(found.others),
        main_mix=against,
        expected_rate=expected_rate(judged_by, against, session),
        sum=facts,
        sum_unknown=unknown,
        session=session,
    )
    report = judge(context, chosen, subject=", ".join(str(p) for p in paths))
    unread = tuple(Skip(rule="SK204", subject=path, reason=reason) for path, reason in found.unread)
    return accept_findings(replace(report, skipped=unread + report.skipped), accept or {})


def rules_to_run(chosen: Iterable[str], ignored: Iterable[str]) -> tuple[Rule, ...]:
    """Choose the rules for files and sets by prefix."""
    return tuple(rule for rule in catalogue.select(chosen, ignored) if rule.scope != "session")


def _session(path: Path) -> Session:
    from stemkit.reaper.project_file import load_project

    return load_project(path)


def judge(context: CheckContext, rules: Iterable[Rule] | None = None, *, subject: str) -> Report:
    """Run the rules for files and sets over facts. Pure.

    Rules that others need run along; what they find is kept only where they were chosen themselves.

    Parameters
    ----------
    context
        All facts.
    rules
        The rules that were chosen; None takes all.
    subject
        What was checked, for people.
    """
    chosen = tuple(rules) if rules is not None else rules_to_run((), ())
    wanted = {rule.id for rule in chosen}
    running = _with_needed(wanted)
    severities = context.profile.severities
    outcome = Outcome()
    for file in context.files:
        fitting = [r for r in running if r.scope == "file" and judges(context.profile, r.id, file.role)]
        run_rules(fitting, file, file.path, context, severities=severities, outcome=outcome)
    for_set = [r for r in running if r.scope == "set"]
    run_rules(for_set, context.files, SET_SUBJECT, context, severities=severities, outcome=outcome)
    return Report(
        kind="check",
        subject=subject,
        profile_id=context.profile.id,
        profile_title=context.profile.title,
        findings=tuple(f for f in outcome.findings if f.rule in wanted),
        skipped=tuple(s for s in outcome.skipped if s.rule in wanted),
        checked=tuple(sorted(outcome.checked & wanted)),
        files=context.files,
        sum=context.sum,
        duplicates=(context.sum.duplicates if context.sum is not None else ()) or same_figures(context.files),
        session=context.session,
    )


def _with_needed(wanted: Collection[str]) -> list[Rule]:
    """Return the wanted rules and all that they need, directly or not."""
    by_id = {rule.id: rule for rule in catalogue.all_rules()}
    open_ids, closed = list(wanted), set[str]()
    while open_ids:
        rule_id = open_ids.pop()
        if rule_id in by_id and rule_id not in closed:
            closed.add(rule_id)
            open_ids += by_id[rule_id].needs
    return [by_id[rule_id] for rule_id in sorted(closed)]


def accept_findings(report: Report, accept: Mapping[str, str]) -> Report:
    """Mark the findings that the user means so, with the reason. An accepted finding no longer counts.

    Raises
    ------
    UsageError
        An id fits no rule.
    """
    for prefix in accept:
        catalogue.select((prefix,))

    def accepted(finding: Finding) -> Finding:
        reason = next((why for prefix, why in accept.items() if matches(finding.rule, (prefix,))), None)
        return finding if reason is None else replace(finding, accepted=reason)

    return replace(report, findings=tuple(accepted(f) for f in report.findings))
