"""What authors of adapters and plugins do in an environment that has only the wheel."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.process.distribution import author
from tests.process.distribution.building import ROOT, Environment, run
from tests.process.distribution.conftest import EXAMPLES, copied_example

pytestmark = pytest.mark.process

TEST = "test_folder_mailer.py"
INI = """[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
"""
PYTEST = ("-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider")
WRONG = """from onehour.api import Booking


def hours(booking: Booking) -> str:
    return booking.hours
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of an adapter and its test."""
    shutil.copy(author.__file__, tmp_path / TEST)
    (tmp_path / "pytest.ini").write_text(INI)
    return tmp_path


def test_a_contract_is_tested_without_a_checkout(installed: Environment, project: Path) -> None:
    ran = run(installed.python, *PYTEST, cwd=project)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout and skipped(ran.stdout) == []


@pytest.mark.long
def test_an_adapter_that_breaks_the_contract_fails(installed: Environment, project: Path) -> None:
    test = project / TEST
    code = test.read_text(encoding="utf-8")
    assert 'file = self.folder / f"{number:06d}.json"' in code
    test.write_text(code.replace("{number:06d}", "always_the_same"), encoding="utf-8")

    ran = run(installed.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project)

    assert ran.returncode == 1
    assert "test_each_message_goes_to_its_own_recipient" in ran.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_passes_its_tests_as_an_installed_plugin(
    installed: Environment, tmp_path: Path, name: str
) -> None:
    example = copied_example(tmp_path, name)
    shutil.rmtree(example / "src")

    ran = run(installed.python, *PYTEST, cwd=example)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert skipped(ran.stdout) == []


def skipped(output: str) -> list[str]:
    """Tests that did not run, apart from cases for what an adapter does not offer."""
    lines = [line for line in output.splitlines() if line.startswith("SKIPPED")]
    return [line for line in lines if "not applicable: " not in line]


@pytest.mark.long
def test_mypy_checks_code_of_authors_against_the_wheel(
    installed: Environment, project: Path
) -> None:
    (project / "wrong.py").write_text(WRONG)
    packages = [path for name in EXAMPLES for path in (ROOT / "examples" / name / "src").glob("*/")]
    for package in packages:
        shutil.copytree(package, project / package.name)
    mypy = ("-m", "mypy", "--strict", "--python-executable", str(installed.python))
    names = [package.name for package in packages]

    ran = run(Path(sys.executable), *mypy, TEST, "wrong.py", *names, cwd=project)

    assert ran.stdout.splitlines()[:-1] == [
        'wrong.py:5: error: Incompatible return value type (got "int", expected "str")'
        "  [return-value]"
    ]
