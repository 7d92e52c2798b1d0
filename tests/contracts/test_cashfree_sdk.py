"""The official SDKs of Cashfree work with the simulator, which so speaks as Cashfree does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.cashfree.webhooks import sign
from tests.contracts.served_simulator import CLIENT_SECRET
from tests.sdk import Sdk, SdkRefusal, node_sdk, python_sdk
from tests.sdk.shop import OURS, Shop, a_shop, an_order, signed

DEFAULT = None
"""The API version that the SDKs send by themselves: 2026-01-01."""
SDKS = {"python": python_sdk, "node": node_sdk}
SPLITS = [{"vendor_id": "ravi", "amount": 4000.25}, {"vendor_id": "asha", "percentage": 16.5}]
METHODS: list[dict[str, Any]] = [
    {"upi": {"channel": "link"}},
    {"upi": {"channel": "collect", "upi_id": "asha@bank"}},
    {"card": {"channel": "link", "card_number": "4444333322221111", "card_cvv": "123"}},
    {"netbanking": {"channel": "link", "netbanking_bank_code": 3021}},
    {"app": {"channel": "link", "provider": "paytm", "phone": "9999999999"}},
    {"paylater": {"channel": "link", "provider": "lazypay", "phone": "9999999999"}},
    {"cardless_emi": {"channel": "link", "provider": "zestmoney", "phone": "9999999999"}},
]


@pytest.fixture(scope="module", params=SDKS)
def sdk(request: pytest.FixtureRequest) -> Iterator[Sdk]:
    sdk = SDKS[request.param]()
    yield sdk
    sdk.stop()


@pytest.fixture(params=[OURS, DEFAULT], ids=["version of ours", "version of the SDK"])
async def shop(sdk: Sdk, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(sdk, request.param, tmp_path) as shop:
        yield shop


@pytest.fixture(scope="module")
def models() -> Iterator[Sdk]:
    """The SDK whose models check what they read."""
    sdk = python_sdk()
    yield sdk
    sdk.stop()


@pytest.fixture
async def checked(models: Sdk, tmp_path: Path) -> AsyncIterator[Shop]:
    """A shop whose SDK checks what it reads."""
    async with a_shop(models, DEFAULT, tmp_path) as shop:
        yield shop


def refused(error: pytest.ExceptionInfo[SdkRefusal]) -> tuple[int | None, str]:
    return error.value.status, error.value.body["code"]


async def test_an_order_is_created_fetched_and_terminated(shop: Shop) -> None:
    cart = {"cart_items": [{"item_id": "hour", "item_quantity": 1}]}
    created = await shop.call("PGCreateOrder", an_order(cart_details=cart, order_splits=SPLITS))

    fetched = await shop.call("PGFetchOrder", "ord_1")
    ended = await shop.call("PGTerminateOrder", "ord_1", {"order_status": "TERMINATED"})

    assert fetched == created
    assert (created["order_amount"], created["order_status"]) == (4800.5, "ACTIVE")
    assert created["payment_session_id"].startswith("session_")
    assert created["order_splits"] == SPLITS
    assert created["cart_details"]["cart_id"].isdigit()
    assert created["order_tags"] == {"booking": "OH-7K3M-92Q4"}
    assert ended["order_status"] == "TERMINATED"


async def test_an_order_is_paid_and_announced(shop: Shop) -> None:
    order = await shop.call("PGCreateOrder", an_order())
    upi = {"upi": {"channel": "collect", "upi_id": "asha@bank"}}
    session = {"payment_session_id": order["payment_session_id"], "payment_method": upi}
    started = await shop.call("PGPayOrder", session)
    await shop.control("settle", cf_payment_id=started["cf_payment_id"], outcome="success")

    (payment,) = await shop.call("PGOrderFetchPayments", "ord_1")

    announced = await shop.announced()
    assert payment == await shop.call("PGOrderFetchPayment", "ord_1", started["cf_payment_id"])
    assert (payment["payment_status"], payment["payment_amount"]) == ("SUCCESS", 4800.5)
    assert payment["payment_method"]["upi"]["upi_id"] == "asha@bank"
    assert (await shop.call("PGFetchOrder", "ord_1"))["order_status"] == "PAID"
    assert announced["type"] == "PAYMENT_SUCCESS_WEBHOOK"
    assert announced["data"]["payment"]["bank_reference"] == payment["bank_reference"]


async def test_refunds_of_every_outcome_are_made_listed_and_announced(shop: Shop) -> None:
    await shop.paid()
    made = await shop.refund("rfd1", refund_note="SUCCESS", refund_speed="INSTANT")
    await shop.refund("rfd2", refund_note="FAILED")
    await shop.refund("rfd3", refund_note="PENDING", refund_splits=[SPLITS[0] | {"amount": 1}])

    listed = await shop.call("PGOrderFetchRefunds", "ord_1")

    assert [refund["refund_status"] for refund in listed] == ["SUCCESS", "CANCELLED", "PENDING"]
    assert listed[0] == made == await shop.call("PGOrderFetchRefund", "ord_1", "rfd1")
    assert (made["refund_amount"], made["refund_speed"]["processed"]) == (1000.5, "INSTANT")
    assert listed[2]["refund_splits"] == [{"vendor_id": "ravi", "amount": 1}]
    await shop.control("clock", advance_s=0)
    events = [json.loads(hook.content)["data"]["refund"] for hook in shop.hooks[1:]]
    assert [event["refund_status"] for event in events] == ["SUCCESS", "CANCELLED"]
    assert (await shop.announced())["type"] == "REFUND_STATUS_WEBHOOK"


async def test_a_webhook_that_was_changed_is_refused(shop: Shop) -> None:
    await shop.paid()
    signature, body, timestamp = signed(shop.hooks[-1])
    changes = [
        (signature, body.replace("4800.50", "4800.5"), timestamp),
        (signature, body.replace("SUCCESS", "FAILED"), timestamp),
        (signature, body, str(int(timestamp) + 1)),
        (signature.swapcase(), body, timestamp),
    ]

    for change in changes:
        with pytest.raises(SdkRefusal) as error:
            await shop.call("PGVerifyWebhookSignature", *change)

        assert "did not match" in error.value.body
    assert (await shop.announced())["data"]["order"]["order_id"] == "ord_1"


async def test_what_the_adapter_signs_is_accepted(sdk: Sdk) -> None:
    body, timestamp = '{"type":"WEBHOOK","data":{"amount":170.00,"name":"₹ é"}}', "1767328321000"
    signature = sign(CLIENT_SECRET, timestamp, body.encode())

    event = await sdk.call("PGVerifyWebhookSignature", signature, body, timestamp)

    assert event == json.loads(body)


async def test_errors_are_those_of_the_sdk(shop: Shop) -> None:
    with pytest.raises(SdkRefusal) as unknown:
        await shop.call("PGFetchOrder", "ord_9")
    with pytest.raises(SdkRefusal) as wrong:
        await shop.call("PGCreateOrder", an_order(order_expiry_time="soon"))
    await shop.paid()
    with pytest.raises(SdkRefusal) as used:
        await shop.call("PGCreateOrder", an_order())
    with pytest.raises(SdkRefusal) as too_much:
        await shop.refund("rfd1", refund_amount=4801)
    await shop.control("faults", kind="bank")
    with pytest.raises(SdkRefusal) as failed:
        await shop.call("PGFetchOrder", "ord_1")

    assert refused(unknown) == (404, "order_not_found")
    assert refused(wrong) == (400, "order_expiry_time_invalid")
    assert refused(used) == (409, "order_already_exists")
    assert refused(too_much) == (400, "refund_amount_invalid")
    assert refused(failed) == (502, "bank_processing_failure")


async def test_a_version_that_does_not_exist_is_refused(sdk: Sdk, tmp_path: Path) -> None:
    async with a_shop(sdk, "2024-12-31", tmp_path) as shop:
        with pytest.raises(SdkRefusal) as error:
            await shop.call("PGFetchOrder", "ord_1")

    assert refused(error) == (400, "version_invalid")


@pytest.mark.parametrize("chosen", METHODS, ids=lambda chosen: next(iter(chosen)))
@pytest.mark.parametrize("outcome", ["success", "failed", "dropped", "pending"])
async def test_the_models_read_payments_of_every_method_and_outcome(
    checked: Shop, chosen: dict[str, Any], outcome: str
) -> None:
    order = await checked.call("PGCreateOrder", an_order())
    session = {"payment_session_id": order["payment_session_id"], "payment_method": chosen}
    started = await checked.call("PGPayOrder", session)
    await checked.control("settle", cf_payment_id=started["cf_payment_id"], outcome=outcome)

    (payment,) = await checked.call("PGOrderFetchPayments", "ord_1")

    (method,) = chosen
    assert list(payment["payment_method"]) == [method]
    assert payment["payment_method"][method]["channel"] == chosen[method]["channel"]
    for hook in checked.hooks:
        event = await checked.call("parse", "PaymentWebhook", json.loads(hook.content))
        assert event["data"]["payment"]["payment_method"] == payment["payment_method"]
    assert len(checked.hooks) == (0 if outcome == "pending" else 1)


async def test_the_models_read_refund_webhooks_and_automatic_refunds(checked: Shop) -> None:
    await checked.paid()
    await checked.refund("rfd1", refund_note="FAILED")
    await checked.control("clock", advance_s=0)
    event = await checked.call("parse", "RefundWebhook", json.loads(checked.hooks[-1].content))
    await checked.control("pay", order_id="ord_1")

    refunds = await checked.call("PGOrderFetchRefunds", "ord_1")

    assert event["data"]["refund"]["refund_status"] == "CANCELLED"
    assert event["data"]["refund"]["entity"] == "refund"
    kinds = [refund["refund_type"] for refund in refunds]
    assert kinds == ["MERCHANT_INITIATED", "PAYMENT_AUTO_REFUND"]


async def test_disputes_are_listed_contested_and_accepted(checked: Shop) -> None:
    await checked.paid()
    await checked.control("dispute", order_id="ord_1", amount=1200.5)
    (payment,) = await checked.json("/orders/ord_1/payments")

    (listed,) = await checked.call("PGFetchOrderDisputes", "ord_1")
    dispute_id = listed["dispute_id"]
    await checked.call("PGUploadDisputesDocuments", dispute_id, "%PDF-1.7", "Proof of Service Used")
    contested = await checked.call("PGFetchDisputeById", dispute_id)
    (of_payment,) = await checked.call("PGFetchPaymentDisputes", int(payment["cf_payment_id"]))
    await checked.call("PGAcceptDisputeById", dispute_id)
    accepted = await checked.call("PGFetchDisputeById", dispute_id)

    assert (listed["dispute_status"], listed["dispute_amount"]) == ("CHARGEBACK_CREATED", 1200.5)
    assert contested["dispute_status"] == "CHARGEBACK_DOCS_RECEIVED"
    assert contested["dispute_evidence"][0]["document_type"] == "Proof of Service Used"
    assert of_payment == contested
    assert accepted["dispute_status"] == "CHARGEBACK_MERCHANT_ACCEPTED"
    (entity,) = await checked.json("/orders/ord_1/disputes")
    for model, part in (
        ("DisputesEntity", entity),
        ("OrderDetailsInDisputesEntity", entity["order_details"]),
        ("CustomerDetailsInDisputesEntity", entity["customer_details"]),
        ("Evidence", entity["dispute_evidence"][0]),
    ):
        assert set(part) == set(await checked.call("fields", model)), model


async def test_the_models_read_the_extended_order(checked: Shop) -> None:
    address = {"full_name": "Asha Rao", "city": "Bengaluru", "pincode": "560038"}
    cart = {
        "cart_items": [{"item_id": "hour", "item_original_unit_price": 4800.5}],
        "customer_billing_address": address,
    }
    await checked.call("PGCreateOrder", an_order(cart_details=cart))

    extended = await checked.call("PGFetchOrderExtendedData", "ord_1")

    assert extended["cart"]["items"] == cart["cart_items"]
    assert extended["billing_address"]["pin_code"] == "560038"


async def test_entities_have_exactly_the_fields_of_the_models(checked: Shop) -> None:
    await checked.paid()
    await checked.refund("rfd1")
    order = await checked.json("/orders/ord_1")
    (payment,) = await checked.json("/orders/ord_1/payments")
    (refund,) = await checked.json("/orders/ord_1/refunds")
    hook = json.loads(checked.hooks[0].content)
    sent = {
        "OrderEntity": order,
        "OrderEntityProducts": order["products"],
        "OrderExtendedDataEntity": await checked.json("/orders/ord_1/extended"),
        "PaymentEntity": payment,
        "PaymentGatewayDetails": payment["payment_gateway_details"],
        "PaymentMethodUPIInPaymentsEntityUpi": payment["payment_method"]["upi"],
        "RefundEntity": refund,
        "RefundSpeed": refund["refund_speed"],
        "PaymentWebhook": hook,
        "PaymentWebhookOrderEntity": hook["data"]["order"],
        "PaymentWebhookCustomerEntity": hook["data"]["customer_details"],
        "PaymentWebhookGatewayDetailsEntity": hook["data"]["payment_gateway_details"],
    }

    for model, entity in sent.items():
        assert set(entity) == set(await checked.call("fields", model)), model
