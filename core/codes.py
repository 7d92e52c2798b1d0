"""Six-digit codes sent by mail: what each is for, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import Conflict, Invalid


class WrongCode(Invalid):
    """This code is not the one we sent, or its time is over."""

    code = "wrong_code"

    def __init__(self, message: str = "") -> None:
        super().__init__(code=message or (self.__doc__ or ""))


class CodeTooSoon(Conflict):
    """A code was sent a moment ago. Wait a minute, then ask for another."""

    code = "code_too_soon"


class Purpose(StrEnum):
    """What a code opens; one mailed for one purpose opens no other."""

    VERIFY_EMAIL = "verify-email"
    LOG_IN = "log-in"
    TOKEN = "token"  # noqa: S105 - the name of a purpose
    STEP_UP = "step-up"
    NEW_EMAIL = "new-email"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Code:
    """Only the keyed hash of a code is kept. `id` is its purpose and what it belongs to: an
    account, or one session that waits for it. Without a `digest` it only counts tries.

    `visit` is the browser that asked for it, empty for a program without one. Only there it
    counts, one without a browser in none: a code must not confirm what a stranger typed in with
    somebody else's address.
    """

    id: str
    digest: str
    sent_at: datetime
    expires_at: datetime
    tries_left: int
    visit: str = ""

    def is_bound_to(self, visit: str) -> bool:
        return self.visit == visit


def code_id(purpose: Purpose, owner: str) -> str:
    return f"{purpose}:{owner}"
