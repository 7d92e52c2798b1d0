"""Sending mail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from core.errors import Conflict, Unavailable

BREAK = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")
"""Line breaks and other control characters, with the white space around them."""


@dataclass(frozen=True, slots=True)
class Message:
    """One mail to one person. `id` becomes the Message-ID, or what the provider has instead, so a
    repeat can be recognised. `subject` is always one line: a break would begin a new header."""

    id: str
    to: str
    subject: str
    text: str
    html: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", BREAK.sub(" ", self.subject).strip())


class MailUnavailable(Unavailable):
    """The mail server does not answer, or wants us to come back later."""

    code = "mail_unavailable"


class MailRefused(Conflict):
    """The mail server will never take this message."""

    code = "mail_refused"


class AddressRefused(MailRefused):
    """The mail server takes nothing for this address."""

    # Told apart from a refused content, which says nothing about the address: else whoever
    # can write words into a mail could have its reader suppressed.
    code = "mail_address_refused"


class Mailer(Protocol):
    async def send(self, message: Message) -> None:
        """Returns when the server has taken charge of it.

        Raises `MailUnavailable` (try again later: the server, or our account there, can be
        mended), `MailRefused` (this message never will be taken), or its kind `AddressRefused`
        (nor will any other to this address).
        """
        ...
