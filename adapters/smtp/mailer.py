"""Sends e-mails through one SMTP server."""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import encodebytes
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from enum import Enum
from typing import Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

import aiosmtplib

from adapters.smtp.return_paths import ReturnPaths
from adapters.smtp.returned import read_returned
from adapters.smtp.status_codes import NO_SUCH_MAILBOX
from core.email_addresses import is_plain
from ports.mail import (
    AddressRefused,
    Attachment,
    MailRefused,
    MailReport,
    MailUnavailable,
    Message,
    NoReturnPath,
    ReturningMailer,
)

TIMEOUT = 10.0
"""Seconds for a whole delivery, from connecting to the last reply."""


class Security(Enum):
    """How the connection is encrypted."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


DEFAULT_PORTS = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Address and credentials of the mail server."""

    host: str
    port: int
    security: Security = Security.NONE
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Parse `smtp://[user:password@]host[:port][?starttls=1]` or `smtps://…`.

        Raises `ValueError`, whose message does not contain the password.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("The URL of a mail server is smtp://host:port or smtps://host:port.")
        starttls = parse_qs(parts.query).get("starttls") == ["1"]
        plain = Security.STARTTLS if starttls else Security.NONE
        security = Security.TLS if parts.scheme == "smtps" else plain
        return cls(
            host=parts.hostname,
            port=parts.port or DEFAULT_PORTS[security],
            security=security,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


@dataclass(frozen=True, slots=True)
class SmtpMailer(ReturningMailer):
    """One connection per message: as fast as a persistent one, which could be closed unnoticed."""

    server: SmtpSettings
    sender: str
    """The From header, such as `1HourDeveloper <hello@example.com>`."""
    trust: ssl.SSLContext | None = None
    """The TLS context; by default the certificates the system trusts."""
    returns: ReturnPaths | None = None
    """Where mail comes back to; by default to the sender, and is not read."""

    async def send(self, message: Message) -> None:
        mail = _mail(message, sender=self.sender)
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._deliver(mail, message.to)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _translated(error) from error

    def parse_returned(self, mail: bytes, *, at: datetime) -> MailReport | None:
        if self.returns is None:
            raise NoReturnPath("ONEHOUR_SMTP_RETURN_PATH is not set: mail does not come back here.")
        return read_returned(mail, self.returns, at=at)

    async def _deliver(self, mail: EmailMessage, to: str) -> None:
        await aiosmtplib.send(
            mail,
            sender=self.returns.of(to) if self.returns else None,
            hostname=self.server.host,
            port=self.server.port,
            username=self.server.user,
            password=self.server.password,
            use_tls=self.server.security is Security.TLS,
            start_tls=self.server.security is Security.STARTTLS,
            tls_context=self.trust,
            timeout=TIMEOUT,
        )


def _mail(message: Message, *, sender: str) -> EmailMessage:
    """Text, HTML and an invitation as alternatives, and the attachments. Raises `AddressRefused` if
    `to` is not an e-mail address."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = _recipient(message.to)
    mail["Subject"] = message.subject
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = _message_id(message.id, sender=sender)
    for name, value in message.list_headers.items():
        mail[name] = value
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        if attachment.media_type.startswith("text/calendar"):
            mail.attach(_part(attachment))
    if message.attachments:
        mail.make_mixed()
    for attachment in message.attachments:
        part = _part(attachment)
        part["Content-Disposition"] = f'attachment; filename="{attachment.name}"'
        mail.attach(part)
    return mail


def _part(attachment: Attachment) -> EmailMessage:
    """In base64, so that no server changes the lines of the file."""
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = attachment.media_type
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(encodebytes(attachment.content).decode("ascii"))
    return part


def _recipient(to: str) -> Address:
    try:
        if not (to.isprintable() and is_plain(to)):
            raise ValueError(to)
        address = Address(addr_spec=to)
        if not (address.username and address.domain):
            raise ValueError(to)
    except (ValueError, IndexError, MessageError) as error:
        raise AddressRefused("This is not an e-mail address.") from error
    return address


def _message_id(given: str, *, sender: str) -> str:
    """A Message-ID that is the same for every repeat of one message."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<{quote(given, safe='')}@{domain}>"


def _translated(error: aiosmtplib.SMTPException | OSError) -> MailRefused | MailUnavailable:
    """A permanent reply (5xx) about this recipient or content is a refusal.

    Everything else can be fixed while the message waits: network, credentials, sender.
    """
    refusal = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error
    about_message = (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)
    if isinstance(refusal, about_message) and refusal.code >= 500:
        kind = AddressRefused if _about_address(refusal) else MailRefused
        return kind(f"The mail server refused this message ({refusal.code}).")
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return MailRefused("The mail server does not support this address.")
    return MailUnavailable()


def _about_address(refusal: aiosmtplib.SMTPResponseException) -> bool:
    """Whether the mailbox is the reason, by the enhanced status code if there is one (RFC 3463).

    Otherwise by the code of the reply to RCPT: 550, 551 and 553 (RFC 5321, 4.2.3).
    """
    enhanced = re.match(r"5\.\d{1,3}\.\d{1,3}\b", refusal.message)
    if enhanced:
        return enhanced[0] in NO_SUCH_MAILBOX
    return isinstance(refusal, aiosmtplib.SMTPRecipientRefused) and refusal.code in (550, 551, 553)
