"""Interpretation of Mailjet's response about one message.

The body is `{"Messages": [{"Status": "success" | "error", "Errors": [...]}]}`, or a single error
if the whole call is wrong. An error has `ErrorCode`, `StatusCode` and, if it is about properties
of the message, their names in `ErrorRelatedTo`: `["To[0].Email"]`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from ports.mail import AddressRefused, MailRefused, MailUnavailable

log = logging.getLogger(__name__)

OF_THE_MESSAGE = frozenset({"To", "Subject", "TextPart", "HTMLPart", "CustomID"})
"""Properties that differ between messages. An error in another one concerns all messages."""
TOO_LONG = "mj-0011"
"""The code for a message over the size limit, which names no property."""


@dataclass(frozen=True, slots=True)
class MailjetError:
    """One error, without its text, which may contain the address."""

    code: str
    status: int
    about: frozenset[str]

    @property
    def of_the_message(self) -> bool:
        if self.status != 400:
            return False
        return self.code == TOO_LONG or (bool(self.about) and self.about <= OF_THE_MESSAGE)


def check_response(status: int, raw: bytes) -> None:
    """Returns if the message was accepted. Raises `AddressRefused` or `MailRefused` for an error of
    this message only, and `MailUnavailable` for any other: an invalid response, too many calls
    (429), server errors (5xx), wrong keys or sender."""
    result = _message_result(raw)
    if 200 <= status < 300 and result.get("Status") == "success":
        return
    errors = list(_errors(result))
    summary = ", ".join(f"{error.code} about {sorted(error.about)}" for error in errors)
    if status >= 429 or not errors or not all(error.of_the_message for error in errors):
        log.error(
            "Mailjet did not accept an e-mail: HTTP %s, %s", status, summary or "without a reason"
        )
        raise MailUnavailable
    kind = AddressRefused if any("To" in error.about for error in errors) else MailRefused
    raise kind(f"Mailjet refused this message ({summary}).")


def _message_result(raw: bytes) -> dict[str, object]:
    """The result of our one message, or of the call; empty if it is malformed."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(body, dict):
        return {}
    messages = body.get("Messages")
    if messages is None:
        return {"Errors": [body]}
    alone = isinstance(messages, list) and len(messages) == 1 and isinstance(messages[0], dict)
    return messages[0] if alone else {}


def _errors(result: dict[str, object]) -> Iterator[MailjetError]:
    errors = result.get("Errors")
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            yield _parse_error(error)


def _parse_error(error: dict[str, object]) -> MailjetError:
    status, about = error.get("StatusCode"), error.get("ErrorRelatedTo")
    return MailjetError(
        code=_name(error.get("ErrorCode")),
        status=status if isinstance(status, int) else 0,
        about=frozenset(_name(part) for part in about) if isinstance(about, list) else frozenset(),
    )


def _name(given: object) -> str:
    """The property or code at the start of a text: `To` of `To[0].Email`."""
    found = re.match(r"[\w-]{1,40}", given) if isinstance(given, str) else None
    return found[0] if found else "?"
