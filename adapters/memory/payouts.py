"""A payout provider in memory, whose banks are controlled by tests."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from adapters.memory.payments import KEY, SIGNATURE
from core.money import Money
from core.withdrawals_facts import (
    BeneficiaryFact,
    BeneficiaryId,
    BeneficiaryStatus,
    TransferFact,
    TransferId,
    TransferStatus,
    Why,
)
from ports.payments import ForgedWebhook
from ports.payouts import (
    Beneficiary,
    BeneficiaryUnknown,
    PayoutBalance,
    PayoutProvider,
    PayoutRefused,
    PayoutsUnavailable,
    PayoutWebhook,
    Transfer,
    TransferIdUsed,
    TransferUnknown,
)

REFUSED_NUMBER = "000000000"
"""An account that does not exist."""


@dataclass(frozen=True, slots=True)
class _Registered:
    asked: Beneficiary
    fact: BeneficiaryFact

    @property
    def account(self) -> tuple[str, str]:
        return self.asked.number, self.asked.ifsc


@dataclass(frozen=True, slots=True)
class _Sent:
    asked: Transfer
    fact: TransferFact


class MemoryPayouts(PayoutProvider, PayoutBalance):
    """A provider for tests, which act as its banks with `settle` and `check`.

    `down`: every call raises `PayoutsUnavailable` without an effect. `fail_after_commit`: every
    call takes effect and then raises, as if the response was lost; `transfers_are_lost`: calls of
    `send` do. Transfers end at once as
    `outcome` says; `PENDING` leaves them open. `bank_says` is the name that banks tell; None is
    that of the request. `calls` has the names of all calls.
    """

    def __init__(self) -> None:
        self.down = False
        self.fail_after_commit = False
        self.transfers_are_lost = False
        self.outcome = TransferStatus.PENDING
        self.outcome_code = ""
        self.outcome_because = Why.OTHER
        self.fee = Money(0)
        self.has: Money | None = None
        """Its balance with the transfers that begin from now on; None: it tells none."""
        self.bank_says: str | None = None
        self.checks_at_once = True
        self.refuses_transfers = ""
        """The reason for which every new transfer is refused."""
        self.refuses_because = Why.OTHER
        self.calls: list[str] = []
        self._beneficiaries: dict[str, _Registered] = {}
        self._transfers: dict[str, _Sent] = {}

    @property
    def name(self) -> str:
        return "memory"

    async def available(self) -> Money | None:
        self._begin_call("available")
        self._end_call()
        return self.has

    async def register(self, beneficiary: Beneficiary) -> BeneficiaryFact:
        self._begin_call("register")
        account = (beneficiary.number, beneficiary.ifsc)
        stored = self._beneficiaries.get(beneficiary.id) or next(
            (each for each in self._beneficiaries.values() if each.account == account), None
        )
        if stored is None:
            if beneficiary.number == REFUSED_NUMBER:
                raise PayoutRefused("account_invalid")
            stored = _Registered(beneficiary, self._checked(beneficiary))
            self._beneficiaries[beneficiary.id] = stored
        if stored.account != account:
            raise PayoutRefused("beneficiary_id_used")
        self._end_call()
        return stored.fact

    async def find_beneficiary(self, beneficiary_id: BeneficiaryId) -> BeneficiaryFact:
        self._begin_call("find_beneficiary")
        if beneficiary_id not in self._beneficiaries:
            raise BeneficiaryUnknown
        self._end_call()
        return self._beneficiaries[beneficiary_id].fact

    async def send(self, transfer: Transfer) -> TransferFact:
        self._begin_call("send")
        stored = self._transfers.get(transfer.id)
        if stored is None:
            self._check(transfer)
            stored = _Sent(transfer, self._begun(transfer))
            self._transfers[transfer.id] = stored
            self._take(transfer.amount if _has_left(stored.fact) else Money(0))
        asked = stored.asked
        if (asked.amount, asked.beneficiary) != (transfer.amount, transfer.beneficiary):
            raise TransferIdUsed("transfer_id_used")
        self._end_call(lost=self.transfers_are_lost)
        return stored.fact

    async def find_transfer(self, transfer_id: TransferId) -> TransferFact:
        self._begin_call("find_transfer")
        if transfer_id not in self._transfers:
            raise TransferUnknown
        self._end_call()
        return self._transfers[transfer_id].fact

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> PayoutWebhook:
        """Parses `{"transfer_id": …, "id": …, "kind": …}` with the signature of `signed`."""
        expected = hmac.new(KEY, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(headers.get(SIGNATURE, "").encode(), expected.encode()):
            raise ForgedWebhook
        unreadable = PayoutWebhook(hashlib.sha256(body).hexdigest(), "", "unreadable")
        try:
            event = json.loads(body)
            fields = (event["id"], event.get("transfer_id", ""), event.get("kind", "transfer"))
            "".join(fields).encode()  # raises for what is no text or cannot be stored
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return unreadable
        return PayoutWebhook(*fields) if all(map(str.isprintable, fields)) else unreadable

    def settle(
        self, transfer_id: str, status: TransferStatus, code: str = "", *, why: Why = Why.OTHER
    ) -> None:
        """The bank has decided; it may change its mind."""
        stored = self._transfers[transfer_id]
        fact = replace(
            stored.fact, status=status, code=code, reference=f"UTR{transfer_id}", why=why
        )
        self._transfers[transfer_id] = replace(stored, fact=fact)
        self._take(stored.asked.amount * (_has_left(fact) - _has_left(stored.fact)))

    def check(self, beneficiary_id: str, status: BeneficiaryStatus, name: str = "") -> None:
        """The bank has looked at an account."""
        stored = self._beneficiaries[beneficiary_id]
        fact = replace(stored.fact, status=status, name=name)
        self._beneficiaries[beneficiary_id] = replace(stored, fact=fact)

    def charge(self, transfer_id: str, fee: Money | None) -> None:
        """The provider has charged this for the transfer so far; None: it does not tell."""
        stored = self._transfers[transfer_id]
        self._transfers[transfer_id] = replace(stored, fact=replace(stored.fact, fee=fee))

    def changed_amount(self, transfer_id: str, amount: Money) -> None:
        """Let the provider report another amount than the one that was sent."""
        stored = self._transfers[transfer_id]
        self._transfers[transfer_id] = replace(stored, fact=replace(stored.fact, amount=amount))

    def changed_payee(self, transfer_id: str, payee: BeneficiaryId) -> None:
        """Let the provider report another payee than the one that was asked for."""
        stored = self._transfers[transfer_id]
        self._transfers[transfer_id] = replace(stored, fact=replace(stored.fact, payee=payee))

    @property
    def transfers(self) -> dict[str, TransferFact]:
        """All transfers by our id."""
        return {key: stored.fact for key, stored in self._transfers.items()}

    @property
    def paid(self) -> Money:
        """What has arrived at payees, and did not come back."""
        done = (
            fact.amount
            for fact in self.transfers.values()
            if fact.status is TransferStatus.SUCCEEDED
        )
        return sum(done, Money(0))

    def _take(self, amount: Money) -> None:
        """From the balance, if it is told."""
        self.has = None if self.has is None else self.has - amount

    def _checked(self, beneficiary: Beneficiary) -> BeneficiaryFact:
        status = BeneficiaryStatus.USABLE if self.checks_at_once else BeneficiaryStatus.CHECKING
        name = beneficiary.holder if self.bank_says is None else self.bank_says
        return BeneficiaryFact(beneficiary.id, status, name if self.checks_at_once else "")

    def _check(self, transfer: Transfer) -> None:
        payee = self._beneficiaries.get(transfer.beneficiary)
        if payee is None or payee.fact.status is not BeneficiaryStatus.USABLE:
            raise PayoutRefused("beneficiary_not_found")
        if transfer.amount.amount < 100:
            raise PayoutRefused("transfer_amount_invalid")
        if self.refuses_transfers:
            raise PayoutRefused(self.refuses_transfers, self.refuses_because)

    def _begun(self, transfer: Transfer) -> TransferFact:
        key = f"tr{len(self._transfers) + 1}"
        return TransferFact(
            transfer.id, key, self.outcome, transfer.amount, code=self.outcome_code,
            why=self.outcome_because, fee=self.fee, payee=transfer.beneficiary,
        )  # fmt: skip

    def _begin_call(self, name: str) -> None:
        self.calls.append(name)
        if self.down:
            raise PayoutsUnavailable

    def _end_call(self, *, lost: bool = False) -> None:
        if self.fail_after_commit or lost:
            raise PayoutsUnavailable


def _has_left(fact: TransferFact) -> bool:
    """Whether the money of a transfer is not ours to send any more."""
    return fact.status not in (TransferStatus.FAILED, TransferStatus.REVERSED)
