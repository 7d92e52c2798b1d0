"""A mail server that delivers nothing: it captures every e-mail, and /dev/mail shows them.

Runs as `python -m onehour.local.mailcatcher --port PORT --database FILE`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onehour.local.children import Child
from onehour.local.embedded import not_installed
from onehour.local.ports import LOOPBACK
from onehour.local.readiness import accepts_connections, answers

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

MAX_MAILS = 1000
"""More e-mails than this: the oldest are deleted."""

TABLE = """CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY, "to" TEXT, subject TEXT, text TEXT, html TEXT, at TEXT,
    files TEXT NOT NULL DEFAULT '[]', headers TEXT NOT NULL DEFAULT '{}')"""
LATER_COLUMNS = {
    "files": "ALTER TABLE mail ADD COLUMN files TEXT NOT NULL DEFAULT '[]'",
    "headers": "ALTER TABLE mail ADD COLUMN headers TEXT NOT NULL DEFAULT '{}'",
}
"""What databases of earlier versions do not have."""


def mail_child(database: Path, port: int) -> Child:
    """The server process; it stores e-mails in the SQLite file `database`.

    Raises `WrongSetting` if its package is not installed.
    """
    if find_spec("aiosmtpd") is None:
        raise not_installed("aiosmtpd", setting="ONEHOUR_SMTP_URL")
    command = (
        *(sys.executable, "-m", "onehour.local.mailcatcher"),
        *("--port", str(port)),
        *("--database", str(database)),
    )
    return Child(
        name="mail",
        command=command,
        ready=accepts_connections(LOOPBACK, port),
        works=answers(LOOPBACK, port, b"", b"220"),
    )


def smtp_url(port: int) -> str:
    """The value of ONEHOUR_SMTP_URL for this server."""
    return f"smtp://{LOOPBACK}:{port}"


def caught_mail(database: Path, to: str | None = None) -> list[dict[str, Any]]:
    """The captured e-mails, newest first: all, or those sent to one address.

    Each has `id`, `to`, `subject`, `text`, `html`, `at` (ISO 8601, UTC), `headers`, by name, and
    `files`, a list of attachments: their `name`, `type` and, unless they are binary, `text`.
    """
    if not database.exists():
        return []
    with closing(_open(database)) as connection:
        rows = connection.execute(
            'SELECT * FROM mail WHERE ?1 IS NULL OR "to" = lower(?1) ORDER BY id DESC', (to,)
        )
        return [
            {**dict(row), **{name: json.loads(row[name]) for name in LATER_COLUMNS}} for row in rows
        ]


class CapturingHandler:
    """The handler that aiosmtpd calls; stores one row per recipient."""

    def __init__(self, database: Path) -> None:
        self._database = database

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Stores the e-mail; aiosmtpd calls this method by its name."""
        raw = envelope.content
        mail = message_from_bytes(raw if isinstance(raw, bytes) else b"", policy=default)
        self._store(mail, envelope.rcpt_tos)
        return "250 Captured"

    def _store(self, mail: EmailMessage, recipients: list[str]) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        texts = _part(mail, "plain"), _part(mail, "html")
        files = json.dumps(list(_files(mail)))
        headers = json.dumps({name: str(value) for name, value in mail.items()})
        shown = (str(mail["subject"] or ""), *texts, at, files, headers)
        with closing(_open(self._database)) as connection, connection:
            connection.executemany(
                'INSERT INTO mail ("to", subject, text, html, at, files, headers)'
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(to.lower(), *shown) for to in recipients],
            )
            connection.execute(
                "DELETE FROM mail WHERE id <= (SELECT max(id) FROM mail) - ?", [MAX_MAILS]
            )


def _open(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    connection.execute(TABLE)
    present = {row["name"] for row in connection.execute("PRAGMA table_info(mail)")}
    for name, added in LATER_COLUMNS.items():
        if name not in present:
            with suppress(sqlite3.OperationalError):  # another process has just done it
                connection.execute(added)
    return connection


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    return str(body.get_content()).replace("\r\n", "\n") if body else ""


def _files(mail: EmailMessage) -> Iterator[dict[str, str]]:
    if mail.get_content_type() != "multipart/mixed":
        return
    for part in mail.iter_attachments():
        shown = {"name": part.get_filename() or "", "type": str(part["Content-Type"])}
        content = part.get_payload(decode=True)
        if part.get_content_maintype() == "text" and isinstance(content, bytes):
            shown["text"] = content.decode(errors="replace")
        yield shown


async def serve(port: int, database: Path) -> None:
    """Serves on the loopback interface until it is cancelled."""
    from aiosmtpd.smtp import SMTP  # imported here: readers of captured e-mails do not need it

    def session() -> SMTP:
        return SMTP(CapturingHandler(database), hostname="localhost", enable_SMTPUTF8=True)

    server = await asyncio.get_running_loop().create_server(session, LOOPBACK, port)
    async with server:
        await server.serve_forever()


def main() -> None:
    """The command line of the child process."""
    parser = argparse.ArgumentParser(description="Captures every e-mail instead of delivering it.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.database))


if __name__ == "__main__":
    main()
