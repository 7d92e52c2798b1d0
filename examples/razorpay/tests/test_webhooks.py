"""Webhooks: who has sent them, which fact they tell, and about which order."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onehour_razorpay.webhooks import BYTES_AT_MOST, parse_webhook, sign
from world import SECRET, World

from onehour.api import ForgedWebhook, Money, OrderId, RefundOrder, WebhookEvent

OLD = "the secret before"
on_any_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The time of an example depends on the machine, not on the code."""
WORDS = st.sampled_from(["event", "payload", "entity", "payment_link", "id", "created_at"])
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=20,
)
"""Anything, most of it with the names that webhooks have."""


def read(body: dict[str, Any], secret: str = SECRET) -> WebhookEvent:
    """As it arrives, signed by the standard library alone."""
    raw = json.dumps(body).encode()
    signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return parse_webhook({"x-razorpay-signature": signature}, raw, (SECRET, OLD, ""))


def a_webhook(kind: str = "payment_link.paid", **parts: dict[str, Any]) -> dict[str, Any]:
    link = {"id": "plink_1", "reference_id": "ord_1"}
    entities = parts or {"payment_link": link}
    payload = {name: {"entity": entity} for name, entity in entities.items()}
    return {"entity": "event", "event": kind, "payload": payload, "created_at": 1_772_445_600}


def test_both_secrets_are_accepted_while_one_replaces_the_other() -> None:
    expected = WebhookEvent("payment_link.paid:plink_1:1772445600", "ord_1", "payment_link.paid")

    assert [read(a_webhook(), secret) for secret in (SECRET, OLD)] == [expected, expected]


@pytest.mark.parametrize("secret", ["", "another"])
def test_no_other_secret_is(secret: str) -> None:
    with pytest.raises(ForgedWebhook):
        read(a_webhook(), secret)


def test_one_changed_byte_makes_it_a_forgery() -> None:
    raw = json.dumps(a_webhook()).encode()
    signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()

    with pytest.raises(ForgedWebhook):
        parse_webhook(
            {"x-razorpay-signature": signature}, raw.replace(b"ord_1", b"ord_2"), [SECRET]
        )


def test_a_message_longer_than_any_of_razorpay_is_not_read() -> None:
    raw = json.dumps(a_webhook()).encode()
    raw += b" " * (BYTES_AT_MOST + 1 - len(raw))

    with pytest.raises(ForgedWebhook):
        parse_webhook({"x-razorpay-signature": sign(SECRET, raw)}, raw, [SECRET])


def test_of_two_values_with_one_name_none_counts() -> None:
    raw = json.dumps(a_webhook()).replace('"ord_1"', '"ord_2", "reference_id": "ord_1"').encode()

    event = parse_webhook({"x-razorpay-signature": sign(SECRET, raw)}, raw, [SECRET])

    assert (event.kind, event.order_id) == ("unreadable", "")


def test_another_fact_has_another_id() -> None:
    refund = {"id": "rfnd_1", "notes": {"order": "ord_1"}}
    told = [
        a_webhook(),
        a_webhook() | {"created_at": 1_772_445_601},
        a_webhook("payment_link.expired"),
        a_webhook("refund.processed", refund=refund),
    ]

    assert len({read(each).id for each in told}) == len(told)


@pytest.mark.parametrize(
    ("kind", "entity", "order_id"),
    [
        ("refund.processed", {"id": "rfnd_1", "notes": {"order": "ord_1"}}, "ord_1"),
        ("payment.failed", {"id": "pay_1", "notes": {"order": "ord_1"}}, "ord_1"),
        ("payment.failed", {"id": "pay_1", "notes": []}, ""),
        ("settlement.processed", {"id": "setl_1"}, ""),
    ],
)
def test_the_order_of_other_webhooks(kind: str, entity: dict[str, Any], order_id: str) -> None:
    event = read(a_webhook(kind, **{kind.partition(".")[0]: entity}))

    assert (event.kind, event.order_id) == (kind, order_id)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"event": "payment_link.paid"},
        a_webhook() | {"payload": []},
        a_webhook() | {"created_at": None},
        a_webhook("payment.captured"),
        a_webhook(payment_link={"id": "plink\x00", "reference_id": "ord_1"}),
        a_webhook(payment_link={"id": "plink_1", "reference_id": "o" * 500}),
    ],
)
def test_what_cannot_be_read_is_kept_as_unreadable(broken: dict[str, Any]) -> None:
    event = read(broken)

    assert (event.kind, event.order_id, len(event.id)) == ("unreadable", "", 64)


@on_any_machine
@given(body=st.binary(max_size=200) | st.builds(lambda found: json.dumps(found).encode(), JSON))
def test_no_body_of_razorpay_is_an_error(body: bytes) -> None:
    event = parse_webhook({"x-razorpay-signature": sign(SECRET, body)}, body, [SECRET])

    assert event.id and event.kind


@on_any_machine
@given(at=st.integers(min_value=0), by=st.integers(min_value=1, max_value=255))
def test_no_changed_byte_is_accepted(at: int, by: int) -> None:
    raw = json.dumps(a_webhook()).encode()
    changed = bytearray(raw)
    changed[at % len(raw)] ^= by

    with pytest.raises(ForgedWebhook):
        parse_webhook({"x-razorpay-signature": sign(SECRET, raw)}, bytes(changed), [SECRET])


async def test_what_the_server_sends_is_accepted(world: World) -> None:
    order = await world.paid()
    refund = RefundOrder("rfd1", OrderId(order.id), Money(100), "Cancelled")  # type: ignore[arg-type]
    await world.gateway.refund(refund)
    await world.finish_refunds()

    await world.webhooks()

    told = [world.gateway.parse_webhook(dict(each.headers), each.content) for each in world.sent]
    assert [each.kind for each in told] == [
        "payment.authorized",
        "payment.captured",
        "order.paid",
        "payment_link.paid",
        "refund.created",
        "refund.processed",
    ]
    assert {each.order_id for each in told} == {order.id}
    assert len({each.id for each in told}) == len(told)
