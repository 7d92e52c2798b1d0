"""Who somebody is here: an account, its roles, its sessions and the codes it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from core.errors import Conflict, Forbidden, Invalid
from core.policy import Policy

AccountId = NewType("AccountId", str)


class Role(StrEnum):
    CLIENT = "client"
    DEVELOPER = "developer"
    ADMIN = "admin"


class EmailTaken(Conflict):
    """There is an account with this e-mail address."""

    code = "email_taken"


class WrongCode(Invalid):
    """This code is not the one we sent, or its time is over."""

    code = "wrong_code"


class CodeTooSoon(Conflict):
    """A code was sent a moment ago. Wait a minute, then ask for another."""

    code = "code_too_soon"


class WrongPassword(Forbidden):
    """E-mail address and password do not belong together."""

    code = "wrong_password"


class TooManyTries(Forbidden):
    """Too many tries in a short time. Wait five minutes, then try again."""

    code = "too_many_tries"


class EmailUnverified(Forbidden):
    """Confirm your e-mail address first: enter the code we sent you."""

    code = "email_unverified"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in. `email` is kept folded (lower case), it is the log-in name."""

    id: AccountId
    email: str
    name: str
    roles: frozenset[Role]
    password_hash: str
    timezone: str
    created_at: datetime
    email_verified_at: datetime | None = None
    version: int = 0

    @property
    def email_verified(self) -> bool:
        return self.email_verified_at is not None

    def verify_email(self, *, now: datetime) -> Self:
        """The code from the mail was right."""
        return self if self.email_verified else replace(self, email_verified_at=now)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `id` is the SHA-256 of the cookie's value, never the value itself.

    `csrf_seed` outlives the change of cookie at log-in, so a form opened before still works.
    """

    id: str
    account_id: AccountId
    csrf_seed: str
    created_at: datetime
    seen_at: datetime

    def alive(self, *, now: datetime, policy: Policy) -> bool:
        return (
            now < self.seen_at + policy.session_idle and now < self.created_at + policy.session_life
        )


@dataclass(frozen=True, slots=True)
class Code:
    """A six-digit code sent by mail; only its keyed hash is kept. `id` is purpose and account.

    `visit` is the browser that asked for it, empty for a program without one. Only there it
    counts: a code must not confirm what a stranger typed in with somebody else's address.
    """

    id: str
    digest: str
    sent_at: datetime
    expires_at: datetime
    tries_left: int
    sent_this_hour: int = 1
    hour_began: datetime | None = None
    visit: str = ""

    def counts_in(self, visit: str) -> bool:
        return self.visit in ("", visit)


def folded_email(email: str) -> str:
    """The form in which an address is compared; refuses what cannot be an address."""
    folded = email.strip().lower()
    name, _, domain = folded.partition("@")
    if (
        not name
        or not all(domain.split("."))
        or "." not in domain
        or "@" in domain
        or len(folded) > 254
        or not folded.isprintable()
        or set(folded) & set(" ,;<>")
    ):
        raise Invalid(
            email="This does not look like an e-mail address. Check for a missing @ or dot."
        )
    return folded


DIFFERENT_CHARACTERS = 6


def checked_password(password: str, policy: Policy) -> str:
    """The password, if it is long enough to stand alone (NIST SP 800-63B rev. 4)."""
    least, most = policy.password_minimum, policy.password_maximum
    if len(password) < least:
        raise Invalid(
            password=f"This password has {len(password)} characters. Use at least {least}: "
            "three or four words you can remember work well."
        )
    if len(password) > most:
        raise Invalid(password=f"Use at most {most} characters.")
    if len(set(password)) < DIFFERENT_CHARACTERS:
        sentence = "This is too easy to guess. Use several different words."
        raise Invalid(password=sentence)
    return password
