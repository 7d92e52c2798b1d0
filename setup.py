"""Refuses to build a distribution without the third-party front-end files, which are not in the
repository. Everything else about the distribution is in pyproject.toml."""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist
from setuptools.errors import SetupError

sys.path.insert(0, str(Path(__file__).parent))

from onehour.frontend import vendored_files


class CompleteBuild(build_py):
    """Editable installations are made before `make setup` gets the files, so they may lack them."""

    def run(self) -> None:
        if not self.editable_mode:
            refuse_incomplete()
        super().run()


class CompleteSource(sdist):
    def run(self) -> None:
        refuse_incomplete()
        super().run()


def refuse_incomplete() -> None:
    missing = [file for file in vendored_files() if not file.is_file()]
    if missing:
        raise SetupError(f"Run `make setup` before the build: {missing[0]} is missing.")


setup(cmdclass={"build_py": CompleteBuild, "sdist": CompleteSource})
