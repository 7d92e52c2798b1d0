"""`onehour adapters new`: for every port it writes an adapter that passes its contract."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from adapters.memory.clock import FixedClock
from onehour import chosen
from onehour.adapter_templates import WORDS, write_adapter
from onehour.cli import main
from onehour.plugin_checks import CONTRACTS, Project, findings
from onehour.plugins import all_offers, load_plugins
from onehour.settings import Settings
from onehour.testing.plugins import enabled
from ports.adapters import PortName, Resources
from ports.settings import WrongSetting
from tests.app import MONDAY
from tests.plugins.installed import install

ROOT = Path(__file__).parents[2]
PORTS: tuple[PortName, ...] = get_args(PortName)
CHOOSE: Mapping[str, Callable[..., Any]] = {
    "payments": lambda *given: chosen.gateways(*given)["bank_payments"],
    "payouts": lambda *given: chosen.payouts(*given)["bank_payouts"],
    "video": chosen.video,
    "storage": chosen.storage,
    "mail": chosen.mailer,
    "push": chosen.pusher,
    "virus_scan": chosen.virus_scanner,
}


def name_of(port: str) -> str:
    return f"bank_{port}"


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[PortName, Path]]:
    """The folder of each new adapter; its package can be imported."""
    folder = tmp_path_factory.mktemp("projects")
    written = {port: write_adapter(port, name_of(port), folder) for port in PORTS}
    sources = [str(project / "src") for project in written.values()]
    sys.path[:0] = sources
    yield written
    for source in sources:
        sys.path.remove(source)


@pytest.fixture(params=PORTS)
def port(request: pytest.FixtureRequest) -> PortName:
    found: PortName = request.param
    return found


@pytest.fixture
def plugin(port: PortName, projects: Mapping[PortName, Path]) -> Any:
    module = importlib.import_module(name_of(port))
    return getattr(module, "".join(part.capitalize() for part in name_of(port).split("_")))


def test_there_are_templates_and_contracts_for_all_ports() -> None:
    assert tuple(sorted(WORDS)) == tuple(sorted(CONTRACTS)) == tuple(sorted(PORTS))


def test_their_own_tests_pass(projects: Mapping[PortName, Path]) -> None:
    tests = [str(project / "tests") for project in projects.values()]
    sources = [str(project / "src") for project in projects.values()]
    config = str(projects["mail"] / "pyproject.toml")

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", config, *tests],
        cwd=projects["mail"].parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*sources, *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert int(ran.stdout.splitlines()[-1].partition(" passed")[0]) > 30 * len(projects)


def test_they_fulfil_the_checklist(
    port: PortName, plugin: Any, projects: Mapping[PortName, Path]
) -> None:
    name = name_of(port)

    assert list(findings(name, enabled(plugin, name), Project.of(name, projects[port], ""))) == []


def test_a_setting_of_an_adapter_that_nobody_explains_is_found(
    port: PortName, plugin: Any, projects: Mapping[PortName, Path], tmp_path: Path
) -> None:
    (tmp_path / "README.md").write_text("# A bank\n", encoding="utf-8")
    begin, contract = f"ONEHOUR_PLUGIN_BANK_{port.upper()}_", CONTRACTS[port]

    found = findings(name_of(port), enabled(plugin, name_of(port)), Project.of("", tmp_path, ""))

    assert list(found) == [
        f"README.md does not explain {begin}URL.",
        f"README.md does not explain {begin}KEY.",
        "There are no tests.",
        f"No test of the adapter {name_of(port)} inherits {contract}.",
    ]


def chosen_by(given: Mapping[str, str], port: PortName) -> Any:
    """As at the start of the application."""
    settings = Settings.load(given, None)
    resources = Resources(
        deployment=settings.deployment,
        http=None,
        clock=FixedClock(MONDAY),
        link_secret=chosen.link_secret(settings),
    )
    offers = all_offers(load_plugins(settings))
    return CHOOSE[port](settings, resources, offers)


def test_settings_choose_them(port: PortName, plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = name_of(port)
    install(monkeypatch, **{name: plugin})

    adapter = chosen_by({f"ONEHOUR_{port.upper()}": name, "ONEHOUR_PLUGINS": name}, port)

    assert type(adapter).__module__ == f"{name}.adapter"


def test_what_is_in_memory_is_refused_in_production(
    port: PortName, plugin: Any, projects: Mapping[PortName, Path]
) -> None:
    (offer,) = enabled(plugin, name_of(port)).adapters
    deployment = Settings.load({}, None).deployment

    with pytest.raises(WrongSetting, match=f"ONEHOUR_{port.upper()} must not be {name_of(port)}"):
        offer.settings().check_production(deployment)


@pytest.mark.long
def test_their_code_is_formatted_and_typed(
    port: PortName, projects: Mapping[PortName, Path]
) -> None:
    project, config = projects[port], str(ROOT / "pyproject.toml")
    commands = (
        ("ruff", "check", "--config", config, "--ignore", "I,S", "."),
        ("ruff", "format", "--config", config, "--check", "."),
        ("mypy", "--strict", "--explicit-package-bases", "src", "tests"),
    )
    paths = os.pathsep.join([str(project / "src"), str(ROOT)])

    for command in commands:
        ran = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=project,
            env={**os.environ, "MYPYPATH": paths},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_command_writes_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapters", "new", "mail", "post_office", "--folder", str(tmp_path)]) == 0
    assert (
        capsys.readouterr().out == f"{tmp_path / 'post_office'} is a plugin: see its README.md.\n"
    )


@pytest.mark.parametrize("wrong", [["store", "bank"], ["mail"]])
def test_another_port_shows_the_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["adapters", "new", *wrong])

    assert capsys.readouterr().err.startswith("usage: onehour adapters")


def test_a_wrong_name_or_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bank").mkdir()

    statuses = [
        main(["adapters", "new", "mail", name, "--folder", str(tmp_path)])
        for name in ("My-Bank", "bank")
    ]

    assert statuses == [2, 2]
    assert capsys.readouterr().err.splitlines() == [
        "The name My-Bank must be lower-case letters and digits, with single _ between them.",
        f"{tmp_path / 'bank'} exists already.",
    ]


def test_the_check_runs_the_contract_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_adapter("virus_scan", "bank_scan", tmp_path)
    monkeypatch.syspath_prepend(project / "src")
    install(monkeypatch, bank_scan=importlib.import_module("bank_scan").BankScan)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    check = ["plugins", "check", "bank_scan", "--folder", str(project)]

    assert main(check) == 0
    test = next((project / "tests").glob("test_*.py"))
    test.write_text(f"{test.read_text()}\n    test_several_files_at_once = None\n")

    assert main(check) == 1
    finding = "The contract suite of virus_scan is not passed by bank_scan: 1 cases did not run."
    assert finding in capsys.readouterr().err
