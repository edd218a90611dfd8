# /// script
# requires-python = ">=3.10"
# dependencies = ["nox>=2024.10"]
# ///
"""The tasks of the house: ``nox -s lint``, ``nox -s tests-3.13``, ``nox --list``."""

from __future__ import annotations

import nox

PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"), max_version="3.13")
OLDEST = PYTHONS[0]

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "type", "tests", "docs"]


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format and workflows."""
    session.install("ruff>=0.6", "zizmor>=1")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("zizmor", "--offline", ".github", "action.yml")


@nox.session(name="type")
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    session.install(".[test]")
    session.run("mypy")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on every Python that is there; arguments go to pytest."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session(python=OLDEST, venv_backend="uv")
def minimums(session: nox.Session) -> None:
    """Run tests on the oldest Python with the lowest version of each dependency that `pyproject.toml` allows."""
    session.install("--resolution=lowest-direct", ".", silent=False)
    session.install(".[test]")  # changes nothing of what is there: the tests' own tools come in their newest versions
    session.run("pytest", "-W", "default", *session.posargs)  # what old versions warn about is no fault of ours


@nox.session
def lock(session: nox.Session) -> None:
    """Write anew which versions the whole check is run with, and their hashes; for every Python and system."""
    session.install("uv")
    session.run(
        *("uv", "pip", "compile", "pyproject.toml", ".ci/tools.in", "--extra", "test", "--extra", "docs"),
        *("--universal", "--python-version", OLDEST, "--generate-hashes", "--upgrade", "--quiet"),
        *("--custom-compile-command", "nox -s lock", "-o", ".ci/requirements.txt"),
    )


@nox.session
def audit(session: nox.Session) -> None:
    """Ask PyPI for known vulnerabilities of what is locked; what cannot be asked about is a failure, too."""
    session.install("pip-audit")
    session.run("pip-audit", "--strict", "--require-hashes", "--disable-pip", "-r", ".ci/requirements.txt")


@nox.session
def docs(session: nox.Session) -> None:
    """Write the generated pages, and build the site with warnings as errors."""
    session.install(".[docs]")
    session.run("python", "docs/generate.py")
    session.run("mkdocs", "build", "--strict")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what a check costs beside other tools; needs a quiet machine."""
    session.install(".[test]")
    session.run("python", "bench/check.py", *session.posargs)


@nox.session
def sdist(session: nox.Session) -> None:
    """Build the source archive, and run the quick tests from what it holds."""
    session.install("build")
    target = session.create_tmp()
    session.run("python", "-m", "build", "--sdist", "--outdir", target)
    session.run("python", "-c", _UNPACK, target)
    with session.chdir(f"{target}/unpacked"):
        session.install(".[test]")
        session.run("pytest", *(session.posargs or ["tests/rules", "tests/session", "tests/test_public_api.py"]))


_UNPACK = """
import pathlib, shutil, sys, tarfile
target = pathlib.Path(sys.argv[1])
archive = max(target.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
shutil.rmtree(target / "unpacked", ignore_errors=True)
with tarfile.open(archive) as tar:
    tar.extractall(target, filter="data")
(target / archive.name.removesuffix(".tar.gz")).rename(target / "unpacked")
"""


if __name__ == "__main__":
    nox.main()
