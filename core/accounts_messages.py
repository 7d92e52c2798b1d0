"""Outbox messages of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from core.accounts import AccountId
from core.outbox import Payload


@dataclass(frozen=True, slots=True)
class AccountEmail(Payload):
    """One e-mail about an account.

    `letter` names the template, `fact` identifies the event, so that one event sends one
    e-mail. `zone` is the recipient's IANA time zone. The other fields are values that some
    templates show. With `account` the event is also in the list of that account's notifications.
    """

    kind: ClassVar[str] = "accounts.mail"
    secrets: ClassVar[frozenset[str]] = frozenset({"code", "nonce"})
    letter: str
    email: str
    zone: str
    fact: str = ""
    at: datetime | None = None
    purpose: str = ""
    code: str = ""
    nonce: str = ""
    expires: datetime | None = None
    left: str = ""
    new: str = ""
    provider: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class ResetEmail(Payload):
    """Send a password reset link to this address. Does nothing for unknown addresses."""

    kind: ClassVar[str] = "accounts.reset"
    secrets: ClassVar[frozenset[str]] = frozenset({"nonce"})
    email: str
    nonce: str
    at: datetime
    place: str = ""


@dataclass(frozen=True, slots=True)
class SendMailboxCode(Payload):
    """Send a code to this address, with which a log-in from the browser session `visit` can go on.
    Does nothing for unknown addresses."""

    kind: ClassVar[str] = "accounts.mailbox_code"
    email: str
    visit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EraseAccount(Payload):
    """Remove the name of an erased account from its past bookings."""

    kind: ClassVar[str] = "accounts.erase"
    account: AccountId
