"""`onehour plugins`: its template fulfils its checklist, and what is forgotten is found."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from quart import Blueprint

from adapters import smtp
from onehour.api import Capability, DocumentType, Payload, WebCapability, implements
from onehour.cli import main
from onehour.plugin_checks import BUILT_IN, CONTRACTS, NotAProject, Project, findings
from onehour.plugin_templates import write_plugin
from onehour.plugin_tests import failing_tests, unproven
from onehour.testing.plugins import Plugins, enabled
from ports.settings import WrongSetting
from tests.plugins.installed import install


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new plugin, as if it were installed."""
    folder = write_plugin("long_hours", tmp_path)
    monkeypatch.syspath_prepend(folder / "src")
    install(monkeypatch, long_hours=importlib.import_module("long_hours").LongHoursPlugin)
    monkeypatch.chdir(tmp_path)
    yield folder
    for loaded in [each for each in sys.modules if each.split(".")[0] == "long_hours"]:
        del sys.modules[loaded]


def test_the_template_passes_its_tests_and_the_check(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugins", "check", "long_hours", "--folder", str(project)]) == 0
    assert capsys.readouterr().out == "The plugin long_hours fulfils the checklist.\n"


def test_what_an_author_forgets_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "README.md").write_text("# Long hours\n", encoding="utf-8")
    for file in (project / "tests").iterdir():
        file.unlink()

    status = main(["plugins", "check", "long_hours", "--folder", str(project)])

    assert status == 1
    assert capsys.readouterr().err.splitlines() == [
        "README.md does not explain ONEHOUR_PLUGIN_LONG_HOURS_POINTS.",
        "There are no tests.",
    ]


def test_tests_that_fail_are_a_finding(project: Path) -> None:
    test = project / "tests" / "test_long_hours.py"
    test.write_text("def test_it() -> None:\n    assert False\n", encoding="utf-8")

    (finding,) = failing_tests(project)
    assert finding.startswith("The tests fail: 1 failed")


def case(name: str, outcome: str) -> dict[str, object]:
    return {"name": f"test_{name}[1]", "case": f"test_{name}", "outcome": outcome}


SHOWN = [case("sends", "passed"), case("reports", "not applicable"), case("waits", "new, fails")]
"""Cases of an adapter that are no finding."""
ENDS = "test_ends[1]"
MAIL = "The contract suite of mail is not passed by smtp"


@pytest.mark.parametrize(
    ("suites", "expected"),
    [
        ([("mail", SHOWN, 3)], []),
        ([("push", SHOWN, 3)], ["No tests of the adapter smtp ran the contract suite of mail."]),
        ([("mail", SHOWN, 4)], [f"{MAIL}: 1 cases did not run."]),
        ([("mail", [*SHOWN, case("ends", "failed")], 4), ("mail", SHOWN, 3)], []),
        (
            [("mail", [*SHOWN, case("ends", "replaced")], 4)],
            [f"{MAIL}: {ENDS} was replaced."],
        ),
        ([("mail", [*SHOWN, case("ends", "skipped")], 4)], [f"{MAIL}: {ENDS} was skipped."]),
    ],
)
def test_an_adapter_must_have_passed_the_whole_suite_of_its_port(
    suites: list[tuple[str, list[dict[str, object]], int]], expected: list[str]
) -> None:
    reported = [{"port": port, "cases": cases, "expected": n} for port, cases, n in suites]

    assert list(unproven(smtp.OFFER, reported)) == expected


