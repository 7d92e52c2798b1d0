"""Withdrawals: released money on its way to the developer's bank.

A withdrawal reserves its money when it is made. It is `SENT` before the provider is called, so from
then on the provider alone says what became of it; without an answer the money stays reserved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from core.booking_numbers import PREFIX, number_of
from core.errors import Conflict, Invalid
from core.money import Money
from core.payout_accounts import Destination
from core.text import checked_text
from core.withdrawals_facts import BeneficiaryId, TransferFact, TransferId, TransferStatus, Why

WithdrawalId = NewType("WithdrawalId", str)
WithdrawalNumber = NewType("WithdrawalNumber", str)

REASON_MAXIMUM = 500


class Status(StrEnum):
    """The values are stored."""

    REQUESTED = "requested"
    HELD = "held"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REVERSED = "reversed"
    CANCELLED = "cancelled"


NEXT: dict[Status, frozenset[Status]] = {
    Status.REQUESTED: frozenset({Status.SENT, Status.HELD, Status.CANCELLED}),
    # A hold that ends by itself can become one that a person ends.
    Status.HELD: frozenset({Status.REQUESTED, Status.HELD, Status.CANCELLED}),
    # Back to `REQUESTED` after a final no for lack of balance, to be sent with another id.
    Status.SENT: frozenset({Status.REQUESTED, Status.SUCCEEDED, Status.FAILED, Status.REVERSED}),
    # A bank can send money back days after it has taken it.
    Status.SUCCEEDED: frozenset({Status.REVERSED}),
    Status.FAILED: frozenset(),
    Status.REVERSED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""The allowed transitions."""

BEFORE_SENDING = frozenset({Status.REQUESTED, Status.HELD})
RESERVED = BEFORE_SENDING | {Status.SENT}
"""The money is neither ready nor paid out."""
GIVEN_BACK = frozenset({Status.FAILED, Status.REVERSED, Status.CANCELLED})
"""The money is ready again."""

_BY_FACT = {
    TransferStatus.SUCCEEDED: Status.SUCCEEDED,
    TransferStatus.FAILED: Status.FAILED,
    TransferStatus.REVERSED: Status.REVERSED,
}


_OLD_NEWS = frozenset(
    {
        (Status.REVERSED, Status.SUCCEEDED),
        (Status.REVERSED, Status.FAILED),
        (Status.FAILED, Status.REVERSED),
    }
)
"""What is known, and a fact that changes nothing: it is older, or says as well that no money has
arrived. Everything else beside `NEXT` is a contradiction."""


class Waiting(StrEnum):
    """Why a withdrawal waits, beside its status. The values are stored."""

    NOTHING = ""
    FIRST_TO_ACCOUNT = "first_to_account"
    """Held: the name at the bank is not certain, so a person checks the first withdrawal."""
    CREDENTIALS = "credentials"
    """Held: the password, the e-mail address, the second factor or a linked sign-in was changed
    shortly before. It ends by itself, so that the owner has time to notice what somebody else
    did."""
    OPERATOR = "operator"
    """Held by an operator, who has written the reason."""
    PROVIDER = "provider"
    """The provider does not answer; it is tried again."""
    BALANCE = "balance"
    """The marketplace has too little money at the provider; it is sent when there is enough."""
    APPROVAL = "approval"
    """Somebody approves it at the provider."""
    BANK = "bank"
    """The bank has not confirmed it."""
    ANSWER = "answer"
    """It was given to the provider, whose answer was lost or is not understood."""


class WithdrawalActivity(StrEnum):
    """Kinds of audit entries about withdrawals and payout accounts. The values are stored."""

    REQUESTED = "withdrawal_requested"
    HELD = "withdrawal_held"
    RELEASED = "withdrawal_released"
    HOLD_ENDED = "withdrawal_hold_ended"
    CANCELLED = "withdrawal_cancelled"
    SENT = "withdrawal_sent"
    WAITS = "withdrawal_waits"
    SUCCEEDED = "withdrawal_succeeded"
    FAILED = "withdrawal_failed"
    REVERSED = "withdrawal_reversed"
    ACCOUNT_CHANGED = "payout_account_changed"
    ACCOUNT_USABLE = "payout_account_usable"
    ACCOUNT_REFUSED = "payout_account_refused"


class WithdrawalMovedOn(Conflict):
    """The withdrawal has changed in the meantime. Check its current state."""

    code = "withdrawal_moved_on"


