"""What a rule is told beside its subject: the profile, the other files, and what a project or a mix says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemkit.rules.profiles.schema import Profile  # noqa: TC001  (a field's type, shown by the docs)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stemkit.model.audio import FileFacts, Role, SumFacts
    from stemkit.model.delivery import Brief, Change, Manifest
    from stemkit.model.plan import RenderPlan, Variant
    from stemkit.model.session import Session

__all__ = [
    "SET_SUBJECT",
    "CheckContext",
    "ExpectedRate",
    "expected_rate",
    "judges",
    "main_mix",
    "of_role",
    "variant_of",
]

SET_SUBJECT = "the set"  # subject of a finding that belongs to no single file

_STEM: tuple[Role, ...] = ("stem",)
_OURS: tuple[Role, ...] = ("stem", "rough_mix", "proof_mix")
_ALL: tuple[Role, ...] = (*_OURS, "reference")
# The roles that a file rule judges unless the profile says otherwise; a rule that is absent judges stems.
# A reference may be lossy, loud and clipped: it only has to play. A rough mix may be as loud as the artist likes.
DEFAULT_ROLES: Mapping[str, tuple[Role, ...]] = {
    "SK201": _OURS,
    "SK203": _OURS,
    "SK204": _ALL,
    "SK209": _OURS,
    "SK210": _OURS,
    "SK501": _ALL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRate:
    """The sample rates that are right here, and for people where that comes from."""

    rates_hz: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """Everything around the subject. What was not given is None, and the rules that need it say so.

    `main_mix` is the mix that the stems are held against; `sum_unknown` says why there is no `sum`. `delivering`
    is True where the package is made here, so that what is missing from it can still be added. `others` are files
    that are no audio, by their relative paths.
    """

    profile: Profile
    files: tuple[FileFacts, ...] = ()
    others: tuple[str, ...] = ()
    main_mix: FileFacts | None = None
    expected_rate: ExpectedRate | None = None
    sum: SumFacts | None = None
    sum_unknown: str = "no mix was given to hold the stems against"
    session: Session | None = None
    plan: RenderPlan | None = None
    manifest: Manifest | None = None
    changes: tuple[Change, ...] | None = None  # against the manifest; None: there was none to hold against
    brief: Brief | None = None
    missing_references: tuple[str, ...] = ()  # files that the brief names and nobody found
    delivering: bool = False

    @property
    def stems(self) -> tuple[FileFacts, ...]:
        """Every stem of every variant."""
        return of_role(self.files, "stem")


def of_role(files: Iterable[FileFacts], *roles: Role) -> tuple[FileFacts, ...]:
    """Return the files that have one of the roles, in their order."""
    return tuple(file for file in files if file.role in roles)


def variant_of(file: FileFacts) -> Variant:
    """Return a stem's variant; a stem that names none is the plain one."""
    return file.variant or "stem"


def main_mix(files: Iterable[FileFacts], named: str | None = None) -> FileFacts | None:
    """Return the mix that speaks for the set: the one that was named, else the proof mix, else the rough mix."""
    files = tuple(files)
    mixes = (*of_role(files, "proof_mix"), *of_role(files, "rough_mix"))
    return next((f for f in mixes if f.path == named), next(iter(mixes), None))


def judges(profile: Profile, rule_id: str, role: Role) -> bool:
    """Tell whether a file rule is meant for files of this role."""
    return role in profile.applies_to.get(rule_id, DEFAULT_ROLES.get(rule_id, _STEM))


def expected_rate(profile: Profile, mix: FileFacts | None, session: Session | None = None) -> ExpectedRate | None:
    """Find out which sample rate is right.

    The profile's list comes first, then the rate that the project forces, then the mix. Without any of these
    nobody knows: the rate that most stems have proves nothing.
    """
    wanted = profile.format.sample_rate
    if isinstance(wanted, tuple):
        return ExpectedRate(rates_hz=wanted, reason=f"the profile {profile.id}")
    if wanted is None:
        return None
    if session is not None and session.sample_rate is not None and session.sample_rate_forced:
        return ExpectedRate(rates_hz=(session.sample_rate,), reason="the project")
    if mix is not None and mix.container.sample_rate:
        return ExpectedRate(rates_hz=(mix.container.sample_rate,), reason=f"the mix {mix.path}")
    return None
