"""Write the pages that come from metadata: rules, profiles, and the JSON schemas.

``python docs/generate.py`` writes them; ``tests/docs/test_generated_pages.py`` fails while one is stale.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemkit.report.rule_pages import rule_parts
from stemkit.rules.catalogue import all_rules
from stemkit.rules.profiles import load_profile, profile_names, profile_text
from stemkit.rules.registry import FAMILY_DIGIT, Family, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DOCS = Path(__file__).resolve().parent
PACKAGE = DOCS.parent / "stemkit"
SCHEMAS = {  # page: (title, file)
    "schema/report.md": ("The report as JSON", PACKAGE / "report" / "report.schema.json"),
    "schema/manifest.md": ("The manifest of a package", PACKAGE / "delivery" / "manifest.schema.json"),
}
_HEAD = "<!-- Written by docs/generate.py; change the metadata, not this page. -->\n\n"
_PARTS = {"why": "Why a mixing engineer cares", "fix in reaper": "Fix in REAPER", "fix in any daw": "Fix in any DAW"}
_FAMILIES: Mapping[Family, str] = {
    "session": "The session, before anything is rendered",
    "format": "Format of a file",
    "level": "Level",
    "timeline": "Time line",
    "content": "What is heard in a file",
    "naming": "Names",
    "package": "What lies beside the stems",
    "set": "The stems together, against the mix",
}


def pages() -> dict[str, str]:
    """Return every generated page by its path under ``docs/``."""
    made = {"rules/index.md": _rule_index(), "profiles/index.md": _profile_index()}
    made |= {f"rules/{rule.id}.md": _rule_page(rule) for rule in all_rules()}
    made |= {f"profiles/{name}.md": _profile_page(name) for name in profile_names()}
    made |= {page: _schema_page(title, file) for page, (title, file) in SCHEMAS.items()}
    return {path: _HEAD + text.rstrip() + "\n" for path, text in made.items()}


def _table(titles: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    cells = [list(titles)]
    cells += [["---"] * len(cells[0]), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells) + "\n"


def _rule_index() -> str:
    text = (
        "# Rules\n\nWhat stemkit asks of a project, a file, a set of stems and a package. Ids are for ever. "
        "The severity is the rule's own; a [profile](../profiles/index.md) may change it. "
        "`stemkit rules SK301` prints a page on the command line.\n"
    )
    for family, title in _FAMILIES.items():
        rows = [
            (f"[{rule.id}]({rule.id}.md)", rule.name, rule.severity, rule.summary)
            for rule in all_rules()
            if rule.family == family
        ]
        text += f"\n## SK{FAMILY_DIGIT[family]}: {title}\n\n" + _table(("id", "name", "severity", "asks"), rows)
    return text


def _rule_page(rule: Rule) -> str:
    parts = rule_parts(rule.id)
    facts: list[tuple[str, str]] = [("severity", rule.severity), ("one verdict for each", rule.scope)]
    facts += [("step of the guide", rule.guide)] if rule.guide else []
    facts += [("asked only where these hold", ", ".join(f"[{n}]({n}.md)" for n in rule.needs))] if rule.needs else []
    text = f"# {rule.id} {rule.name}\n\n{parts['what']}\n\n" + _table(("", ""), facts)
    text += "".join(f"\n## {title}\n\n{parts[key]}\n" for key, title in _PARTS.items() if key in parts)
    if changes := list(_changes(rule)):
        text += "\n## In the profiles\n\n" + _table(("profile", "what differs"), changes)
    return text + (f"\n## Source\n\n{parts['source']}\n" if "source" in parts else "")


def _changes(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield how each profile treats the rule otherwise than the rule itself says."""
    for name in profile_names():
        profile = load_profile(name)
        said: list[str] = []
        if (severity := profile.severities.get(rule.id, rule.severity)) != rule.severity:
            said.append(severity)
        if roles := profile.applies_to.get(rule.id):
            said.append("judges " + ", ".join(roles))
        if said:
            yield f"[{name}](../profiles/{name}.md)", "; ".join(said)


def _profile_index() -> str:
    rows = []
    for name in profile_names():
        head = load_profile(name).head
        rows.append((f"[{name}]({name}.md)", head.title, head.gain, head.extends or ""))
    return (
        "# Profiles\n\nWhat different receivers ask for, as data. `--profile NAME` chooses one; `--profile my.toml` "
        "takes a file of your own, which may extend one of these.\n\n"
        + _table(("profile", "for", "gain", "extends"), rows)
    )


def _profile_page(name: str) -> str:
    profile = load_profile(name)
    head = profile.head
    facts = [("source", head.source), ("read on", head.read or "not said"), ("status", head.status)]
    facts += [("extends", f"[{head.extends}]({head.extends}.md)")] if head.extends else []
    text = f"# {name}\n\n{head.title}.\n\n" + _table(("", ""), facts)
    text += "\n## What it asks, inherited limits included\n\n" + _table(("key", "value"), _limits(profile))
    own = [(f"[{rule}](../rules/{rule}.md)", severity) for rule, severity in sorted(profile.severities.items())]
    if own:
        text += "\n## Severities that differ\n\n" + _table(("rule", "severity"), own)
    return text + f"\n## As it is written\n\n```toml\n{profile_text(name).rstrip()}\n```\n"


def _limits(profile: Any) -> Iterator[tuple[str, str]]:
    yield "`gain`", f"`{profile.gain}`"
    for section in dataclasses.fields(profile):
        value = getattr(profile, section.name)
        if section.name == "head" or not dataclasses.is_dataclass(value):
            continue
        for key in dataclasses.fields(value):
            limit = getattr(value, key.name)
            if limit not in (None, ()):
                yield f"`{section.name}.{key.name}`", f"`{_said(limit)}`"


def _said(limit: object) -> str:
    if isinstance(limit, tuple):
        return ", ".join(map(str, limit))
    return str(limit).lower() if isinstance(limit, bool) else str(limit)


def _schema_page(title: str, file: Path) -> str:
    schema = json.loads(file.read_text(encoding="utf-8"))
    where = file.relative_to(DOCS.parent).as_posix()
    text = f"# {title}: `{schema['title']}`\n\n{schema['description']}\n\nThe schema itself is `{where}`.\n"
    return text + "\n" + _table(("field", "type", "always there", "meaning"), _fields(schema, ""))


def _fields(schema: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    """Walk a schema, one row a field; ``[]`` marks the entries of a list."""
    for name, found in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        always = "yes" if name in schema.get("required", ()) else "no"
        yield f"`{path}`", _type(found), always, found.get("description", "")
        inner, mark = (found["items"], "[]") if "items" in found else (found, "")
        yield from _fields(inner, f"{path}{mark}.")


def _type(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    kinds = schema.get("type", "any")
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)


def main() -> None:
    """Write the pages, and take those away whose rule or profile is gone."""
    made = pages()
    for folder in ("rules", "profiles", "schema"):
        (DOCS / folder).mkdir(exist_ok=True)
        for old in (DOCS / folder).glob("*.md"):
            if old.relative_to(DOCS).as_posix() not in made:
                old.unlink()
    for path, text in made.items():
        (DOCS / path).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
