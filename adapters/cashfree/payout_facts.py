"""Mapping of the JSON of Cashfree Payouts to the domain's facts. An unknown value is `UNKNOWN`."""

from __future__ import annotations

import logging
import re

from adapters.cashfree.amounts import paise
from adapters.cashfree.facts import Entity, text
from core.money import CURRENCY, Money
from core.withdrawals_facts import (
    BeneficiaryFact,
    BeneficiaryId,
    BeneficiaryStatus,
    TransferFact,
    TransferId,
    TransferStatus,
    Why,
)
from ports.payouts import PayoutsUnavailable

log = logging.getLogger(__name__)

TRANSFER_STATUS = {
    "RECEIVED": TransferStatus.PENDING,
    "QUEUED": TransferStatus.PENDING,
    "PENDING": TransferStatus.PENDING,
    "APPROVAL_PENDING": TransferStatus.APPROVAL,
    "FAILED": TransferStatus.FAILED,
    "REJECTED": TransferStatus.FAILED,
    "MANUALLY_REJECTED": TransferStatus.FAILED,
    "REVERSED": TransferStatus.REVERSED,
}
SUCCESS = {
    "COMPLETED": TransferStatus.SUCCEEDED,
    "SENT_TO_BENEFICIARY": TransferStatus.ON_THE_WAY,  # the bank has not confirmed it
}
"""A SUCCESS means nothing without its code."""
BENEFICIARY_STATUS = {
    "VERIFIED": BeneficiaryStatus.USABLE,
    "INITIATED": BeneficiaryStatus.CHECKING,
    "INVALID": BeneficiaryStatus.REFUSED,
    "CANCELLED": BeneficiaryStatus.REFUSED,
    "FAILED": BeneficiaryStatus.REFUSED,
    "DELETED": BeneficiaryStatus.REFUSED,
}
WHY = {
    "INVALID_ACCOUNT_FAIL": Why.ACCOUNT,
    "INVALID_IFSC_FAIL": Why.ACCOUNT,
    "INVALID_BENE_ACCOUNT_OR_IFSC": Why.ACCOUNT,
    "INVALID_BENE_VPA": Why.ACCOUNT,
    "BENE_NAME_DIFFERS": Why.NAME,
    "DEST_LIMIT_REACHED": Why.LIMIT,
    "ACCOUNT_BLOCKED": Why.BLOCKED,
    "NRE_ACCOUNT_FAIL": Why.BLOCKED,
    "BENE_BLACKLISTED": Why.BLOCKED,
    "BANK_GATEWAY_ERROR": Why.BANK,
    "BENE_BANK_DECLINED": Why.BANK,
    "BENEFICIARY_BANK_OFFLINE": Why.BANK,
    "NPCI_UNAVAILABLE": Why.BANK,
    "INSUFFICIENT_BALANCE": Why.BALANCE,
    "IMPS_MODE_FAIL": Why.BANK,
    "RTGS_MODE_FAIL": Why.BANK,
}
_CODE = re.compile(r"[A-Za-z0-9_.]{1,80}", re.ASCII)


def transfer(entity: Entity) -> TransferFact:
    """Raises `PayoutsUnavailable` for an entity without an id or an amount: the caller asks
    again."""
    code = code_of(entity, "status_code")
    status = _transfer_status(text(entity, "status"), code)
    try:
        amount = Money(paise(entity.get("transfer_amount")), CURRENCY)
        fee = _fee(entity)
    except ValueError as error:
        log.error("Cashfree sent a malformed amount of a transfer: %s", error)
        raise PayoutsUnavailable from error
    ours, theirs = text(entity, "transfer_id"), text(entity, "cf_transfer_id")
    if not ours or not theirs:
        log.error("Cashfree sent a transfer without its ids")
        raise PayoutsUnavailable
    return TransferFact(
        ours=TransferId(ours),
        id=theirs,
        status=status,
        amount=amount,
        code=code,
        reference=code_of(entity, "transfer_utr"),
        why=why_of(code),
        fee=fee,
        payee=_payee(entity),
    )


def beneficiary(entity: Entity) -> BeneficiaryFact:
    """Cashfree does not tell the name at the bank. Raises `PayoutsUnavailable` without an id."""
    value = code_of(entity, "beneficiary_status")
    if value not in BENEFICIARY_STATUS:
        log.error("Cashfree sent the unknown beneficiary status %r", value)
    found = text(entity, "beneficiary_id")
    if not found:
        log.error("Cashfree sent a beneficiary without an id")
        raise PayoutsUnavailable
    status = BENEFICIARY_STATUS.get(value, BeneficiaryStatus.UNKNOWN)
    return BeneficiaryFact(BeneficiaryId(found), status, code=value)


def why_of(code: str) -> Why:
    """Codes are in upper case in a state, and in lower case in an error."""
    return WHY.get(code.upper(), Why.OTHER)


def _payee(entity: Entity) -> BeneficiaryId | None:
    """None if it was sent to an account that is not registered, or is not told."""
    details = entity.get("beneficiary_details")
    found = text(details, "beneficiary_id") if isinstance(details, dict) else ""
    return BeneficiaryId(found) if found else None


def account_of(entity: Entity) -> tuple[str, str]:
    """Number and IFSC, or the UPI address and an empty text."""
    details = entity.get("beneficiary_instrument_details")
    if not isinstance(details, dict):
        return "", ""
    return (
        text(details, "bank_account_number") or text(details, "vpa").lower(),
        text(details, "bank_ifsc"),
    )


def code_of(entity: Entity, field: str) -> str:
    """A code or a reference; anything else is left out, because it is logged and shown."""
    value = text(entity, field)
    return value if _CODE.fullmatch(value) else ""


def _transfer_status(status: str, code: str) -> TransferStatus:
    found = SUCCESS.get(code) if status == "SUCCESS" else TRANSFER_STATUS.get(status)
    if found is None:
        log.error("Cashfree sent the unknown transfer status %r with the code %r", status, code)
    return found or TransferStatus.UNKNOWN


def _fee(entity: Entity) -> Money | None:
    """Charge and tax; None if it has neither. Raises `ValueError`."""
    fields = ("transfer_service_charge", "transfer_service_tax")
    told = [paise(entity[each]) for each in fields if entity.get(each) is not None]
    return Money(sum(told), CURRENCY) if told else None
