"""Who is signed in where: browsers by a cookie, programs by tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.accounts import Account, AccountId
from core.accounts_policy import AccountPolicy
from core.audit import network
from core.errors import Conflict, Forbidden


class StepUpNeeded(Forbidden):
    """Confirm first that it is you: enter a fresh code."""

    code = "step_up_required"


class SessionOver(Conflict):
    """This session has ended. Log in again."""

    code = "session_over"


class Kind(StrEnum):
    """`PENDING` has given the right password and still owes the second factor."""

    BROWSER = "browser"
    PROGRAM = "program"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from. `visit` is what the browser's forms are bound to, `address`
    its network address, `device` its name in words, `known` the mark a browser carries that
    has signed in here before."""

    visit: str = ""
    address: str = ""
    device: str = ""
    device_token: str = ""

    @property
    def source(self) -> str:
        """What tries are counted by: the address, of IPv6 its network, since one person has as
        many addresses there as they like."""
        return network(self.address, of_four=32, of_six=64) or self.address

    @property
    def place(self) -> str:
        """The network the address belongs to: enough to recognise, too little to find a home."""
        return network(self.address)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in. A browser's `id` is the SHA-256 of its cookie's value, never the value
    itself; a program's is a random name its tokens carry.

    `csrf_seed` outlives the change of cookie at log-in, so a form opened before still works.
    `verified_at` is when a one-time code was last entered here. `generation` counts how often a
    program's refresh token was renewed.
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

    @property
    def name(self) -> str:
        """How lists and requests call it: of a cookie it tells nothing that could be used."""
        return f"ses_{self.id[-26:]}"

    def is_active(self, *, now: datetime, policy: AccountPolicy, admin: bool = False) -> bool:
        """Idle and absolute ends (rules: session; admins are held shorter)."""
        if self.kind is Kind.PENDING:
            return now < self.created_at + policy.code_life
        idle, life = policy.session_idle, policy.session_life
        if self.kind is Kind.PROGRAM:
            idle, life = policy.refresh_life, policy.program_life
        if admin:
            idle, life = min(idle, policy.admin_idle), min(life, policy.admin_life)
        return now < self.seen_at + idle and now < self.created_at + life

    def recently_verified(self, *, now: datetime, policy: AccountPolicy) -> bool:
        """Whether a one-time code was entered a short while ago: for money and identity."""
        return self.verified_at is not None and now < self.verified_at + policy.step_up_life


def is_signed_in(
    session: Session | None, account: Account | None, *, now: datetime, policy: AccountPolicy
) -> bool:
    """Whether these two together still are somebody signed in."""
    return (
        session is not None
        and account is not None
        and not account.suspended
        and session.is_active(now=now, policy=policy, admin=account.is_admin)
    )
