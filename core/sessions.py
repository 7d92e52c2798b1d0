"""Sessions of browsers (by cookie) and API clients (by tokens)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from core.accounts import Account, AccountId
from core.accounts_policy import AccountPolicy
from core.audit import network
from core.errors import Conflict, Forbidden


class StepUpNeeded(Forbidden):
    """Confirm that it is you: enter a new code."""

    code = "step_up_required"


class SessionOver(Conflict):
    """This session has ended. Log in again."""

    code = "session_over"


class Kind(StrEnum):
    """`PENDING`: the password was correct, the second factor is missing."""

    BROWSER = "browser"
    PROGRAM = "program"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Caller:
    """The origin of a request. `visit` identifies the browser session its forms belong to,
    `address` is the IP address, `device` a description of the browser, `device_token` the
    known-device token of a browser that has signed in before."""

    visit: str = ""
    address: str = ""
    device: str = ""
    device_token: str = ""

    @property
    def source(self) -> str:
        """The key of rate limits: the IPv4 address or the IPv6 network (/64), because one person
        can use any address of a network."""
        return network(self.address, of_four=32, of_six=64) or self.address

    @property
    def place(self) -> str:
        """The network of the address: recognisable for its owner, too coarse to locate a person."""
        return network(self.address)


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser or API client. The `id` of a browser session is the SHA-256 of its
    cookie value, never the value itself; that of an API client is a random id in its tokens.

    `csrf_seed` does not change at log-in, so that a form opened before still works.
    `verified_at` is when a one-time code was last entered. `generation` counts the renewals of
    the refresh token; `renewed_at` and `renewed_by` are the time of the last one and the client
    that made it, as a keyed hash. `place` is the network of the browser. Times are in UTC.
    """

    id: str
    account_id: AccountId
    csrf_seed: str
    created_at: datetime
    seen_at: datetime
    kind: Kind = Kind.BROWSER
    device: str = ""
    place: str = ""
    verified_at: datetime | None = None
    generation: int = 0
    renewed_at: datetime | None = None
    renewed_by: str = ""

    @property
    def name(self) -> str:
        """The public id in lists and requests. The cookie value cannot be derived from it."""
        return f"ses_{self.id[-26:]}"

    def is_active(self, *, now: datetime, policy: AccountPolicy, admin: bool = False) -> bool:
        """Whether neither the idle nor the absolute time-out has passed (docs/rules.md, sessions).

        Both are shorter for administrators.
        """
        if self.kind is Kind.PENDING:
            return now < self.created_at + policy.code_life
        idle, life = policy.session_idle, policy.session_life
        if self.kind is Kind.PROGRAM:
            idle, life = policy.refresh_life, policy.program_life
        if admin:
            idle, life = min(idle, policy.admin_idle), min(life, policy.admin_life)
        return now < self.seen_at + idle and now < self.created_at + life

    def renew(self, *, client: str, now: datetime) -> Self:
        """The session after one more refresh."""
        return replace(
            self, generation=self.generation + 1, renewed_at=now, renewed_by=client, seen_at=now
        )

    def repeats(
        self, generation: int, *, client: str, now: datetime, policy: AccountPolicy
    ) -> bool:
        """Whether a refresh with the token of `generation` is the last refresh once more: by the
        same client, within `refresh_repeat`, before the new refresh token was used."""
        return (
            generation == self.generation - 1
            and self.renewed_at is not None
            and now < self.renewed_at + policy.refresh_repeat
            and client == self.renewed_by
        )

    def recently_verified(self, *, now: datetime, policy: AccountPolicy) -> bool:
        """Whether a one-time code was entered within `step_up_life`: for money and identity."""
        return self.verified_at is not None and now < self.verified_at + policy.step_up_life


def is_signed_in(
    session: Session, account: Account, *, now: datetime, policy: AccountPolicy
) -> bool:
    """Whether the session is active and its account is not suspended."""
    active = session.is_active(now=now, policy=policy, admin=account.is_admin)
    return active and not account.suspended
