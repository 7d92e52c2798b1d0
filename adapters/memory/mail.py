"""A mail server in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from core.email_addresses import is_plain
from ports.mail import (
    AddressRefused,
    ForgedReport,
    MailRefused,
    MailReport,
    MailUnavailable,
    Message,
    ReportingMailer,
)


class MemoryMailer(ReportingMailer):
    """`sent` has the accepted messages; `attempts` also counts the refused ones.

    While `down` is True, `send` raises `MailUnavailable`. Messages to `unknown_addresses`, and
    those that contain one of the `rejected_texts`, are refused. Its reports are a JSON list of
    `MailReport`s, proved by the header `x-signature: memory`.
    """

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.attempts = 0
        self.down = False
        self.unknown_addresses: set[str] = set()
        self.rejected_texts: set[str] = set()

    async def send(self, message: Message) -> None:
        self.attempts += 1
        if self.down:
            raise MailUnavailable
        if message.to in self.unknown_addresses or not is_plain(message.to):
            raise AddressRefused
        if any(text in message.text for text in self.rejected_texts):
            raise MailRefused
        self.sent.append(message)

    def parse_reports(self, headers: Mapping[str, str], body: bytes) -> tuple[MailReport, ...]:
        if headers.get("x-signature") != "memory":
            raise ForgedReport
        return tuple(
            MailReport(**{**each, "at": datetime.fromisoformat(each["at"])})
            for each in json.loads(body)
        )

    def to(self, address: str) -> list[Message]:
        """The messages sent to this address, in order."""
        return [message for message in self.sent if message.to == address]
