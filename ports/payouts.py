"""The payout provider: sends money to the bank accounts of developers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from core.errors import Conflict, NotFound, Unavailable
from core.money import Money
from core.payout_accounts import Kind
from core.withdrawals_facts import BeneficiaryFact, BeneficiaryId, TransferFact, TransferId, Why


class PayoutsUnavailable(Unavailable):
    """The payment provider does not respond. Nothing is lost. It is tried again."""

    code = "provider_unavailable"
    service = "the payout provider"


class PayoutRefused(Conflict):
    """The payment provider did not accept this.

    `reason` is its code, such as `bank_ifsc_invalid`, and `why` what it means. Nothing was
    transferred, and nothing will be.
    """

    code = "provider_refused"

    def __init__(self, reason: str = "", why: Why = Why.OTHER) -> None:
        super().__init__()
        self.reason = reason
        self.why = why


class TransferIdUsed(PayoutRefused):
    """The payment provider has another transfer with this id.

    It has another amount or payee. This call has transferred nothing, and what the other one has
    transferred is not ours to guess: a person has to look.
    """


class TransferUnknown(NotFound):
    """The payment provider does not know this transfer."""

    code = "transfer_unknown"


class BeneficiaryUnknown(NotFound):
    """The payment provider does not know this bank account."""

    code = "beneficiary_unknown"


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """A bank account or UPI address to register. `id` is ours. `number` is the account number or
    the UPI address; `ifsc` is empty for UPI. `holder` has letters and spaces only."""

    id: BeneficiaryId
    kind: Kind
    holder: str
    number: str = field(repr=False)
    ifsc: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money to send. `id` is ours: a repeated call finds the same transfer. `note` is what the
    payee reads on the bank statement, as far as the bank shows it."""

    id: TransferId
    beneficiary: BeneficiaryId
    amount: Money
    note: str


@dataclass(frozen=True, slots=True)
class PayoutWebhook:
    """A verified webhook: a hint to ask about the transfer `transfer_id`.

    `id` identifies the fact and is the same for every repeat. `transfer_id` is empty for a webhook
    that concerns no transfer. `kind` is the provider's name of the event.
    """

    id: str
    transfer_id: str
    kind: str


@runtime_checkable
class PayoutBalance(Protocol):
    """A `PayoutProvider` may have this method too."""

    async def available(self) -> Money | None:
        """What it can transfer now, without the transfers on their way; None if it is not set up to
        tell. Raises `PayoutsUnavailable`."""
        ...


class PayoutProvider(Protocol):
    """A provider that sends money to bank accounts.

    Rules for every adapter (onehour/testing/payouts.py):
    - `register` and `send` are idempotent by the id we choose: a repeat after a lost response
      finds the existing payee or transfer, and money never leaves twice;
    - an id of a transfer stands for one amount and one payee for ever: `send` with others raises
      `PayoutRefused`, if possible as `TransferIdUsed`, and does not change the transfer;
    - `find_transfer` returns the provider's current state, the only basis for moving money. A
      success is not final: the same transfer can be `REVERSED` days later;
    - a status that the adapter does not know is `UNKNOWN`, never a guess;
    - `PayoutsUnavailable` is raised if the outcome is unknown or the provider does not respond (the
      caller asks, or repeats with the same id). `PayoutRefused` means that this call has
      transferred nothing, and never will;
    - amounts are exact; the numbers of accounts are in no message of an error and in no log.
    """

    @property
    def name(self) -> str:
        """Stored in `Withdrawal.provider`."""
        ...

    async def register(self, beneficiary: Beneficiary) -> BeneficiaryFact:
        """Register the account, or find it. The `id` of the answer is the one to pay to; it
        differs from ours if the provider knows the same account by another id already.

        Raises `PayoutRefused` for an account that is none.
        """
        ...

    async def find_beneficiary(self, beneficiary_id: BeneficiaryId) -> BeneficiaryFact:
        """Raises `BeneficiaryUnknown`."""
        ...

    async def send(self, transfer: Transfer) -> TransferFact:
        """Begin the transfer, or find it. Raises `PayoutRefused`, with the reason `Why.BALANCE` if
        it can be sent again with another id when there is enough money."""
        ...

    async def find_transfer(self, transfer_id: TransferId) -> TransferFact:
        """Raises `TransferUnknown`."""
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> PayoutWebhook:
        """Verify the signature over the raw bytes and parse the webhook.

        Header names are in lower case. Raises `ForgedWebhook` for a wrong signature. A body
        that cannot be parsed is returned as a webhook of kind `unreadable`.
        """
        ...
