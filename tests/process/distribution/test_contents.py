"""What is in the wheel and in the sdist."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from onehour.frontend import VENDOR, vendored_files
from tests.process.distribution.building import PACKAGES, ROOT, build, contents
from tests.process.distribution.conftest import Built

pytestmark = pytest.mark.process


def test_the_wheel_has_every_file_of_every_package_and_nothing_else(built: Built) -> None:
    files = {path.relative_to(built.source) for name in PACKAGES for path in files_in(built, name)}

    packaged = {name for name in contents(built.wheel) if ".dist-info/" not in name}

    assert packaged == {path.as_posix() for path in files}
    assert {f"{package}/py.typed" for package in PACKAGES} <= packaged
    assert {path.relative_to(ROOT).as_posix() for path in vendored_files()} <= packaged


def files_in(built: Built, package: str) -> list[Path]:
    """Without what Python compiles while the package is built."""
    files = (path for path in (built.source / package).rglob("*") if path.is_file())
    return [path for path in files if path.parent.name != "__pycache__"]


@pytest.mark.long
def test_the_wheel_is_the_same_from_the_sdist_and_from_the_checkout(
    built: Built, tmp_path: Path
) -> None:
    ran = build(built.source, tmp_path, "--wheel")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    (direct,) = tmp_path.glob("*.whl")
    assert contents(built.wheel) == contents(direct)


@pytest.mark.parametrize("options", [pytest.param((), marks=pytest.mark.long), ("--wheel",)])
def test_without_the_files_from_npm_nothing_is_built(
    built: Built, tmp_path: Path, options: tuple[str, ...]
) -> None:
    source = Path(shutil.copytree(built.source, tmp_path / "source"))
    shutil.rmtree(source / VENDOR.relative_to(ROOT))

    ran = build(source, tmp_path / "built", *options)

    missing = source / vendored_files()[0].relative_to(ROOT)
    assert ran.returncode != 0
    assert f"error: Run `make setup` before the build: {missing} is missing.\n" in ran.stderr
    assert not list(tmp_path.glob("built/*"))
