"""The contract of every payout provider: inherit `PayoutsContract` and provide the fixture
`payouts_setup`."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from uuid import uuid4

import pytest

from core.money import Money
from core.withdrawals_facts import BeneficiaryId, BeneficiaryStatus, TransferId, TransferStatus
from onehour.testing.payouts_balance import BalanceContract
from onehour.testing.payouts_setup import AMOUNT, PayoutsSetup
from ports.payments import ForgedWebhook
from ports.payouts import (
    BeneficiaryUnknown,
    PayoutRefused,
    PayoutsUnavailable,
    TransferUnknown,
)

__all__ = ["PayoutsContract", "PayoutsSetup"]

UNREADABLE = (
    b'{"broken',
    b'{"id": "n1", "id": "n1", "data": {"a": NaN}, "kind": NaN}',
    b'{"id": "\\ud800", "type": "\\ud800", "data": {"transfer_id": "\\ud800"}}',
    b"[" * 100_000,
    b"\xff\xfe\x00",
    b"null",
)
"""Bodies of signed webhooks that no reader can use."""
OUTCOMES = ("succeeded", "failed", "reversed", "on_the_way", "approval", "unknown")


class PayoutsContract(BalanceContract):
    """Tests of the contract in `ports/payouts.py`."""

    port = "payouts"

    # Payees

    async def test_a_registered_account_can_be_paid(self, payouts_setup: PayoutsSetup) -> None:
        fact = await payouts_setup.provider.register(payouts_setup.payee())

        found = await payouts_setup.provider.find_beneficiary(fact.id)

        assert fact.status is BeneficiaryStatus.USABLE
        assert (found.id, found.status) == (fact.id, fact.status)

    async def test_registering_again_finds_the_same_payee(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        payee = payouts_setup.payee()

        facts = {(await payouts_setup.provider.register(payee)).id for _ in range(3)}

        assert len(facts) == 1

    async def test_the_same_account_under_another_id_can_be_paid_as_well(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        """Who goes back to an account of before. The provider may know it by its first id."""
        first = await payouts_setup.registered()

        again = await payouts_setup.provider.register(payouts_setup.payee())

        assert again.status is BeneficiaryStatus.USABLE
        found = await payouts_setup.provider.find_beneficiary(again.id)
        assert found.status is BeneficiaryStatus.USABLE
        assert bool(first) and bool(again.id)

    async def test_the_id_of_a_payee_stands_for_one_account(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        payee = payouts_setup.payee()
        await payouts_setup.provider.register(payee)
        number, ifsc = payouts_setup.other_account

        with pytest.raises(PayoutRefused):
            await payouts_setup.provider.register(replace(payee, number=number, ifsc=ifsc))

    async def test_an_account_that_is_none_is_refused_with_a_reason(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        checks = payouts_setup.wrong_account is not None
        self.needs("a check of accounts when they are registered", checks)
        payee = payouts_setup.payee(payouts_setup.wrong_account)

        with pytest.raises(PayoutRefused) as refused:
            await payouts_setup.provider.register(payee)

        assert refused.value.reason

    async def test_a_payee_nobody_registered_is_unknown(self, payouts_setup: PayoutsSetup) -> None:
        with pytest.raises(BeneficiaryUnknown):
            await payouts_setup.provider.find_beneficiary(BeneficiaryId(f"ben{uuid4().hex}"))

    async def test_after_a_lost_answer_the_payee_is_found(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        payee = payouts_setup.payee()

        async with payouts_setup.losing_an_answer():
            with pytest.raises(PayoutsUnavailable):
                await payouts_setup.provider.register(payee)

        assert (await payouts_setup.provider.register(payee)).status is BeneficiaryStatus.USABLE

    # Transfers

    async def test_a_transfer_has_our_id_and_the_exact_amount(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        transfer = await payouts_setup.transfer()

        fact = await payouts_setup.provider.send(transfer)

        found = await payouts_setup.provider.find_transfer(transfer.id)
        assert (fact.ours, fact.amount, fact.status) == (
            transfer.id, AMOUNT, TransferStatus.PENDING
        )  # fmt: skip
        assert (found.ours, found.id, found.amount) == (transfer.id, fact.id, AMOUNT)
        assert fact.id
        assert fact.fee is None or fact.fee.amount >= 0

    async def test_sending_again_finds_the_same_transfer(self, payouts_setup: PayoutsSetup) -> None:
        transfer = await payouts_setup.transfer()

        ids = {(await payouts_setup.provider.send(transfer)).id for _ in range(3)}

        assert len(ids) == 1

    async def test_sending_at_the_same_time_sends_once(self, payouts_setup: PayoutsSetup) -> None:
        """Two relays with one message. A call may be unavailable, but money leaves once."""
        transfer = await payouts_setup.transfer()
        calls = [payouts_setup.provider.send(transfer) for _ in range(4)]

        answers = await asyncio.gather(*calls, return_exceptions=True)

        facts = [each for each in answers if not isinstance(each, PayoutsUnavailable)]
        assert not [each for each in facts if isinstance(each, BaseException)]
        found = await payouts_setup.provider.find_transfer(transfer.id)
        assert {each.id for each in facts if not isinstance(each, BaseException)} <= {found.id}

    async def test_a_transfer_whose_answer_was_lost_is_found_by_our_id(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        transfer = await payouts_setup.transfer()

        async with payouts_setup.losing_an_answer():
            with pytest.raises(PayoutsUnavailable):
                await payouts_setup.provider.send(transfer)

        found = await payouts_setup.provider.find_transfer(transfer.id)
        again = await payouts_setup.provider.send(transfer)
        assert (found.ours, again.id) == (transfer.id, found.id)

    async def test_a_call_that_never_arrived_has_sent_nothing(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        transfer = await payouts_setup.transfer()

        async with payouts_setup.away():
            with pytest.raises(PayoutsUnavailable):
                await payouts_setup.provider.send(transfer)

        with pytest.raises(TransferUnknown):
            await payouts_setup.provider.find_transfer(transfer.id)

    async def test_asking_while_the_provider_is_away_says_nothing(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        """An outage must never look like a transfer that does not exist."""
        fact = await payouts_setup.sent()

        async with payouts_setup.away():
            with pytest.raises(PayoutsUnavailable):
                await payouts_setup.provider.find_transfer(fact.ours)

    @pytest.mark.parametrize("change", ["amount", "payee"])
    async def test_the_id_of_a_transfer_stands_for_one_amount_and_one_payee(
        self, payouts_setup: PayoutsSetup, change: str
    ) -> None:
        transfer = await payouts_setup.transfer()
        await payouts_setup.provider.send(transfer)
        other = (
            replace(transfer, amount=AMOUNT + Money(1))
            if change == "amount"
            else replace(
                transfer,
                beneficiary=await payouts_setup.registered(payouts_setup.other_account),
            )
        )

        with pytest.raises(PayoutRefused):
            await payouts_setup.provider.send(other)

        assert (await payouts_setup.provider.find_transfer(transfer.id)).amount == AMOUNT

    async def test_a_transfer_nobody_sent_is_unknown(self, payouts_setup: PayoutsSetup) -> None:
        with pytest.raises(TransferUnknown):
            await payouts_setup.provider.find_transfer(TransferId(f"wd{uuid4().hex}"))

    async def test_a_transfer_to_nobody_is_refused_and_does_not_exist(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        transfer = replace(
            await payouts_setup.transfer(), beneficiary=BeneficiaryId(f"ben{uuid4().hex}")
        )

        with pytest.raises(PayoutRefused):
            await payouts_setup.provider.send(transfer)

        with pytest.raises(TransferUnknown):
            await payouts_setup.provider.find_transfer(transfer.id)

    async def test_less_than_one_rupee_is_refused(self, payouts_setup: PayoutsSetup) -> None:
        with pytest.raises(PayoutRefused):
            await payouts_setup.provider.send(await payouts_setup.transfer(Money(99)))

    @pytest.mark.parametrize("outcome", OUTCOMES)
    async def test_what_the_bank_decides_is_reported(
        self, payouts_setup: PayoutsSetup, outcome: str
    ) -> None:
        fact = await payouts_setup.sent()

        await payouts_setup.settle(fact.ours, outcome)

        found = await payouts_setup.provider.find_transfer(fact.ours)
        assert (found.status, found.amount) == (TransferStatus(outcome), AMOUNT)

    async def test_a_failure_has_a_reason_and_a_success_a_reference(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        failed, good = await payouts_setup.sent(), await payouts_setup.sent()
        await payouts_setup.settle(failed.ours, "failed")
        await payouts_setup.settle(good.ours, "succeeded")

        assert (await payouts_setup.provider.find_transfer(failed.ours)).code
        assert (await payouts_setup.provider.find_transfer(good.ours)).reference

    async def test_a_transfer_that_succeeded_can_come_back(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        fact = await payouts_setup.sent()
        await payouts_setup.settle(fact.ours, "succeeded")

        await payouts_setup.settle(fact.ours, "reversed")

        found = await payouts_setup.provider.find_transfer(fact.ours)
        assert (found.status, found.id) == (TransferStatus.REVERSED, fact.id)

    async def test_sending_what_has_ended_does_not_send_it_again(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        transfer = await payouts_setup.transfer()
        await payouts_setup.provider.send(transfer)
        await payouts_setup.settle(transfer.id, "failed")

        again = await payouts_setup.provider.send(transfer)

        assert again.status is TransferStatus.FAILED

    async def test_numbers_of_accounts_and_keys_are_in_no_error_and_no_log(
        self, payouts_setup: PayoutsSetup, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        payee = payouts_setup.payee()
        await payouts_setup.provider.register(payee)
        number, ifsc = payouts_setup.other_account

        with pytest.raises(PayoutRefused) as refused:
            await payouts_setup.provider.register(replace(payee, number=number, ifsc=ifsc))

        told = f"{refused.value!r}{refused.value.reason}{payee!r}{caplog.text}"
        for secret in (number, payee.number, *payouts_setup.secrets):
            assert secret not in told

    # Webhooks

    async def test_a_genuine_message_names_its_transfer_and_one_fact(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        fact = await payouts_setup.sent()
        await payouts_setup.settle(fact.ours, "succeeded")
        headers, body = await payouts_setup.notice(fact.ours)

        first = payouts_setup.provider.parse_webhook(headers, body)
        again = payouts_setup.provider.parse_webhook(headers, body)

        assert first == again
        assert (first.transfer_id, bool(first.id), bool(first.kind)) == (fact.ours, True, True)

    async def test_a_message_that_was_changed_or_not_signed_is_forged(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        fact = await payouts_setup.sent()
        await payouts_setup.settle(fact.ours, "succeeded")
        headers, body = await payouts_setup.notice(fact.ours)
        others = {name: value[::-1] for name, value in headers.items()}

        for given, content in (
            ({}, body),
            (others, body),
            (headers, body + b" "),
            (headers, body[:-1]),
            (headers, b""),
        ):
            with pytest.raises(ForgedWebhook):
                payouts_setup.provider.parse_webhook(given, content)

    @pytest.mark.parametrize("body", UNREADABLE)
    async def test_an_unreadable_message_with_a_good_signature_is_kept(
        self, payouts_setup: PayoutsSetup, body: bytes
    ) -> None:
        notice = payouts_setup.provider.parse_webhook(payouts_setup.sign(body), body)

        assert (notice.kind, notice.transfer_id, bool(notice.id)) == ("unreadable", "", True)
