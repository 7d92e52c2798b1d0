"""Six-digit one-time codes sent by e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import Conflict, Invalid


class WrongCode(Invalid):
    """This code is wrong or has expired."""

    code = "wrong_code"

    def __init__(self, message: str = "") -> None:
        super().__init__(code=message or (self.__doc__ or ""))


class CodeTooSoon(Conflict):
    """A code has just been sent. Wait a minute, then ask for another."""

    code = "code_too_soon"


class Purpose(StrEnum):
    """What a code is for. It is accepted for this purpose only."""

    VERIFY_EMAIL = "verify-email"
    LOG_IN = "log-in"
    TOKEN = "token"  # noqa: S105 - the name of a purpose
    STEP_UP = "step-up"
    NEW_EMAIL = "new-email"
    RESET = "reset"
    MAILBOX = "mailbox"
    """Before a password is checked that comes from a network with many wrong ones."""


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code, stored as a keyed hash (`digest`). `id` is made by `code_id`. With an empty
    `digest` no code is valid and only the attempts are counted (`tries_left`).

    `visit` is the id of the browser session that requested the code, empty for an API client.
    The code is accepted from that browser session only. Otherwise a person could register with
    somebody else's address, and the owner's code would confirm it.
    """

    id: str
    digest: str
    sent_at: datetime
    expires_at: datetime
    tries_left: int
    visit: str = ""

    def is_bound_to(self, visit: str) -> bool:
        """Whether the code was requested in this browser session."""
        return self.visit == visit


def code_id(purpose: Purpose, owner: str) -> str:
    """`owner` is an account id, or the id of a session that waits for its second factor."""
    return f"{purpose}:{owner}"