class OneADay(Conflict):
    """You have withdrawn as often as is possible today. Withdraw again tomorrow."""

    code = "one_a_day"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """`beneficiary` is the provider's id of the account, frozen with the request like
    `destination`: a new payout account does not redirect it. Times are in UTC.

    `next_at` is when its next step comes by itself, if it waits for a time: the end of a hold, or
    the next attempt to send it. `attempt` counts the transfers of it that the provider has rejected
    for lack of balance.
    `day` is the day of the request in the developer's time zone, such as `2026-11-30`. `code` is
    the provider's reason of a failure, `why` what it means. `note` is what an operator wrote for
    the developer.
    """

    id: WithdrawalId
    developer_id: str
    account_id: str
    amount: Money
    destination: Destination
    provider: str
    beneficiary: BeneficiaryId
    requested_at: datetime
    day: str
    status: Status = Status.REQUESTED
    waiting: Waiting = Waiting.NOTHING
    note: str = ""
    changed_at: datetime | None = None
    """When the status last changed."""
    sent_at: datetime | None = None
    transfer: str = ""
    """The provider's id of the transfer."""
    reference: str = ""
    """The bank's reference (UTR)."""
    code: str = ""
    why: Why = Why.OTHER
    next_at: datetime | None = None
    attempt: int = 0
    version: int = 0

    @property
    def transfer_id(self) -> TransferId:
        """Our id of the transfer, which stays the same until the provider has finally rejected it,
        so that money leaves once."""
        return self.transfer_of(self.attempt)

    @property
    def rejected(self) -> tuple[TransferId, ...]:
        """The ids of the transfers that were rejected for lack of balance, the last one first."""
        return tuple(self.transfer_of(each) for each in reversed(range(self.attempt)))

    def transfer_of(self, attempt: int) -> TransferId:
        return TransferId(f"{self.id}_{attempt}" if attempt else self.id)

    @property
    def number(self) -> WithdrawalNumber:
        """A short number that people can say, such as WD-7K3M-92Q4."""
        return WithdrawalNumber("WD" + number_of(self.id).removeprefix(PREFIX))

    @property
    def can_be_cancelled(self) -> bool:
        return self.status in BEFORE_SENDING

    @property
    def hold_ends(self) -> bool:
        """Whether it is held and the hold ends by itself, at `next_at`."""
        return self.status is Status.HELD and self.waiting is Waiting.CREDENTIALS

    def hold(
        self, waiting: Waiting, *, note: str = "", until: datetime | None = None, now: datetime
    ) -> Self:
        """The money stays reserved until a person has decided, or `until` that time. A hold that
        ends by itself can be made another one."""
        if self.status is Status.HELD and not self.hold_ends:
            raise WithdrawalMovedOn
        text = checked_reason(note) if waiting is Waiting.OPERATOR else ""
        return replace(self._to(Status.HELD, now), waiting=waiting, note=text, next_at=until)

    def release(self, *, now: datetime) -> Self:
        """It can be sent: a person has checked it, or its time is over."""
        if self.status is not Status.HELD:
            raise WithdrawalMovedOn
        following = self._to(Status.REQUESTED, now)
        return replace(following, waiting=Waiting.NOTHING, note="", next_at=None)

    def cancel(self, *, now: datetime, note: str = "") -> Self:
        """Taken back by the developer, or refused by an operator with a `note`."""
        text = checked_reason(note) if note else ""
        following = self._to(Status.CANCELLED, now)
        return replace(following, waiting=Waiting.NOTHING, note=text, next_at=None)

    def wait(self, waiting: Waiting) -> Self:
        return self if self.waiting is waiting else replace(self, waiting=waiting)

    def postpone(self, waiting: Waiting, *, until: datetime) -> Self:
        """It cannot be sent now, and is tried again at that time."""
        if self.status is not Status.REQUESTED:
            raise WithdrawalMovedOn
        return replace(self, waiting=waiting, next_at=until)

    def send(self, *, now: datetime) -> Self:
        """Before the provider is called: from now on its outcome is the provider's to say."""
        following = self._to(Status.SENT, now)
        return replace(following, waiting=Waiting.ANSWER, sent_at=now, next_at=None)

    def merge(self, fact: TransferFact, *, now: datetime) -> Self:
        """What the provider reports about `transfer_id`. Facts that are older than what is known
        change nothing. One that was rejected for lack of balance can be sent again, with another
        id; any other failure ends it.

        Raises `Contradiction` for a fact that the table does not allow.
        """
        known = replace(
            self,
            transfer=fact.id or self.transfer,
            reference=fact.reference or self.reference,
            code=fact.code if fact.status in _BY_FACT else self.code,
            why=fact.why if fact.status in _BY_FACT else self.why,
        )
        status = _BY_FACT.get(fact.status)
        if status is None:
            return known.wait(_waiting(fact.status)) if self.status is Status.SENT else known
        if status is self.status or (self.status, status) in _OLD_NEWS:
            return self
        if status not in NEXT[self.status]:
            raise Contradiction(f"{self.id} is {self.status}; the provider reports {fact.status}.")
        if status is Status.FAILED and fact.why is Why.BALANCE:
            again = known._to(Status.REQUESTED, now)
            return replace(
                again, waiting=Waiting.BALANCE, attempt=self.attempt + 1, sent_at=None, transfer=""
            )
        return replace(known._to(status, now), waiting=Waiting.NOTHING)

    def ended_as(self, fact: TransferFact) -> bool:
        """Whether the fact says the end that is known here."""
        return _BY_FACT.get(fact.status) is self.status

    def _to(self, status: Status, now: datetime) -> Self:
        if status not in NEXT[self.status]:
            raise WithdrawalMovedOn
        return replace(self, status=status, changed_at=now)


class Contradiction(Conflict):
    """The payment provider contradicts itself about a transfer."""

    code = "contradiction"


def withdrawal_of(transfer: TransferId) -> WithdrawalId:
    """The withdrawal of a transfer with this id, if it is one of ours."""
    name, _, attempt = transfer.rpartition("_")
    numbered = "_" in name and attempt.isascii() and attempt.isdigit()
    return WithdrawalId(name if numbered else transfer)


def checked_reason(text: str) -> str:
    """What an operator writes for the developer. Raises `Invalid`."""
    if not text.strip():
        raise Invalid(reason="Say why. The developer reads it.")
    return checked_text(text, field="reason", maximum=REASON_MAXIMUM, lines=True, called="reason")


def check_amount(amount: Money, *, minimum: int, ready: Money) -> None:
    """Raises `Invalid` with the field `amount`."""
    if amount.currency != ready.currency:
        raise Invalid(amount="Your money is in another currency.")
    if amount.amount < minimum:
        raise Invalid(amount="This is less than the minimum of one withdrawal.")
    if amount.amount > ready.amount:
        raise Invalid(amount="This is more than what is ready.")


def _waiting(status: TransferStatus) -> Waiting:
    match status:
        case TransferStatus.APPROVAL:
            return Waiting.APPROVAL
        case TransferStatus.UNKNOWN:
            return Waiting.ANSWER
    return Waiting.BANK
