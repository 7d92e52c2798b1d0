"""A mailer as its author writes it, and its contract test, without a checkout of OneHour.

`test_authors.py` runs this file as `test_folder_mailer.py` where only the wheel is installed.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from onehour.api import (
    AddressRefused,
    Attachment,
    Mailer,
    MailRefused,
    MailUnavailable,
    Message,
)
from onehour.testing.mail import MailerContract, MailerSetup

LINE_BREAKS = re.compile("[\r\n\u2028]+")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class FolderMailer(Mailer):
    """Writes each message into a folder, as one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.closed_mailboxes: set[str] = set()
        self.refuses = False
        self.is_busy = False

    async def send(self, message: Message) -> None:
        if self.is_busy or not self.folder.is_dir():
            raise MailUnavailable
        if not ADDRESS.fullmatch(message.to) or message.to in self.closed_mailboxes:
            raise AddressRefused
        if self.refuses:
            raise MailRefused
        subject = LINE_BREAKS.sub(" ", message.subject).strip()
        number = len(list(self.folder.iterdir()))
        file = self.folder / f"{number:06d}.json"
        content = {**asdict(message), "subject": subject}
        file.write_text(json.dumps(content, default=bytes.hex), encoding="utf-8")


def read(stored: dict[str, Any]) -> Message:
    files = tuple(
        Attachment(each["name"], each["media_type"], bytes.fromhex(each["content"]))
        for each in stored.pop("attachments")
    )
    return Message(**stored, attachments=files)


class FolderSetup:
    def __init__(self, folder: Path) -> None:
        self._mailer, self._folder = FolderMailer(folder), folder
        self.mailer: Mailer = self._mailer

    def delivered(self) -> list[Message]:
        files = sorted(self._folder.iterdir())
        return [read(json.loads(file.read_text(encoding="utf-8"))) for file in files]

    def remove_mailbox(self, address: str) -> None:
        self._mailer.closed_mailboxes.add(address)

    def refuse_contents(self) -> None:
        self._mailer.refuses = True

    def set_busy(self, busy: bool) -> None:
        self._mailer.is_busy = busy

    async def close(self) -> None:
        self._folder.rmdir()


class TestFolderMailer(MailerContract):
    @pytest.fixture
    def mailer_setup(self, tmp_path: Path) -> MailerSetup:
        return FolderSetup(tmp_path)
