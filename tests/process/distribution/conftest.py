"""Both distributions, and one environment with the wheel for all tests."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.process.distribution.building import (
    ROOT,
    Environment,
    build,
    copy_checkout,
    empty_environment,
)


@dataclass(frozen=True, slots=True)
class Built:
    """`wheel` is built from `sdist`, and that from `source`."""

    source: Path
    sdist: Path
    wheel: Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    source = copy_checkout(tmp_path_factory.mktemp("source"))
    folder = tmp_path_factory.mktemp("both")
    ran = build(source, folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return Built(source, sdist, wheel)


@pytest.fixture(scope="session")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """With the wheel of OneHour and that of the example plugin."""
    plugins = tmp_path_factory.mktemp("plugins")
    ran = build(copied_example(tmp_path_factory.mktemp("example")), plugins, "--wheel")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (plugin,) = plugins.glob("*.whl")
    environment = empty_environment(tmp_path_factory.mktemp("installed") / "environment")
    environment.install("--no-deps", "--no-index", str(built.wheel), str(plugin))
    environment.borrow_dependencies()
    return environment


def copied_example(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    example = ROOT / "examples" / "quiet_hours"
    return Path(shutil.copytree(example, folder / example.name, ignore=ignored))
