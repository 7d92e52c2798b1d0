"""The local servers speak the real protocols and keep their data."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from redis.asyncio import Redis

from adapters.smtp.mailer import SmtpMailer, SmtpSettings
from onehour.local import mailcatcher, mongo, redis
from onehour.local.children import Child, start_process, stop_process
from onehour.local.ports import choose_ports
from ports.mail import Attachment, Message
from tests.api_client import until
from tests.servers import free_ports

pytestmark = pytest.mark.process


@pytest.fixture
async def ports(tmp_path: Path) -> AsyncIterator[dict[str, int]]:
    """Runs all three, each on its own port."""
    chosen = dict(zip(("mongo", "redis", "mail"), free_ports(3), strict=True))
    children = (
        mongo.mongo_child(tmp_path, chosen["mongo"]),
        redis.redis_child(tmp_path, chosen["redis"]),
        mailcatcher.mail_child(tmp_path / "mail.sqlite3", chosen["mail"]),
    )
    running = [await start_process(child, tmp_path / f"{child.name}.log") for child in children]
    for child in children:
        await becomes_ready(child)
    yield chosen
    for process in running:
        await stop_process(process)


async def becomes_ready(child: Child) -> None:
    assert child.ready is not None
    await until(child.ready, what=child.name, every_s=0.05)


async def test_each_local_server_is_used_through_the_production_adapter(
    ports: dict[str, int], tmp_path: Path
) -> None:
    client: AsyncIOMotorClient[dict[str, int]] = AsyncIOMotorClient(mongo.mongo_url(ports["mongo"]))
    await client.app.hours.insert_one({"_id": 1})
    cache = Redis.from_url(redis.redis_url(ports["redis"]))
    await cache.set("hour", "1")
    mailer = SmtpMailer(SmtpSettings.parse(mailcatcher.smtp_url(ports["mail"])), "a@b.example")
    invitation = Attachment("invite.ics", "text/calendar; charset=utf-8", b"BEGIN:VCALENDAR\r\n")
    await mailer.send(Message("9", "ravi@example.com", "Invited", "text\n", "", (invitation,)))
    for number, to in enumerate(("Gita@example.com", "ravi@example.com", "gita@example.com")):
        await mailer.send(Message(str(number), to, f"Hour ✓ {number}", "text\n", "<p>html</p>\n"))

    found = await client.app.hours.find_one()
    caught = mailcatcher.caught_mail(tmp_path / "mail.sqlite3", "gita@example.com")

    assert found == {"_id": 1}
    assert await cache.get("hour") == b"1"
    assert [mail["subject"] for mail in caught] == ["Hour ✓ 2", "Hour ✓ 0"]
    assert (caught[0]["text"], caught[0]["html"]) == ("text\n", "<p>html</p>\n")
    assert caught[0]["headers"]["Subject"] == "Hour ✓ 2"
    (invited,) = mailcatcher.caught_mail(tmp_path / "mail.sqlite3", "ravi@example.com")[1:]
    assert invited["files"] == [
        {
            "name": "invite.ics",
            "type": 'text/calendar; charset="utf-8"',
            "text": "BEGIN:VCALENDAR\r\n",
        }
    ]
    await cache.aclose()
    client.close()


def test_a_database_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    database = tmp_path / "mail.sqlite3"
    with closing(sqlite3.connect(database)) as old, old:
        old.execute(
            'CREATE TABLE mail (id INTEGER PRIMARY KEY, "to" TEXT, subject TEXT, text TEXT, '
            "html TEXT, at TEXT)"
        )
        old.execute("INSERT INTO mail VALUES (1, 'a@b.example', 'Hour', 'text', '', 'now')")

    (mail,) = mailcatcher.caught_mail(database)

    assert (mail["subject"], mail["files"], mail["headers"]) == ("Hour", [], {})


def test_before_the_first_mail_there_is_none(tmp_path: Path) -> None:
    assert mailcatcher.caught_mail(tmp_path / "mail.sqlite3") == []


def test_ports_stay_the_same_while_they_are_free(tmp_path: Path) -> None:
    file, names = tmp_path / "ports.json", ("mongo", "redis")
    assert len(set(choose_ports(names, remembered=file).values())) == 2
    first = dict(zip(names, free_ports(2), strict=True))  # which nobody else takes meanwhile
    file.write_text(json.dumps(first))

    assert choose_ports(names, remembered=file) == first == json.loads(file.read_text())
    with socket.create_server(("127.0.0.1", first["redis"])):
        second = choose_ports(names, remembered=file)

    assert second["mongo"] == first["mongo"]
    assert second["redis"] not in first.values()
