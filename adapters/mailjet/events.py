"""Mailjet's events about sent e-mails.

Mailjet posts one event as an object, or several as a list, with basic authentication from the URL
that is set there: `https://onehour:<secret>@site/api/v1/webhooks/mail`. Source: Mailjet's guide to
the Event API (bounce, blocked, spam).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson

from ports.mail import ForgedReport, MailReport

USER = "onehour"


def check(authorization: str, secret: str | None) -> None:
    """Raises `ForgedReport` unless the header has our user name and secret."""
    if not secret:
        raise ForgedReport
    expected = "Basic " + b64encode(f"{USER}:{secret}".encode()).decode()
    if not hmac.compare_digest(authorization.encode(), expected.encode()):
        raise ForgedReport


def reports(body: bytes) -> Iterator[MailReport]:
    """The events after which an address gets no more e-mail. Malformed ones are left out."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    for event in given if isinstance(given, list) else [given]:
        if isinstance(event, dict) and (found := _report(event)):
            yield found


def _report(event: dict[str, object]) -> MailReport | None:
    email, kind = event.get("email"), event.get("event")
    at = _moment(event.get("time"))
    if not isinstance(email, str) or "@" not in email or at is None:
        return None
    if kind == "spam":
        return MailReport(email, at, "Reported as unwanted.", complaint=True)
    if kind == "bounce" and event.get("hard_bounce") is True:
        return MailReport(email, at, "The mail came back.")
    return None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
