"""Builds both distributions from a copy of the checkout, and installs wheels."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[3]
PACKAGES: tuple[str, ...] = tuple(
    tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
)
BUILT_FROM = (
    *("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "CHANGELOG.md"),
    *("package.json", "package-lock.json"),
)
PROGRAMS = ("secantusd-py",)
"""Commands of the local servers that `onehour run` looks for beside its Python."""


def copy_checkout(target: Path) -> Path:
    """What distributions are built from, without what earlier builds may have left."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, target / package, ignore=shutil.ignore_patterns("__pycache__", ".*")
        )
    for name in BUILT_FROM:
        shutil.copy(ROOT / name, target)
    return target


def build(source: Path, target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`python -m build` with the installed setuptools, so that nothing is downloaded."""
    command = ("-m", "build", "--no-isolation", *options, "--outdir", str(target), str(source))
    return run(Path(sys.executable), *command, cwd=source.parent)


def contents(wheel: Path) -> dict[str, bytes]:
    """All files of a wheel, by path."""
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment of its own."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def onehour(self) -> Path:
        return self.folder / "bin" / "onehour"

    @property
    def site_packages(self) -> Path:
        (found,) = self.folder.glob("lib/python*/site-packages")
        return found

    def install(self, *options: str) -> None:
        """With the pip of the tests."""
        quiet = ("--quiet", "--disable-pip-version-check")
        command = ("-m", "pip", "--python", str(self.python), "install", *quiet, *options)
        installed = run(Path(sys.executable), *command, cwd=self.folder)
        assert installed.returncode == 0, installed.stderr

    def borrow_dependencies(self) -> None:
        """Find everything else where the tests run. OneHour itself is not found there: an editable
        installation is a `.pth` file, and those of further folders are not read."""
        folders = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
        (self.site_packages / "dependencies.pth").write_text("\n".join(folders) + "\n")
        for name in PROGRAMS:
            (self.folder / "bin" / name).symlink_to(Path(sys.executable).with_name(name))


def empty_environment(folder: Path) -> Environment:
    venv.create(folder, symlinks=True)
    return Environment(folder)


def run(python: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """With no settings of ours and without the checkout on the import path."""
    ours = ("ONEHOUR_", "PYTHONPATH")
    environ = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [python, *arguments], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
