"""Sending e-mail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from core.errors import Conflict, Forbidden, Unavailable

BREAK = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")
"""Line breaks and other control characters, with the white space around them."""
WEB_URL = re.compile(r"https?://[!-;=?-~]+")
"""Printable ASCII without angle brackets, to fit in a header. RFC 8058 asks for `https`."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an e-mail. `name` is plain ASCII and `media_type` its type with parameters, such as
    `text/calendar; method=REQUEST; charset=utf-8`. Mail programs offer to answer an invitation of
    that type, so adapters that can also send it as an alternative of the text."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail to one recipient. `id` becomes the Message-ID or the provider's equivalent, so
    that a repeat can be recognised. `subject` is made one line: a break would start a header.

    `unsubscribe` is for mail that a person can stop: the URL to which mail programs send
    one POST when their button is pressed (RFC 8058). It becomes the headers `List-Unsubscribe` and
    `List-Unsubscribe-Post`. A text that is no such URL raises `ValueError`."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    unsubscribe: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", BREAK.sub(" ", self.subject).strip())
        if self.unsubscribe and not WEB_URL.fullmatch(self.unsubscribe):
            raise ValueError("The address to unsubscribe at must be a URL.")

    @property
    def list_headers(self) -> dict[str, str]:
        """The headers of `unsubscribe`, by name; empty without it."""
        if not self.unsubscribe:
            return {}
        return {
            "List-Unsubscribe": f"<{self.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }


class MailUnavailable(Unavailable):
    """The mail server does not respond, or cannot accept the message now."""

    code = "mail_unavailable"
    service = "the mail server"


class MailRefused(Conflict):
    """The mail server refused this message permanently."""

    code = "mail_refused"


class AddressRefused(MailRefused):
    """The mail server accepts no mail for this address."""

    # Not the same as a refused content: otherwise a person whose text is part of an e-mail could
    # get its recipient suppressed.
    code = "mail_address_refused"


class ForgedReport(Forbidden):
    """This message does not come from the mail provider, or answers no mail of ours."""

    code = "signature_invalid"


class NoReturnPath(Conflict):
    """Mail does not come back to this application."""

    code = "no_return_path"


@dataclass(frozen=True, slots=True)
class MailReport:
    """What became of an e-mail later: its address accepts no mail (`complaint` False), or its owner
    reported it as unwanted. `passing`: the address may accept mail again, for example because its
    mailbox is full; only repeated reports count. `reason` must not contain the address."""

    email: str
    at: datetime
    reason: str
    complaint: bool = False
    passing: bool = False


class Mailer(Protocol):
    """Sends e-mails through a mail server or provider."""

    async def send(self, message: Message) -> None:
        """Returns when the server has accepted the message.

        Raises `MailUnavailable` (retry later: a problem of the server or of our account there),
        `MailRefused` (this message is refused permanently), or its subclass `AddressRefused`
        (every message to this address is). That includes a `to` that is not one plain address
        (`core.email_addresses.is_plain`): mail to '(a)b@example.com' would go to somebody else.
        """
        ...


@runtime_checkable
class ReportingMailer(Mailer, Protocol):
    """A mailer whose provider reports later what became of e-mails."""

    def parse_reports(self, headers: Mapping[str, str], body: bytes) -> tuple[MailReport, ...]:
        """Those of a webhook that mean that an address gets no more e-mail; other news is left
        out. Header names are in lower case. Raises `ForgedReport` unless the webhook proves that it
        comes from the provider."""
        ...


@runtime_checkable
class ReturningMailer(Mailer, Protocol):
    """A mailer whose mails come back to a return path when they cannot be delivered."""

    def parse_returned(self, mail: bytes, *, at: datetime) -> MailReport | None:
        """What one mail (RFC 5322) that was sent to a return path says, received `at`; None if it
        says nothing that counts. Raises `ForgedReport` unless it proves that it answers a mail of
        ours, and `NoReturnPath` if none is set."""
        ...
