"""The one thing that `pyproject.toml` cannot say: REAPER's actions lie beside the package and travel inside it."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["stemkit*"]), "stemkit.reaper.scripts"],
    package_dir={"stemkit.reaper.scripts": "reaper_scripts/Stemkit"},
    package_data={"stemkit.reaper.scripts": ["*"]},
)
