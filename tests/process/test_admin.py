"""`onehour admin create` on a real database: whoever has a shell there can create an admin."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from onehour.cli import main
from tests.servers import free_port, start_mongo, stop

pytestmark = pytest.mark.process

EMAIL = "asha@example.com"


@pytest.fixture(scope="module")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start_mongo(tmp_path_factory.mktemp("mongo"))
    yield url
    stop(process)


@pytest.fixture
def database(mongo_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an empty database that the command's settings lead to."""
    name = f"onehour_{tmp_path.name.replace('-', '_')}"[:60]
    for setting, value in {
        "MONGO_URL": mongo_url,
        "MONGO_DATABASE": name,
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "DATA_DIR": str(tmp_path),
        "BCRYPT_ROUNDS": "4",
    }.items():
        monkeypatch.setenv(f"ONEHOUR_{setting}", value)
    monkeypatch.chdir(tmp_path)
    return name


def create(monkeypatch: pytest.MonkeyPatch, password: str, *more: str) -> int:
    """The command's exit status, with the password on its standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(password))
    return main(["admin", "create", "--email", EMAIL, *more])


def accounts(mongo_url: str, database: str) -> list[dict[str, object]]:
    with MongoClient[dict[str, object]](mongo_url) as client:
        return list(client[database]["accounts"].find())


def test_an_administrator_is_made_with_the_password_of_standard_input(
    mongo_url: str,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert create(monkeypatch, "a hat for Tuesday\n", "--name", "Asha") == 0

    printed = capsys.readouterr()
    assert (
        printed.out
        == f"Administrator {EMAIL} created. Each log-in needs a code sent to that address.\n"
    )
    assert "Tuesday" not in printed.out + printed.err
    (kept,) = accounts(mongo_url, database)
    assert (kept["email"], kept["name"], kept["roles"]) == (EMAIL, "Asha", ["admin"])
    assert kept["email_verified_at"] and kept["two_factor"]
    assert str(kept["password_hash"]).startswith("$2b$04$")

    assert create(monkeypatch, "another hat for Tuesday\n") == 1
    printed = capsys.readouterr()
    assert printed.err.endswith("There is already an account with this e-mail address.\n")
    assert accounts(mongo_url, database) == [kept]


@pytest.mark.parametrize("password", ["", "\n", "short\n", "password\n", "asha@example\n"])
def test_a_password_that_is_easily_guessed_is_refused_in_a_sentence(
    mongo_url: str,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    password: str,
) -> None:
    assert create(monkeypatch, password) == 1

    said = capsys.readouterr()
    sentence = said.err.strip()
    assert said.out == ""
    assert len(sentence.splitlines()) == 1
    assert sentence[0].isupper() and sentence.endswith(".")
    assert accounts(mongo_url, database) == []


def test_every_wrong_value_is_named_in_a_sentence(
    mongo_url: str,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert create(monkeypatch, "short\n", "--name", " ", "--timezone", "Mars/Base") == 1

    sentences = capsys.readouterr().err.splitlines()
    assert sentences[0] == "Enter your name."
    assert len(sentences) == 3
    assert all(sentence.endswith(".") for sentence in sentences)
    assert accounts(mongo_url, database) == []
