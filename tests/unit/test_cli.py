"""The `onehour` command reports an error in one sentence."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from onehour.cli import main


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_wrong_setting_ends_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONEHOUR_PORT", "eighty")

    assert main(["web"]) == 2
    assert capsys.readouterr().err == "ONEHOUR_PORT must be a whole number from 1 to 65535.\n"


def test_the_env_file_of_the_folder_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text("ONEHOUR_COLOUR=petrol\n")

    assert main(["prepare"]) == 2
    assert capsys.readouterr().err.startswith("ONEHOUR_COLOUR is not a setting; ")


@pytest.mark.parametrize("arguments", [["web", "--processes", "0"], ["dance"], []])
def test_a_wrong_word_shows_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: onehour")


def test_it_knows_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"onehour {version('onehour')}\n"
