"""Cashfree's webhooks: signature verification and parsing."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping

from adapters.cashfree.amounts import parse_json
from adapters.cashfree.facts import Entity, text
from ports.payments import ForgedWebhook, WebhookEvent

BYTES_AT_MOST = 256 * 1024
ID_LENGTH_AT_MOST = 200
"""Ids of Cashfree are much shorter; a longer text is not one."""

FACTS = (
    ("payment", "pay", "cf_payment_id", "payment_status"),
    ("refund", "refund", "refund_id", "refund_status"),
    ("auto_refund", "autorefund", "cf_refund_id", "refund_status"),
    ("settlement", "settlement", "settlement_id", "status"),
)
"""Part of the payload, prefix of our id, and the two fields that identify the fact."""

ORDER_PARTS = ("order", "refund", "auto_refund", "order_details")
"""The parts of the payload that can contain the order id."""


def parse_webhook(
    headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...]
) -> WebhookEvent:
    """Verify and parse a webhook. Raises `ForgedWebhook` for a wrong signature.

    Malformed JSON with a correct signature is an event of kind `unreadable`, so that it is stored
    and Cashfree does not send it again.
    """
    verify(headers, body, secrets)
    unreadable = WebhookEvent(hash_of(body), "", "unreadable")
    try:
        envelope = parse_json(body, unique_names=True)
    except ValueError:
        return unreadable
    if not isinstance(envelope, dict) or not isinstance(envelope.get("data"), dict):
        return unreadable
    data = envelope["data"]
    event = WebhookEvent(
        _fact_id(data) or hash_of(body),
        _order_id(data),
        text(envelope, "type"),
        chargeback=isinstance(data.get("dispute"), dict),
        settlement=_settlement_id(data),
    )
    texts = event.id, event.order_id, event.kind, event.settlement
    return event if all(map(can_be_stored, texts)) else unreadable


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """base64(HMAC-SHA256(secret, timestamp + raw body)), without a separator."""
    message = timestamp.encode() + body
    return b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()


def verify(headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...]) -> None:
    """Raises `ForgedWebhook` unless one of the secrets has signed the bytes."""
    timestamp = headers.get("x-webhook-timestamp", "")
    claimed = headers.get("x-webhook-signature", "").encode(errors="replace")
    # Only digits, and none at the beginning of the body: the signature has no separator, so that
    # bytes could move from one to the other. The age is not limited: Cashfree may repeat a webhook
    # with the first timestamp.
    if len(body) > BYTES_AT_MOST or not (timestamp.isascii() and timestamp.isdigit()):
        raise ForgedWebhook
    if body[:1].isdigit():
        raise ForgedWebhook
    # All secrets are compared, so that the time taken does not reveal which one is in use.
    matches = [hmac.compare_digest(sign(s, timestamp, body).encode(), claimed) for s in secrets]
    if not any(matches):
        raise ForgedWebhook


def _fact_id(data: Entity) -> str:
    for part, prefix, id_field, status_field in FACTS:
        fact = data.get(part)
        if isinstance(fact, dict) and text(fact, id_field) and text(fact, status_field):
            return f"{prefix}:{text(fact, id_field)}:{text(fact, status_field)}"
    return ""


def _order_id(data: Entity) -> str:
    parts = (data.get(part) for part in ORDER_PARTS)
    return next(
        (found for p in parts if isinstance(p, dict) and (found := text(p, "order_id"))), ""
    )


def _settlement_id(data: Entity) -> str:
    """Empty for one to a vendor, which is not to us."""
    part = data.get("settlement")
    ours = isinstance(part, dict) and not text(part, "vendor_id")
    return text(part, "settlement_id") if ours and isinstance(part, dict) else ""


def can_be_stored(text: str) -> bool:
    """In a database key and in a line of the log."""
    return len(text) <= ID_LENGTH_AT_MOST and (text.isprintable() or not text)


def hash_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
