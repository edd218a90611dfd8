"""Take each defence of SECURITY.md away, one at a time: ``python -m tests.soak.defences [WORD]``.

Its tests have to fail then; tests that pass hold nothing. The changed module is in memory only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from tests.soak.forks import passes, preload

__all__ = ["DEFENCES", "main"]


class Defence(NamedTuple):
    """What is taken away: words of a module, what stands there without them, and the tests that have to mind."""

    what: str
    module: str
    words: str
    without: str
    tests: str


_OFF = "if False:"
DEFENCES = (
    Defence(
        "chunks are counted",
        "audio/riff",
        "if len(found.chunks) >= MAX_CHUNKS:",
        _OFF,
        "tests/audio/test_wav_walker.py",
    ),
    Defence(
        "sizes are held against the file",
        "audio/riff",
        "available = source.size - position - HEADER_BYTES",
        "available = 1 << 62",
        "tests/audio/test_wav_walker_damage.py",
    ),
    Defence(
        "iXML defines no entities",
        "audio/ixml",
        'if DOCUMENT_TYPE.search(text.replace(b"\\0", b"")):',
        _OFF,
        "tests/audio/test_wav_metadata.py",
    ),
    Defence(
        "a pipe in a package is not opened",
        "delivery/package",
        "ordinary = stat.S_ISREG(path.lstat().st_mode)",
        "ordinary = True",
        "tests/faults/test_odd_files.py",
    ),
    Defence(
        "a pipe among stems is not opened",
        "delivery/scan",
        "regular = stat.S_ISREG(path.stat().st_mode)",
        "regular = True",
        "tests/faults/test_odd_files.py",
    ),
    Defence(
        "a reference is a song",
        "app/possible",
        "fault = next((fault for fault in walk(path).damage if fault.code in _NO_SONG), None)",
        "fault = None",
        "tests/faults/test_hostile.py",
    ),
    Defence(
        "a path in a zip stays inside",
        "delivery/zip_names",
        'if part in ("", ".", ".."):',
        _OFF,
        "tests/delivery/test_zip_reader.py",
    ),
    Defence(
        "links in a zip",
        "delivery/zip_reader",
        "if kind and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):",
        _OFF,
        "tests/delivery/test_zip_reader.py",
    ),
    Defence(
        "two files of one name",
        "delivery/zip_reader",
        "if clash := _clash(entries):",
        'if clash := "":',
        "tests/delivery/test_zip_reader.py",
    ),
    Defence(
        "files that share bytes",
        "delivery/zip_reader",
        "if _overlap(entries):",
        _OFF,
        "tests/delivery/test_zip_reader.py",
    ),
    Defence(
        "bombs",
        "delivery/zip_reader",
        "if total > MIN_BOMB_BYTES and total > MAX_RATIO * packed:",
        _OFF,
        "tests/delivery/test_zip_reader.py",
    ),
    Defence(
        "more than the disk holds",
        "delivery/zip_reader",
        "if total > free_bytes:",
        _OFF,
        "tests/delivery/test_zip_reader.py",
    ),
    Defence(
        "paths in a manifest",
        "delivery/manifest",
        'if problem := name_problem(given["path"]):',
        'if problem := "":',
        "tests/app/test_verify.py",
    ),
    Defence(
        "a profile of the sender opens no file",
        "app/verify",
        "if told in profile_names():",
        "if told:",
        "tests/app/test_verify.py",
    ),
    Defence(
        "a changed file is never accepted",
        "app/verify",
        "if why is None or finding.accepted is not None or finding.rule in _INTEGRITY:",
        "if why is None or finding.accepted is not None:",
        "tests/app/test_verify.py",
    ),
    Defence(
        "a link in a package is not followed",
        "app/verify",
        "if (root / path).is_symlink() or not (root / path).is_file():",
        "if not (root / path).is_file():",
        "tests/app/test_verify.py",
    ),
    Defence(
        "what is printed moves no cursor",
        "report/layout",
        "c if c.isprintable() else",
        "c if True else",
        "tests/report/test_report_text.py",
    ),
    Defence(
        "summaries are printed the same way",
        "cli/output",
        "_fitted(printable(line)) for line",
        "_fitted(line) for line",
        "tests/faults/test_hostile.py",
    ),
    Defence(
        "errors are printed the same way",
        "cli/entry",
        'return printable(" ".join(message.splitlines()))',
        "return message",
        "tests/faults/test_terminal.py",
    ),
    Defence(
        "names in the progress bar",
        "cli/output",
        "description=printable(doing)[:40]",
        "description=doing[:40]",
        "tests/faults/test_terminal.py",
    ),
    Defence(
        "the page escapes",
        "report/html/page",
        "autoescape=True",
        "autoescape=False",
        "tests/report/html/test_html_page.py",
    ),
    Defence(
        "annotations escape",
        "report/github",
        'return "".join(table.get(character, character) for character in text)',
        "return text",
        "tests/report/test_report_formats.py",
    ),
    Defence(
        "JUnit escapes",
        "report/junit",
        "from xml.sax.saxutils import quoteattr",
        "quoteattr = '\"{}\"'.format",
        "tests/report/test_report_formats.py",
    ),
    Defence(
        "a line of a session file stays a line",
        "reaper/rpp",
        'text = _LINE_BREAKS.sub(" ", text)',
        "",
        "tests/delivery/test_session_layout.py",
    ),
    Defence(
        "only this machine",
        "reaper/server",
        '("127.0.0.1", port)',
        '("0.0.0.0", port)',
        "tests/reaper/test_server.py",
    ),
    Defence(
        "only with the token",
        "reaper/server",
        "if not hmac.compare_digest(str(token).encode(), self._token.encode()):",
        _OFF,
        "tests/reaper/test_server.py",
    ),
    Defence("only two functions", "reaper/server", "if asked != _DISPATCH:", _OFF, "tests/reaper/test_server.py"),
    Defence(
        "a crowd of peers", "reaper/server", "if len(self._peers) >= _MAX_PEERS:", _OFF, "tests/reaper/test_server.py"
    ),
    Defence(
        "a length that lies",
        "reaper/server",
        "if not 0 < length <= _MAX_REQUEST_BYTES:",
        _OFF,
        "tests/reaper/test_server.py",
    ),
    Defence(
        "an answer that makes no sense",
        "reaper/link",
        'if not isinstance(answer.get("code"), str) or not isinstance(answer.get("message"), str):',
        _OFF,
        "tests/fuzz/test_fuzz_short.py",
    ),
)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("word", nargs="?", default="", help="only defences with this word")
    word = parser.parse_args().word
    preload()
    bad, sound = 0, dict[str, bool]()
    for defence in (entry for entry in DEFENCES if word in entry.what):
        path = Path("stemkit", f"{defence.module}.py")
        source = path.read_text(encoding="utf-8")
        if defence.tests not in sound:
            sound[defence.tests] = passes("", None, defence.tests.split(), 60.0)[0]
        if not sound[defence.tests]:
            told = f"{defence.tests} fails as it is"
        elif source.count(defence.words) != 1:
            told = f"{path} does not hold these words once: {defence.words}"
        else:
            changed = source.replace(defence.words, defence.without)
            held, _ = passes(defence.module, changed, defence.tests.split(), 60.0)
            told = "NOBODY MINDS" if held else "its tests fail without it"
        bad += told != "its tests fail without it"
        print(f"{defence.what}: {told}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
