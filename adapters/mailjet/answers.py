"""What Mailjet's answer about one message means.

It comes as `{"Messages": [{"Status": "success" | "error", "Errors": [...]}]}`, or, when the call
as a whole is wrong, as one error alone. An error has `ErrorCode`, `StatusCode` and, when it is
about properties of the message, their names in `ErrorRelatedTo`: `["To[0].Email"]`.
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
"""What differs from message to message; all else is the same for all, and can be mended."""
TOO_LONG = "mj-0011"
"""The code for a message over the limit in size, which names no property."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error. Its sentence is left out: it may repeat the address."""

    code: str
    status: int
    about: frozenset[str]

    @property
    def of_the_message(self) -> bool:
        if self.status != 400:
            return False
        return self.code == TOO_LONG or (bool(self.about) and self.about <= OF_THE_MESSAGE)


def judge(status: int, raw: bytes) -> None:
    """Returns when the message is taken. Raises `AddressRefused` or `MailRefused` for what is
    wrong with this message alone, and `MailUnavailable` for anything else: no clear answer, too
    many calls (429), Mailjet's own trouble (5xx), or ours there (keys, sender)."""
    told = _told(raw)
    if 200 <= status < 300 and told.get("Status") == "success":
        return
    faults = list(_faults(told))
    words = ", ".join(f"{fault.code} about {sorted(fault.about)}" for fault in faults)
    if status >= 429 or not faults or not all(fault.of_the_message for fault in faults):
        log.error("Mailjet did not take a mail: HTTP %s, %s", status, words or "without a reason")
        raise MailUnavailable
    kind = AddressRefused if any("To" in fault.about for fault in faults) else MailRefused
    raise kind(f"Mailjet refused this message ({words}).")


def _told(raw: bytes) -> dict[str, object]:
    """What is said about our one message, or about the call; empty if it cannot be read."""
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


def _faults(told: dict[str, object]) -> Iterator[Fault]:
    errors = told.get("Errors")
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            yield _fault(error)


def _fault(error: dict[str, object]) -> Fault:
    status, about = error.get("StatusCode"), error.get("ErrorRelatedTo")
    return Fault(
        code=_name(error.get("ErrorCode")),
        status=status if isinstance(status, int) else 0,
        about=frozenset(_name(part) for part in about) if isinstance(about, list) else frozenset(),
    )


def _name(given: object) -> str:
    """The property or code at the beginning of a text: `To[0].Email` is about `To`."""
    found = re.match(r"[\w-]{1,40}", given) if isinstance(given, str) else None
    return found[0] if found else "?"
