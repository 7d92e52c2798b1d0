"""Reads mail that came back to the return path: delivery reports (RFC 3464), those of servers with
a form of their own (flufl.bounce), and complaints (RFC 5965)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import Message

from flufl.bounce import all_failures

from adapters.smtp.return_paths import ReturnPaths
from adapters.smtp.status_codes import CODE, NO_SUCH_MAILBOX
from ports.mail import ForgedReport, MailReport

READ_AT_MOST = 256 * 1024
"""Bytes of a mail: reports stand before the mail that is returned with them."""
ADDRESS = re.compile(r"[^\s<>()\[\]:;,\\\"@]{1,64}@[a-zA-Z0-9.-]{1,253}")
ADDRESSES_AT_MOST = 200


def read_returned(mail: bytes, paths: ReturnPaths, *, at: datetime) -> MailReport | None:
    """What a mail that came back says about the address to which we sent; None if it says nothing
    that counts, such as an answer of somebody who is away, or that a server goes on trying.

    Raises `ForgedReport` for a mail that is no answer to one of ours.
    """
    mail = mail[:READ_AT_MOST]
    text = mail.decode("utf-8", errors="replace")
    found = dict.fromkeys(match[0] for match in ADDRESS.finditer(text))
    email = paths.proven(paths.tags_in(text), list(found)[:ADDRESSES_AT_MOST])
    if email is None:
        raise ForgedReport
    message = message_from_bytes(mail)
    if _parts(message, "message/feedback-report"):
        return _complaint(message, email, at)
    return _bounce(message, email, at)


def _complaint(message: Message, email: str, at: datetime) -> MailReport | None:
    """Only of the kinds that say that somebody does not want the mail."""
    for block in _blocks(message, "message/feedback-report"):
        if str(block.get("Feedback-Type", "")).strip().lower() in ("abuse", "fraud"):
            return MailReport(email, at, "Its owner reported a mail as unwanted.", complaint=True)
    return None


def _bounce(message: Message, email: str, at: datetime) -> MailReport | None:
    reports = [*_blocks(message, "message/delivery-status")]
    failed = [
        each for each in reports if str(each.get("Action", "")).strip().lower().startswith("fail")
    ]
    codes = {code for each in failed for code in _codes(each)}
    for code in sorted(codes & NO_SUCH_MAILBOX):
        return MailReport(email, at, f"Mail came back ({code}).")
    if failed or (not reports and all_failures(message)[1]):
        what = f" ({min(codes)})" if codes else ""
        return MailReport(email, at, f"Mail came back{what}.", passing=True)
    return None


def _codes(report: Message) -> Iterator[str]:
    """Of the server that refused it, and of the one that reports it."""
    for name in ("Status", "Diagnostic-Code"):
        yield from CODE.findall(str(report.get(name, "")))


def _parts(message: Message, kind: str) -> list[Message]:
    return [part for part in message.walk() if part.get_content_type() == kind]


def _blocks(message: Message, kind: str) -> Iterator[Message]:
    """The groups of fields in the parts of this kind."""
    for part in _parts(message, kind):
        content = part.get_payload()
        if isinstance(content, list):
            yield from (each for each in content if isinstance(each, Message))
        elif isinstance(content, str):
            yield message_from_bytes(content.encode("utf-8", errors="replace"))
