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
    """`wheel` is built from `sdist`, `direct_wheel` from `source`."""

    source: Path
    sdist: Path
    wheel: Path
    direct_wheel: Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    source = copy_checkout(tmp_path_factory.mktemp("source"))
    both, direct = tmp_path_factory.mktemp("both"), tmp_path_factory.mktemp("direct")
    for ran in (build(source, both), build(source, direct, "--wheel")):
        assert ran.returncode == 0, ran.stdout + ran.stderr
    (sdist,) = both.glob("*.tar.gz")
    (wheel,) = both.glob("*.whl")
    (direct_wheel,) = direct.glob("*.whl")
    return Built(source, sdist, wheel, direct_wheel)


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
