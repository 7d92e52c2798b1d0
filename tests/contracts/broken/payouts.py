"""Payout providers that each break one promise."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from adapters.memory.payments import SIGNATURE, signed
from adapters.memory.payouts import MemoryPayouts
from core.money import Money
from core.withdrawals_facts import (
    BeneficiaryFact,
    BeneficiaryId,
    BeneficiaryStatus,
    TransferFact,
    TransferId,
    TransferStatus,
)
from ports.payouts import (
    Beneficiary,
    BeneficiaryUnknown,
    PayoutRefused,
    PayoutsUnavailable,
    PayoutWebhook,
    Transfer,
    TransferUnknown,
)
from tests.contracts.broken.suite import breaks

log = logging.getLogger(__name__)


@breaks("a_registered_account_can_be_paid")
class RegistersUnderAnotherId(MemoryPayouts):
    async def find_beneficiary(self, beneficiary_id: BeneficiaryId) -> BeneficiaryFact:
        fact = await super().find_beneficiary(beneficiary_id)
        return replace(fact, id=BeneficiaryId(f"{beneficiary_id}-2"))


@breaks("registering_again_finds_the_same_payee")
class NewPayeeEachTime(MemoryPayouts):
    """From the third call on."""

    async def register(self, beneficiary: Beneficiary) -> BeneficiaryFact:
        fact = await super().register(beneficiary)
        is_third = self.calls[-3:] == ["register"] * 3
        return replace(fact, id=BeneficiaryId(uuid4().hex)) if is_third else fact


@breaks("the_same_account_under_another_id_can_be_paid_as_well")
class AnAccountOnce(MemoryPayouts):
    async def register(self, beneficiary: Beneficiary) -> BeneficiaryFact:
        fact = await super().register(beneficiary)
        if fact.id != beneficiary.id and "send" not in self.calls:
            raise PayoutRefused("account_used")
        return fact


@breaks("the_id_of_a_payee_stands_for_one_account",
        "numbers_of_accounts_and_keys_are_in_no_error_and_no_log")  # fmt: skip
class AnyAccountForAnId(MemoryPayouts):
    async def register(self, beneficiary: Beneficiary) -> BeneficiaryFact:
        found = self._beneficiaries.get(beneficiary.id)
        return found.fact if found and not self._lost else await super().register(beneficiary)

    @property
    def _lost(self) -> bool:
        return self.down or self.fail_after_commit


@breaks("an_account_that_is_none_is_refused_with_a_reason")
class RefusesWithoutAReason(MemoryPayouts):
    async def register(self, beneficiary: Beneficiary) -> BeneficiaryFact:
        try:
            return await super().register(beneficiary)
        except PayoutRefused:
            raise PayoutRefused from None


@breaks("a_payee_nobody_registered_is_unknown")
class EverybodyIsAPayee(MemoryPayouts):
    async def find_beneficiary(self, beneficiary_id: BeneficiaryId) -> BeneficiaryFact:
        try:
            return await super().find_beneficiary(beneficiary_id)
        except BeneficiaryUnknown:
            return BeneficiaryFact(beneficiary_id, BeneficiaryStatus.USABLE, "")


@breaks("after_a_lost_answer_the_payee_is_found")
class LostPayeeIsRefused(MemoryPayouts):
    async def register(self, beneficiary: Beneficiary) -> BeneficiaryFact:
        try:
            return await super().register(beneficiary)
        except PayoutsUnavailable:
            raise PayoutRefused("already_exists") from None


@breaks("a_transfer_has_our_id_and_the_exact_amount")
class WholeRupees(MemoryPayouts):
    async def send(self, transfer: Transfer) -> TransferFact:
        fact = await super().send(transfer)
        return replace(fact, amount=Money(fact.amount.amount // 100 * 100))


@breaks("sending_again_finds_the_same_transfer", "sending_at_the_same_time_sends_once")
class ThirdTransferIsAnother(MemoryPayouts):
    async def send(self, transfer: Transfer) -> TransferFact:
        fact = await super().send(transfer)
        is_third = self.calls[-3:] == ["send"] * 3
        return replace(fact, id=f"{fact.id}-3") if is_third else fact


@breaks("sending_at_the_same_time_sends_once")
class SendsTwiceAtOnce(MemoryPayouts):
    async def send(self, transfer: Transfer) -> TransferFact:
        is_new = transfer.id not in self._transfers
        await asyncio.sleep(0)
        fact = await super().send(transfer)
        late = is_new and self.calls.count("send") > 1
        return replace(fact, id=uuid4().hex) if late and "find_transfer" not in self.calls else fact


@breaks("a_transfer_whose_answer_was_lost_is_found_by_our_id")
class LostTransferIsUnknown(MemoryPayouts):
    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    async def send(self, transfer: Transfer) -> TransferFact:
        if self.fail_after_commit:
            self.lost.add(transfer.id)
        return await super().send(transfer)

    async def find_transfer(self, transfer_id: TransferId) -> TransferFact:
        if transfer_id in self.lost:
            raise TransferUnknown
        return await super().find_transfer(transfer_id)


@breaks("a_call_that_never_arrived_has_sent_nothing")
class SendsWhileAway(MemoryPayouts):
    async def send(self, transfer: Transfer) -> TransferFact:
        if not self.down:
            return await super().send(transfer)
        self.down = False
        await super().send(transfer)
        raise PayoutsUnavailable


@breaks("asking_while_the_provider_is_away_says_nothing")
class AwayIsUnknown(MemoryPayouts):
    async def find_transfer(self, transfer_id: TransferId) -> TransferFact:
        if self.down:
            raise TransferUnknown
        return await super().find_transfer(transfer_id)


@breaks("the_id_of_a_transfer_stands_for_one_amount_and_one_payee")
class AnyPayeeForAnId(MemoryPayouts):
    async def send(self, transfer: Transfer) -> TransferFact:
        found = self._transfers.get(transfer.id)
        if found and found.asked.amount == transfer.amount and not self.fail_after_commit:
            transfer = found.asked
        return await super().send(transfer)


@breaks("a_transfer_nobody_sent_is_unknown", "a_call_that_never_arrived_has_sent_nothing",
        "a_transfer_to_nobody_is_refused_and_does_not_exist")  # fmt: skip
class EveryTransferIsPending(MemoryPayouts):
    async def find_transfer(self, transfer_id: TransferId) -> TransferFact:
        try:
            return await super().find_transfer(transfer_id)
        except TransferUnknown:
            return TransferFact(transfer_id, "", TransferStatus.PENDING, Money(0))


@breaks("a_transfer_to_nobody_is_refused_and_does_not_exist")
class TransferToNobodyFails(MemoryPayouts):
    async def send(self, transfer: Transfer) -> TransferFact:
        if transfer.beneficiary not in self._beneficiaries and not self.down:
            return TransferFact(transfer.id, "", TransferStatus.FAILED, transfer.amount)
        return await super().send(transfer)


@breaks("less_than_one_rupee_is_refused")
class AnyAmount(MemoryPayouts):
    async def send(self, transfer: Transfer) -> TransferFact:
        return await super().send(replace(transfer, amount=max(transfer.amount, Money(100))))


@breaks("what_the_bank_decides_is_reported")
class UnknownIsAFailure(MemoryPayouts):
    async def find_transfer(self, transfer_id: TransferId) -> TransferFact:
        fact = await super().find_transfer(transfer_id)
        is_unknown = fact.status is TransferStatus.UNKNOWN
        return replace(fact, status=TransferStatus.FAILED) if is_unknown else fact


@breaks("a_failure_has_a_reason_and_a_success_a_reference")
class FailsWithoutAReason(MemoryPayouts):
    async def find_transfer(self, transfer_id: TransferId) -> TransferFact:
        return replace(await super().find_transfer(transfer_id), code="")


@breaks("a_transfer_that_succeeded_can_come_back")
class SuccessIsFinal(MemoryPayouts):
    def settle(self, transfer_id: str, status: TransferStatus, *given: str, **more: object) -> None:
        if self._transfers[transfer_id].fact.status is not TransferStatus.SUCCEEDED:
            super().settle(transfer_id, status, *given)


@breaks("sending_what_has_ended_does_not_send_it_again")
class SendsAFailureAgain(MemoryPayouts):
    async def send(self, transfer: Transfer) -> TransferFact:
        found = self._transfers.get(transfer.id)
        if found and found.fact.status is TransferStatus.FAILED:
            del self._transfers[transfer.id]
        return await super().send(transfer)


@breaks("numbers_of_accounts_and_keys_are_in_no_error_and_no_log")
class LogsTheAccount(MemoryPayouts):
    async def register(self, beneficiary: Beneficiary) -> BeneficiaryFact:
        log.debug("registering %s", beneficiary.number)
        return await super().register(beneficiary)


@breaks("a_genuine_message_names_its_transfer_and_one_fact")
class NewFactEachTime(MemoryPayouts):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> PayoutWebhook:
        event = super().parse_webhook(headers, body)
        return replace(event, id=uuid4().hex) if event.transfer_id else event


@breaks("a_message_that_was_changed_or_not_signed_is_forged")
class SignatureWithoutWhiteSpace(MemoryPayouts):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> PayoutWebhook:
        is_genuine = headers.get(SIGNATURE) == signed(body.strip())[SIGNATURE]
        return super().parse_webhook(signed(body) if is_genuine else headers, body)


@breaks("an_unreadable_message_with_a_good_signature_is_kept")
class NullIsNoMessage(MemoryPayouts):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> PayoutWebhook:
        event = super().parse_webhook(headers, body)
        if body == b"null":
            raise KeyError("transfer_id")
        return event
