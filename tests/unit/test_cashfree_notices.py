"""Webhooks: only those signed by Cashfree are accepted, and each fact has one id."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cashfree.webhooks import BYTES_AT_MOST, parse_webhook, sign
from ports.payments import ForgedWebhook, WebhookEvent

SECRET = "cfsk_test_made_up_secret"
STAMP = "1767328321000"
BODY = (
    b'{"data":{"order":{"order_id":"onehour_1","order_amount":170.00}},'
    b'"event_time":"2026-01-02T10:02:01+05:30","type":"PAYMENT_SUCCESS_WEBHOOK"}'
)
VALID = "BLZ4nL6jgCsQRS5WqnE3j1nedK6gCZx58IHtlTbW4mk="
WITH_A_DOT = "0HzDuT2pGQBC8XCNFHAywCfmjtAZqhmvYM+cMR8cHSA="
WRITTEN_AGAIN = "nJ+BDhUouEvxuFrPBHFWDi9FFTTe16kteWIjulaKxKg="


def signed(signature: str, stamp: str = STAMP) -> dict[str, str]:
    return {"x-webhook-signature": signature, "x-webhook-timestamp": stamp}


def read(data: object, kind: str = "SOME_WEBHOOK") -> WebhookEvent:
    body = json.dumps({"data": data, "type": kind}).encode()
    return parse_webhook(signed(sign(SECRET, STAMP, body)), body, (SECRET,))


def test_the_reference_signature_is_accepted() -> None:
    notice = parse_webhook(signed(VALID), BODY, (SECRET,))

    assert notice.order_id == "onehour_1"
    assert notice.kind == "PAYMENT_SUCCESS_WEBHOOK"
    assert notice.id == hashlib.sha256(BODY).hexdigest()


@pytest.mark.parametrize("signature", [WITH_A_DOT, WRITTEN_AGAIN, "", VALID[:-1], VALID + "=", "é"])
def test_another_signature_is_refused(signature: str) -> None:
    with pytest.raises(ForgedWebhook):
        parse_webhook(signed(signature), BODY, (SECRET,))


@given(place=st.integers(0, len(BODY) - 1), change=st.integers(1, 255))
def test_one_changed_byte_is_noticed(place: int, change: int) -> None:
    altered = bytearray(BODY)
    altered[place] ^= change

    with pytest.raises(ForgedWebhook):
        parse_webhook(signed(VALID), bytes(altered), (SECRET,))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-webhook-signature": VALID},
        {"x-webhook-timestamp": STAMP},
        signed(VALID, "1767328321001"),
        signed(VALID, "१७६७"),
        signed(VALID, ""),
        signed("\udcff"),
    ],
)
def test_headers_that_miss_or_do_not_fit_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ForgedWebhook):
        parse_webhook(headers, BODY, (SECRET,))


@pytest.mark.parametrize("moved", [1, 8, len(BODY)])
def test_bytes_of_the_body_cannot_move_to_the_timestamp(moved: int) -> None:
    headers = signed(VALID, STAMP + BODY[:moved].decode())

    with pytest.raises(ForgedWebhook):
        parse_webhook(headers, BODY[moved:], (SECRET,))


@pytest.mark.parametrize(
    "stamp", ["", "-1", "+1", "1.5", "1e3", " 1", "1 ", "1\n", "0x1", "1_0", "²", "١", "１"]
)
def test_a_signed_timestamp_that_is_not_digits_is_refused(stamp: str) -> None:
    with pytest.raises(ForgedWebhook):
        parse_webhook(signed(sign(SECRET, stamp, BODY), stamp), BODY, (SECRET,))


def test_while_keys_change_either_secret_may_sign() -> None:
    for secrets in ((SECRET, "new"), ("new", SECRET)):
        assert parse_webhook(signed(VALID), BODY, secrets).order_id == "onehour_1"
    with pytest.raises(ForgedWebhook):
        parse_webhook(signed(VALID), BODY, ("new", "newer"))


def test_a_huge_body_is_refused_even_if_signed() -> None:
    body = b" " * (BYTES_AT_MOST + 1)

    with pytest.raises(ForgedWebhook):
        parse_webhook(signed(sign(SECRET, STAMP, body)), body, (SECRET,))


@pytest.mark.parametrize(
    ("data", "fact", "order_id"),
    [
        (
            {
                "order": {"order_id": "ord_1"},
                "payment": {"cf_payment_id": "55", "payment_status": "SUCCESS"},
            },
            "pay:55:SUCCESS",
            "ord_1",
        ),
        (
            {
                "order": {"order_id": "ord_1"},
                "payment": {"cf_payment_id": 55, "payment_status": "FAILED"},
            },
            "pay:55:FAILED",
            "ord_1",
        ),
        (
            {"refund": {"order_id": "ord_1", "refund_id": "rfd1", "refund_status": "SUCCESS"}},
            "refund:rfd1:SUCCESS",
            "ord_1",
        ),
        (
            {"auto_refund": {"cf_refund_id": 7, "refund_status": "SUCCESS"}},
            "autorefund:7:SUCCESS",
            "",
        ),
    ],
)
def test_a_fact_has_one_id_in_every_form_of_notice(data: object, fact: str, order_id: str) -> None:
    notice = read(data)

    assert (notice.id, notice.order_id) == (fact, order_id)


def test_what_has_no_fact_is_known_by_its_bytes() -> None:
    one, other = read({"settlement": {"utr": 1}}), read({"settlement": {"utr": 2}})

    assert one.id != other.id
    assert (one.order_id, one.kind) == ("", "SOME_WEBHOOK")


def test_a_dispute_names_its_order() -> None:
    assert read({"dispute": {}, "order_details": {"order_id": "ord_9"}}).order_id == "ord_9"


@pytest.mark.parametrize(
    "body",
    [
        *(b'{"broken', b"", b"[]", b"null", b'{"data": 1}', b'{"type": "X"}', b"[" * 100_000),
        b'{"data": {}, "type": "\\ud800"}',
        b'{"data": {"order": {"order_id": "\xed\xa0\x80"}}, "type": "X"}',
        b'{"data": {"other": ["\\udfff"]}, "type": "X"}',
        b'{"data": {"\\udfff": 1}, "type": "X"}',
        b'{"data": {"order": {"order_id": "ord_1", "order_id": "ord_2"}}, "type": "X"}',
        b'{"data": {}, "data": {}, "type": "X"}',
        b'{"data": {"amount": NaN}, "type": "X"}',
        b'{"data": {"amount": -Infinity}, "type": "X"}',
        b'{"data": {"amount": 1' + b"0" * 5_000 + b'}, "type": "X"}',
        b'{"data": {"order": {"order_id": 1' + b"0" * 300 + b'}}, "type": "X"}',
        b'{"data": {"order": {"order_id": "a\\u0000b"}}, "type": "X"}',
        b'{"data": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b', "data": {}, "type": "X"}',
    ],
)
def test_unreadable_json_under_a_good_signature_is_a_notice(body: bytes) -> None:
    notice = parse_webhook(signed(sign(SECRET, STAMP, body)), body, (SECRET,))

    assert notice == WebhookEvent(hashlib.sha256(body).hexdigest(), "", "unreadable")


def test_digits_that_moved_from_the_time_to_the_body_are_forged() -> None:
    body = b'{"data": {}, "type": "X"}'
    signature = sign(SECRET, STAMP, body)

    for count in range(1, len(STAMP)):
        headers = signed(signature) | {"x-webhook-timestamp": STAMP[:-count]}
        with pytest.raises(ForgedWebhook):
            parse_webhook(headers, STAMP[-count:].encode() + body, (SECRET,))


def test_a_deep_but_valid_body_is_read() -> None:
    data: dict[str, object] = {"order": {"order_id": "ord_1"}}
    for _ in range(100):
        data = {**data, "more": data}

    assert read({"order": {"order_id": "ord_1"}, "more": data}).order_id == "ord_1"


@given(st.binary(max_size=300))
def test_no_signed_bytes_make_it_fall_over(body: bytes) -> None:
    headers = signed(sign(SECRET, STAMP, body))
    if body[:1].isdigit():
        with pytest.raises(ForgedWebhook):
            parse_webhook(headers, body, (SECRET,))
    else:
        assert parse_webhook(headers, body, (SECRET,)).id
