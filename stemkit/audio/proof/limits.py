"""How far a comparison can go: what the mix covers, and what keeps anything from being told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stemkit.audio.proof.residual import AlignedMix
    from stemkit.audio.proof.scan import Scan
    from stemkit.audio.proof.verdict import Evidence

__all__ = ["hopeless", "limits", "span"]


def span(scan: Scan, mix: AlignedMix) -> tuple[int, int]:
    """Return the frames of the stems that the mix covers."""
    return max(0, -mix.shift), min(scan.frames, mix.source.frames - mix.shift)


def hopeless(evidence: Evidence, mix: AlignedMix) -> str | None:
    """Say why nothing can be told, or None where something can."""
    first, last = span(evidence.scan, mix)
    if not evidence.scan.energy.any():
        return "every stem is silent"
    if evidence.null.mix <= 0:
        return f"{evidence.reference.label} is silent where the stems play"
    if last - first < evidence.reference.rate:
        return f"{evidence.reference.label} and the stems have less than a second in common"
    return None


def limits(evidence: Evidence, mix: AlignedMix) -> tuple[str, ...]:
    """Say what limits the comparison."""
    reference, scan = evidence.reference, evidence.scan
    first, last = span(scan, mix)
    said = [
        f"{source.label} has {source.file_rate} Hz and was converted to {reference.rate} Hz to compare"
        for source in (reference, *evidence.sources)
        if source.file_rate != reference.rate
    ]
    if evidence.alignment.fold:
        said.append(f"{reference.label} is mono, so the sides were compared together")
    if reference.is_lossy:
        said.append(f"{reference.label} is lossy, so only what its codec kept can be compared")
    if last - first < scan.frames - reference.rate // 20:
        said.append(
            f"{reference.label} covers {first / reference.rate:.1f} to {last / reference.rate:.1f} s of the stems"
        )
    return tuple(said)
