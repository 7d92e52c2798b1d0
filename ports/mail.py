"""Sending mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.errors import Conflict, Unavailable


@dataclass(frozen=True, slots=True)
class Message:
    """One mail to one person. `id` becomes the Message-ID, so a repeat can be recognised."""

    id: str
    to: str
    subject: str
    text: str
    html: str


class MailUnavailable(Unavailable):
    """The mail server does not answer, or wants us to come back later."""

    code = "mail_unavailable"


class MailRefused(Conflict):
    """The mail server will never take this message."""

    code = "mail_refused"


class Mailer(Protocol):
    async def send(self, message: Message) -> None:
        """Returns when the server has taken charge of it.

        Raises `MailUnavailable` (try again later) or `MailRefused` (never will be).
        """
        ...
