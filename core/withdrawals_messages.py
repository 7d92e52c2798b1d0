"""Outbox messages of withdrawals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from core.outbox import Payload
from core.payout_accounts import PayoutAccountId
from core.withdrawals import WithdrawalId
from core.withdrawals_facts import TransferId


@dataclass(frozen=True, slots=True)
class RegisterPayoutAccount(Payload):
    """Register the account at the payout provider, unless it was replaced since."""

    kind: ClassVar[str] = "withdrawals.register"
    account: PayoutAccountId
    beneficiary: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class SendWithdrawal(Payload):
    """Transfer the money, unless the withdrawal is held or was taken back."""

    kind: ClassVar[str] = "withdrawals.send"
    withdrawal: WithdrawalId


@dataclass(frozen=True, slots=True)
class PollTransfer(Payload):
    """Ask the provider about the transfer of this attempt. `turn` counts the questions since
    `since`."""

    kind: ClassVar[str] = "withdrawals.poll"
    withdrawal: WithdrawalId
    turn: int
    since: datetime
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class WatchReversal(Payload):
    """Ask the provider whether a transfer that succeeded has come back."""

    kind: ClassVar[str] = "withdrawals.watch"
    withdrawal: WithdrawalId


@dataclass(frozen=True, slots=True)
class TransferNews(Payload):
    """A webhook about this transfer was received: ask the provider for its state."""

    kind: ClassVar[str] = "withdrawals.heard"
    transfer: TransferId


@dataclass(frozen=True, slots=True)
class ExpectReview(Payload):
    """The time to decide about a held withdrawal is over: report it, if it is still held."""

    kind: ClassVar[str] = "withdrawals.expect_review"
    withdrawal: WithdrawalId


@dataclass(frozen=True, slots=True)
class EndHold(Payload):
    """The time of a hold is over: send the withdrawal, unless something else has come up."""

    kind: ClassVar[str] = "withdrawals.end_hold"
    withdrawal: WithdrawalId


@dataclass(frozen=True, slots=True)
class WithdrawalChanged(Payload):
    """A withdrawal has another state, for the open browsers of the account."""

    kind: ClassVar[str] = "withdrawals.changed"
    account: str
    withdrawal: WithdrawalId
    status: str
