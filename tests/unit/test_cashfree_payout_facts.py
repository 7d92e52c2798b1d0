"""What Cashfree says about transfers and beneficiaries means one thing, or nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from adapters.cashfree.payout_facts import SUCCESS, TRANSFER_STATUS, beneficiary, transfer
from adapters.cashfree.payout_webhooks import parse_webhook
from core.money import Money
from core.withdrawals_facts import BeneficiaryStatus, TransferStatus, Why
from ports.payouts import PayoutsUnavailable


def an_entity(**changes: Any) -> dict[str, object]:
    return {
        "transfer_id": "wd_1",
        "cf_transfer_id": "123",
        "status": "SUCCESS",
        "status_code": "COMPLETED",
        "transfer_amount": Decimal("1500.50"),
        **changes,
    }


@pytest.mark.parametrize("status", sorted(TRANSFER_STATUS))
def test_each_status_of_the_api_has_one_meaning(status: str) -> None:
    assert transfer(an_entity(status=status)).status is TRANSFER_STATUS[status]


@pytest.mark.parametrize("code", [*SUCCESS, "", "RECEIVED", None, 5, "completed"])
def test_a_success_means_what_its_code_says(code: Any) -> None:
    expected = SUCCESS.get(code, TransferStatus.UNKNOWN)

    assert transfer(an_entity(status_code=code)).status is expected


@pytest.mark.parametrize("status", ["", "DONE", "success", None, 7])
def test_an_unknown_status_is_never_guessed(status: Any) -> None:
    assert transfer(an_entity(status=status)).status is TransferStatus.UNKNOWN


def test_amounts_fees_and_reasons_are_exact() -> None:
    fact = transfer(
        an_entity(
            status="FAILED",
            status_code="BENE_NAME_DIFFERS",
            transfer_service_charge=Decimal("3.00"),
            transfer_service_tax=Decimal("0.54"),
            transfer_utr="HDFCN52026112004418",
        )
    )

    assert (fact.amount, fact.fee) == (Money(150_050), Money(354))
    assert (fact.why, fact.code, fact.reference) == (
        Why.NAME, "BENE_NAME_DIFFERS", "HDFCN52026112004418"
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"transfer_amount": None},
        {"transfer_amount": Decimal("1.001")},
        {"transfer_amount": Decimal("NaN")},
        {"transfer_service_charge": "x"},
        {"transfer_id": None},
        {"cf_transfer_id": ""},
    ],
)
def test_a_malformed_transfer_says_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(PayoutsUnavailable):
        transfer(an_entity(**changes))


def test_an_unknown_beneficiary_status_is_reported_as_such() -> None:
    fact = beneficiary({"beneficiary_id": "ben1", "beneficiary_status": "MAYBE"})

    assert (fact.status, fact.name) == (BeneficiaryStatus.UNKNOWN, "")
    with pytest.raises(PayoutsUnavailable):
        beneficiary({"beneficiary_status": "VERIFIED"})


def test_a_signature_of_the_documentation_is_accepted() -> None:
    body = (
        b'{"data":{"transfer_id":"W1","cf_transfer_id":"123456","status":"SUCCESS",'
        b'"status_code":"COMPLETED","transfer_amount":1500.50},'
        b'"event_time":"2026-01-02T10:05:00","type":"TRANSFER_ACKNOWLEDGED"}'
    )
    headers = {
        "x-webhook-timestamp": "1767328500000",
        "x-webhook-signature": "k+IOreiytYjB7qA7yNbJ2Zuwsj7FK1IgJOwTkYlzsGk=",
    }

    event = parse_webhook(headers, body, ("cfsk_payout_made_up",))

    assert (event.id, event.transfer_id, event.kind) == (
        "transfer:W1:SUCCESS:COMPLETED", "W1", "TRANSFER_ACKNOWLEDGED"
    )  # fmt: skip
