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
from tests.process.patience_plugin import install_patience

EXAMPLES = tuple(sorted(path.parent.name for path in ROOT.glob("examples/*/pyproject.toml")))


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
    """With the wheel of OneHour and those of the examples."""
    wheels, sources = tmp_path_factory.mktemp("plugins"), tmp_path_factory.mktemp("examples")
    for name in EXAMPLES:
        ran = build(copied_example(sources, name), wheels, "--wheel")
        assert ran.returncode == 0, ran.stdout + ran.stderr
    plugins = [str(wheel) for wheel in wheels.glob("*.whl")]
    assert len(plugins) == len(EXAMPLES)
    environment = empty_environment(tmp_path_factory.mktemp("installed") / "environment")
    environment.install("--no-deps", "--no-index", str(built.wheel), *plugins)
    environment.borrow_dependencies()
    install_patience(environment.site_packages)
    return environment


def copied_example(folder: Path, name: str) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    example = ROOT / "examples" / name
    return Path(shutil.copytree(example, folder / example.name, ignore=ignored))
