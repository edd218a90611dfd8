"""Many deliveries at once: every sub-folder by itself, and no failure of one disturbs another."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stemkit.app.remote import is_url
from stemkit.errors import EngineError, InputError, StemkitError
from stemkit.model.each import DeliveryResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stemkit.app.executor import Pool
    from stemkit.model.report import Report
    from stemkit.rules.profiles import Profile

__all__ = ["EachOrder", "check_each", "find_deliveries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EachOrder:
    """What is asked of every delivery; see `stemkit.app.check.check`. It travels to the machines that work."""

    profile: str | Profile
    references: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    accept: Mapping[str, str] = field(default_factory=dict)
    hashes: bool = False
    fail_on: str = "error"
    cached: bool = True
    verify_cache: bool = False
    whole_reports: bool = False
    base: str = ""  # the folder that relative paths start from, on a machine that stands elsewhere


def find_deliveries(roots: Sequence[str]) -> list[str]:
    """List the deliveries: every sub-folder of every root, in the order of their names.

    Parameters
    ----------
    roots
        Folders or URLs.

    Raises
    ------
    InputError
        A root cannot be opened, or there is no folder in any of them.
    """
    from stemkit.delivery.roles import ignored_because
    from stemkit.delivery.scan import natural_order

    found: list[str] = []
    for root in roots:
        inner = [place for place in _folders(root) if ignored_because(Path(place).name) is None]
        found += sorted(inner, key=natural_order)
    if not found:
        raise InputError(f"There is no folder in {' or '.join(roots)}; with --each, every delivery lies in its own.")
    return found


def _folders(root: str) -> list[str]:
    if is_url(root):
        from stemkit.app.remote import list_folders

        return list_folders(root)
    try:
        return [str(path) for path in Path(root).iterdir() if path.is_dir()]
    except OSError as error:
        raise InputError(f"{root} cannot be opened ({error.strerror}); check its path.") from error


def check_each(deliveries: Sequence[str], order: EachOrder, pool: Pool) -> Iterator[DeliveryResult]:
    """Check deliveries, as many at a time as the pool takes, and yield the results in their order.

    Parameters
    ----------
    deliveries
        Folders or URLs, from `find_deliveries`.
    order
        What is asked of each.
    pool
        Where the deliveries are checked; each one is one task.

    Raises
    ------
    UsageError
        The profile or a rule id makes no sense, whatever the delivery.
    """
    from stemkit.app.check import rules_to_run
    from stemkit.app.executor import in_order
    from stemkit.rules import catalogue
    from stemkit.rules.profiles import load_profile

    profile = load_profile(order.profile) if isinstance(order.profile, str) else order.profile
    rules_to_run(order.select, order.ignore)
    catalogue.select(tuple(order.accept))
    order = replace(order, profile=profile, base="" if pool.here else str(Path.cwd()))
    yield from in_order(pool, partial(_check_one, order=order), deliveries)


def _check_one(place: str, *, order: EachOrder) -> DeliveryResult:
    try:
        return _checked(place, order)
    except StemkitError as error:
        told = error.message.replace(_from_base(place, order), place)  # as the user named it
        return DeliveryResult(path=place, exit_code=error.exit_code, error=told)
    except OSError as error:
        told = f"{error.filename or place}: {error.strerror or error}."
        return DeliveryResult(path=place, exit_code=InputError.exit_code, error=told)
    except Exception as error:  # noqa: BLE001  (a fault here must not take the other deliveries with it; it is told)
        told = f"a fault in stemkit itself ({type(error).__name__}: {error}); check this delivery alone with --debug."
        return DeliveryResult(path=place, exit_code=EngineError.exit_code, error=told)


def _checked(place: str, order: EachOrder) -> DeliveryResult:
    from stemkit.app.cache import Cache
    from stemkit.app.cache_folder import cache_folder
    from stemkit.app.check import check

    folder = _from_base(place, order)
    if not is_url(folder) and Path(folder).is_symlink():
        raise InputError(f"{place} is a link to a folder and is not followed; name the folder itself.")
    cache = Cache(folder=cache_folder(), verify=order.verify_cache) if order.cached else None
    report = check(
        [folder],
        profile=order.profile,
        references=[_from_base(path, order) for path in order.references],
        select=order.select,
        ignore=order.ignore,
        accept=order.accept,
        hashes=order.hashes,
        cache=cache,
    )
    report = replace(report, subject=place)
    return _result(place, report, order, () if cache is None else tuple(cache.wrong))


def _from_base(place: str, order: EachOrder) -> str:
    return place if is_url(place) or not order.base else str(Path(order.base, place))


def _result(place: str, report: Report, order: EachOrder, stale: tuple[str, ...]) -> DeliveryResult:
    from stemkit.report import exit_code

    rules = [f.rule for level in ("error", "warning") for f in report.open_findings if f.severity == level]
    whole = None
    if order.whole_reports:
        from stemkit.report.json import report_dict

        whole = report_dict(report)
    return DeliveryResult(
        path=place,
        exit_code=exit_code(report, order.fail_on),
        verdict=report.verdict,
        counts={level: report.count(level) for level in ("error", "warning", "note")},
        stems=sum(file.role == "stem" for file in report.files),
        null_db=report.sum.null_db if report.sum is not None else None,
        adds_up=report.sum.adds_up if report.sum is not None else None,
        rules=tuple(dict.fromkeys(rules)),
        stale=stale,
        report=whole,
    )
