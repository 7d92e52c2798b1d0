"""`onehour bounces` takes a mail from a mail server, and tells it what to do with the mail."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from onehour.cli import main


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = {
        "MONGO_URL": "mongodb://127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1/0",
        "SMTP_URL": "smtp://127.0.0.1:1", "SMTP_RETURN_PATH": "bounces@hours.example",
        "PAYMENTS": "cashfree",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"ONEHOUR_{name}", value)


def give(mail: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(mail)))


def test_a_mail_that_is_no_answer_to_ours_is_taken_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refusing it would send it back to the sender, or for ever between two servers."""
    give(b"To: bounces@hours.example\n\nBuy now.", monkeypatch)

    assert main(["bounces"]) == 0
    assert capsys.readouterr().out == "It is no answer to a mail of this site.\n"


def test_a_mail_that_cannot_be_taken_now_stays_with_the_mail_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ONEHOUR_SMTP_RETURN_PATH")
    give(b"", monkeypatch)

    assert main(["bounces"]) == 75
    assert "ONEHOUR_SMTP_RETURN_PATH is not set" in capsys.readouterr().err
