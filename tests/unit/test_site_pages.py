"""The folder of the operator's pages is read at the start."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import pytest

from onehour import cli, web
from onehour.settings import Settings, WrongSetting
from onehour.site_pages import site_pages
from tests.unit.test_settings import PUBLIC_HOUSE

FILES = ("privacy.md", "terms.md", "help.md")


@pytest.fixture(name="folder")
def with_all_pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for file in FILES:
        (folder / file).write_text(f"# Our {file}\n\nRules.\n", encoding="utf-8")
    return folder


def settings(tmp_path: Path, folder: Path | None) -> Settings:
    environ = {"ONEHOUR_DATA_DIR": str(tmp_path / "data")}
    if folder:
        environ["ONEHOUR_PAGES_DIR"] = str(folder)
    return Settings.load(environ, None)


def test_the_pages_are_read_with_their_titles(tmp_path: Path, folder: Path) -> None:
    (folder / "terms.md").write_bytes("\ufeff# Bedingungen für alle\n".encode())

    pages = site_pages(settings(tmp_path, folder))

    assert {name: page.title for name, page in pages.items()} == {
        "privacy": "Our privacy.md",
        "terms": "Bedingungen für alle",
        "help": "Our help.md",
    }


def test_without_the_setting_nothing_is_read(tmp_path: Path) -> None:
    assert site_pages(settings(tmp_path, None)) == {}


def test_a_folder_that_is_missing_or_a_file_is_refused(tmp_path: Path, folder: Path) -> None:
    for wrong in (tmp_path / "nowhere", folder / "help.md"):
        with pytest.raises(WrongSetting) as refused:
            site_pages(settings(tmp_path, wrong))
        assert refused.value.message == "ONEHOUR_PAGES_DIR must be a folder that can be read."


@pytest.mark.parametrize("file", FILES)
def test_a_page_that_is_missing_or_no_file_is_named(
    tmp_path: Path, folder: Path, file: str
) -> None:
    (folder / file).unlink()
    sentence = f"ONEHOUR_PAGES_DIR must be a folder with a file {file} that can be read."

    with pytest.raises(WrongSetting) as missing:
        site_pages(settings(tmp_path, folder))
    (folder / file).mkdir()
    with pytest.raises(WrongSetting) as no_file:
        site_pages(settings(tmp_path, folder))

    assert missing.value.message == no_file.value.message == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"# Terms \xff\n", "a folder whose file terms.md is in UTF-8"),
        (b"Terms\n", "a folder whose file terms.md begins with a title, such as '# Terms'"),
        (b"", "a folder whose file terms.md begins with a title, such as '# Terms'"),
    ],
)
def test_a_page_that_cannot_be_used_is_named(
    tmp_path: Path, folder: Path, content: bytes, sentence: str
) -> None:
    (folder / "terms.md").write_bytes(content)

    with pytest.raises(WrongSetting) as refused:
        site_pages(settings(tmp_path, folder))

    assert refused.value.message == f"ONEHOUR_PAGES_DIR must be {sentence}."


@pytest.mark.parametrize("command", ["run", "web"])
def test_a_missing_page_stops_the_start_with_one_sentence(
    command: str,
    tmp_path: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "help.md").unlink()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONEHOUR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ONEHOUR_PAGES_DIR", str(folder))

    status = cli.main([command])

    assert status == 2
    sentence = "ONEHOUR_PAGES_DIR must be a folder with a file help.md that can be read.\n"
    assert capsys.readouterr().err == sentence


@pytest.mark.parametrize("own", [True, False])
def test_a_public_site_without_pages_of_its_own_logs_a_warning(
    own: bool, tmp_path: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The port is in use, so that the start ends there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environ = {
            **PUBLIC_HOUSE,
            "ONEHOUR_DATA_DIR": str(tmp_path),
            "ONEHOUR_PORT": str(taken.getsockname()[1]),
            "ONEHOUR_PAGES_DIR": str(folder) if own else "",
        }
        with pytest.raises(WrongSetting):
            web.main(Settings.load(environ, None))

    warnings = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert any("ONEHOUR_PAGES_DIR is not set" in each for each in warnings) is not own
