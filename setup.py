"""What `pyproject.toml` cannot say: where REAPER's actions lie, and how the compiled kernel is built."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["stemkit*"]), "stemkit.reaper.scripts"],
    package_dir={"stemkit.reaper.scripts": "reaper_scripts/Stemkit"},
    package_data={"stemkit.reaper.scripts": ["*"]},
    cffi_modules=["stemkit/audio/_kernel_build.py:ffi"],  # optional: without a compiler, numpy does the same slower
    options={"bdist_wheel": {"py_limited_api": "cp310"}},  # one wheel serves all versions of Python
)
