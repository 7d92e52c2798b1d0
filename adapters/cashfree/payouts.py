"""The payout provider for Cashfree Payouts, API v2 (2024-01-01)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

import httpx

from adapters.cashfree import payout_balance
from adapters.cashfree import payout_facts as facts
from adapters.cashfree.amounts import rupees
from adapters.cashfree.breaker import Breaker
from adapters.cashfree.payout_settings import CashfreePayoutSettings
from adapters.cashfree.payout_signature import PayoutSignature
from adapters.cashfree.payout_webhooks import parse_webhook
from adapters.cashfree.wire import Answer, Wire
from core.money import Money
from core.payout_accounts import Kind
from core.withdrawals_facts import BeneficiaryFact, BeneficiaryId, TransferFact, TransferId
from ports.clock import Clock
from ports.payments import GatewayUnavailable
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
from ports.telemetry import NO_TELEMETRY, Telemetry

log = logging.getLogger(__name__)

EMAIL_MAXIMUM = 200


class CashfreePayouts(PayoutProvider, PayoutBalance):
    """Beneficiaries, transfers and webhooks of Cashfree Payouts.

    Our ids are unique at Cashfree, which has no idempotency key there. So when a call is refused,
    the beneficiary or transfer with that id is fetched; if it is the same, the call counts as
    successful.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        settings: CashfreePayoutSettings,
        clock: Clock,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._settings = settings
        key = settings.public_key
        sign = PayoutSignature(settings.client_id, key, clock) if key else None
        self._wire = Wire(client, settings, Breaker(clock), telemetry, sign)
        older = replace(settings, base_url=settings.balance_url)
        self._older = Wire(client, older, Breaker(clock), telemetry, sign)

    @property
    def name(self) -> str:
        return "cashfree"

    async def register(self, beneficiary: Beneficiary) -> BeneficiaryFact:
        answer = await self._call("POST", "/beneficiary", _new_beneficiary(beneficiary))
        if answer.ok:
            return facts.beneficiary(answer.entity())
        found = await self._existing(beneficiary, answer)
        account = (beneficiary.number, beneficiary.ifsc)
        if found is None or facts.account_of(found.entity()) != account:
            raise _refused(answer)
        return facts.beneficiary(found.entity())

    async def find_beneficiary(self, beneficiary_id: BeneficiaryId) -> BeneficiaryFact:
        answer = await self._call("GET", _query("/beneficiary", beneficiary_id=beneficiary_id))
        if answer.unknown:
            raise BeneficiaryUnknown
        return facts.beneficiary(_checked(answer).entity())

    async def send(self, transfer: Transfer) -> TransferFact:
        answer = await self._call("POST", "/transfers", _new_transfer(transfer))
        if answer.ok:
            return facts.transfer(answer.entity())
        found = await self._transfer(transfer.id)
        if found.unknown:
            if answer.status == 409:  # it has one of this id, and does not show it
                raise PayoutsUnavailable
            raise _refused(answer)
        fact = facts.transfer(_checked(found).entity())
        if fact.amount != transfer.amount or fact.payee != transfer.beneficiary:
            raise TransferIdUsed(_refused(answer).reason)
        return fact

    async def find_transfer(self, transfer_id: TransferId) -> TransferFact:
        answer = await self._transfer(transfer_id)
        if answer.unknown:
            raise TransferUnknown
        return facts.transfer(_checked(answer).entity())

    async def available(self) -> Money | None:
        if not self._settings.balance_url:
            return None
        try:
            return await payout_balance.available(self._older)
        except GatewayUnavailable as error:
            raise PayoutsUnavailable from error

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> PayoutWebhook:
        return parse_webhook(headers, body, self._settings.signing_secrets)

    async def _existing(self, beneficiary: Beneficiary, refused: Answer) -> Answer | None:
        """The beneficiary of our id, or the same bank account under another id."""
        if refused.status != 409:
            return None
        found = await self._call("GET", _query("/beneficiary", beneficiary_id=beneficiary.id))
        if found.unknown and beneficiary.kind is Kind.BANK:
            found = await self._call(
                "GET",
                _query(
                    "/beneficiary",
                    bank_account_number=beneficiary.number,
                    bank_ifsc=beneficiary.ifsc,
                ),
            )
        return found if found.ok else None

    async def _transfer(self, transfer_id: TransferId) -> Answer:
        return await self._call("GET", _query("/transfers", transfer_id=transfer_id))

    async def _call(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> Answer:
        """Raises `PayoutsUnavailable` if the outcome is unknown or can change later."""
        try:
            return await self._wire.call(method, path, body)
        except GatewayUnavailable as error:
            raise PayoutsUnavailable from error


def _new_beneficiary(beneficiary: Beneficiary) -> dict[str, object]:
    upi = beneficiary.kind is Kind.UPI
    instrument = (
        {"vpa": beneficiary.number}
        if upi
        else {"bank_account_number": beneficiary.number, "bank_ifsc": beneficiary.ifsc}
    )
    body: dict[str, object] = {
        "beneficiary_id": beneficiary.id,
        "beneficiary_name": beneficiary.holder,
        "beneficiary_instrument_details": instrument,
    }
    contact = {}
    if 3 <= len(beneficiary.email) <= EMAIL_MAXIMUM:
        contact["beneficiary_email"] = beneficiary.email
    if beneficiary.phone:
        contact["beneficiary_phone"] = beneficiary.phone
    return {**body, "beneficiary_contact_details": contact} if contact else body


def _new_transfer(transfer: Transfer) -> dict[str, object]:
    """The remarks may have letters, digits and spaces only."""
    remarks = "".join(c if c.isascii() and c.isalnum() else " " for c in transfer.note)
    return {
        "transfer_id": transfer.id,
        "transfer_amount": rupees(transfer.amount),
        "transfer_currency": transfer.amount.currency,
        "transfer_remarks": " ".join(remarks.split())[:70],
        "beneficiary_details": {"beneficiary_id": transfer.beneficiary},
    }


def _query(path: str, **values: str) -> str:
    return f"{path}?{urlencode(values)}"


def _checked(answer: Answer) -> Answer:
    """A question that is refused says nothing about the transfer. Raises `PayoutsUnavailable`."""
    if not answer.ok:
        log.error("Cashfree refused a question with HTTP %s", answer.status)
        raise PayoutsUnavailable
    return answer


def _refused(answer: Answer) -> PayoutRefused:
    """Only the code: a message of Cashfree can repeat the number of an account."""
    body = answer.body if isinstance(answer.body, dict) else {}
    code = facts.code_of(body, "code")
    log.warning("Cashfree refused with HTTP %s: %s", answer.status, code)
    return PayoutRefused(code or f"http_{answer.status}", facts.why_of(code))