def test_the_installed_plugins_are_listed(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONEHOUR_PLUGINS", "long_hours")

    assert main(["plugins", "list"]) == 0
    assert capsys.readouterr().out == "long_hours  unknown  enabled\n"
    assert [each.name for each in Path().iterdir()] == ["long_hours"]


def test_a_plugin_that_is_not_installed_is_to_be_installed_first(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugins", "check", "short_hours", "--folder", "short_hours"]) == 1
    assert capsys.readouterr().err == (
        "No plugin short_hours is installed; installed plugins: long_hours. Install its project"
        " first: pip install -e short_hours\n"
    )


@pytest.mark.parametrize(("port", "contract"), CONTRACTS.items())
def test_the_contracts_are_those_of_the_testing_package(port: str, contract: str) -> None:
    assert hasattr(importlib.import_module(f"onehour.testing.{port}"), contract)


def in_folder(folder: Path) -> Project:
    return Project.of("a_plugin", folder, "a-distribution")


@pytest.mark.parametrize("name", ["campaigns", "feedback"])
def test_the_plugins_that_come_with_onehour_fulfil_the_checklist(name: str, tmp_path: Path) -> None:
    """Their tests run with all others."""
    plugins = Plugins()
    plugins.load([name], alone=True)

    project = Project.of(name, tmp_path, BUILT_IN)

    assert list(findings(name, plugins, project)) == []


def test_what_is_missing_in_the_page_of_a_plugin_that_comes_with_onehour_is_named(
    tmp_path: Path,
) -> None:
    plugins = Plugins()
    plugins.load(["feedback"], alone=True)
    page = tmp_path / "feedback.md"
    page.write_text("ONEHOUR_PLUGIN_FEEDBACK_WRITE_DAYS ONEHOUR_PLUGIN_FEEDBACK_REPLY_DAYS")

    found = findings("feedback", plugins, Project(page, Path(__file__).parent / "feedback"))

    assert list(found) == ["feedback.md does not explain ONEHOUR_PLUGIN_FEEDBACK_REMIND_DAYS."]


def test_outside_of_a_checkout_they_cannot_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onehour.plugin_checks.ROOT", tmp_path)

    with pytest.raises(NotAProject, match="feedback comes with OneHour"):
        Project.of("feedback", tmp_path, BUILT_IN)


@dataclass(frozen=True)
class Stored:
    id: str
    version: int = 0


@dataclass(frozen=True)
class Told(Payload):
    kind = "mails.told"


class Careless:
    """Uses names of others, and declares nothing."""

    @implements
    def onehour_capabilities(self) -> list[Capability]:
        record = Capability(
            name="careless",
            build=lambda dependencies, built: {},
            personal_data=None,
            documents=(DocumentType("reviews", Stored),),
            messages=(Told,),
        )
        return [record]

    @implements
    def onehour_web(self) -> list[WebCapability]:
        pages = Blueprint("bookings", __name__)

        @pages.get("/careless")
        async def show() -> str:
            return ""

        return [WebCapability(name="careless", pages=(pages,))]


def test_names_routes_and_personal_data_are_checked(tmp_path: Path) -> None:
    found = list(findings("careless", enabled(Careless, "careless"), in_folder(tmp_path)))

    assert found == [
        "The blueprint bookings should begin with careless.",
        "The collection reviews should begin with careless.",
        "The outbox message mails.told should begin with careless.",
        "/careless does not declare who may call it.",
        f"README.md is missing in {tmp_path}: --folder names the folder of the project.",
        "careless stores documents and declares no personal data.",
        "There are no tests.",
    ]


@pytest.mark.parametrize("name", ["Long", "long-hours", "2hours", "_hours", "hours_", ""])
def test_a_name_that_is_no_identifier_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="lower-case"):
        write_plugin(name, tmp_path)


@pytest.mark.parametrize("name", ["class", "core", "json", "quart", "taken"])
def test_a_name_that_would_hide_something_else_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, taken=Careless)

    with pytest.raises(WrongSetting, match="choose another one"):
        write_plugin(name, tmp_path)

    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_ends_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()

    assert main(["plugins", "new", "long_days", "--folder", "file"]) == 2
    assert capsys.readouterr().err == "file/long_days cannot be written: Not a directory.\n"


def test_nothing_is_overwritten(project: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="exists already"):
        write_plugin("long_hours", tmp_path)
