"""Importing this module registers every rule."""

from stemkit.rules import (  # noqa: F401
    content,
    format,  # noqa: A004  (the family's name)
    level,
    naming,
    numbering,
    package,
    package_contents,
    pairs,
    proof,
    proof_timeline,
    provenance,
    session_cleanup,
    session_effects,
    session_level,
    session_master,
    session_media,
    session_names,
    session_render,
    session_routes,
    session_time,
    timeline,
)
