"""Razorpay's webhooks: the signature, the fact, and the order it concerns."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, Never

from onehour.api import ForgedWebhook, WebhookEvent

SIGNATURE = "x-razorpay-signature"
BYTES_AT_MOST = 256 * 1024
LENGTH_AT_MOST = 200
"""Ids and kinds of Razorpay are much shorter; a longer text is not one."""
NOTE = "order"
"""The name of the note that carries our order id; we send it with links and refunds."""


def sign(secret: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 of the raw body."""
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def parse_webhook(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> WebhookEvent:
    """Verify and parse a webhook. Raises `ForgedWebhook`."""
    _verify(headers.get(SIGNATURE, ""), body, secrets)
    unreadable = WebhookEvent(hashlib.sha256(body).hexdigest(), "", "unreadable")
    try:
        event = _event(_parsed(body))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return unreadable
    return event if all(map(_can_be_stored, (event.id, event.order_id, event.kind))) else unreadable


def _verify(claimed: str, body: bytes, secrets: Sequence[str]) -> None:
    if len(body) > BYTES_AT_MOST:
        raise ForgedWebhook
    given = claimed.encode(errors="replace")
    # All are compared, so that the time taken does not tell which secret is in use.
    equal = [hmac.compare_digest(sign(each, body).encode(), given) for each in secrets if each]
    if not any(equal):
        raise ForgedWebhook


def _event(webhook: Any) -> WebhookEvent:
    """Its id is made of what is signed: the header with Razorpay's own id of the event is not, and
    anybody who has seen a webhook could send it again under many ids."""
    kind, payload = webhook["event"], webhook["payload"]
    about = kind.partition(".")[0]
    entity = payload[about]["entity"]
    fact = f"{kind}:{entity['id']}:{int(webhook['created_at'])}"
    return WebhookEvent(fact, _order_id(payload), kind)


def _order_id(payload: Mapping[str, Any]) -> str:
    """Ours: the reference of the link, or the note of the refund or payment. Empty if the webhook
    has none; the order is asked for by time then."""
    link = payload.get("payment_link", {}).get("entity", {})
    if link.get("reference_id"):
        return str(link["reference_id"])
    for part in ("refund", "payment", "order"):
        notes = payload.get(part, {}).get("entity", {}).get("notes")
        # Without notes Razorpay sends an empty list.
        if isinstance(notes, dict) and notes.get(NOTE):
            return str(notes[NOTE])
    return ""


def _parsed(body: bytes) -> Any:
    """JSON in which no object has a name twice, as readers disagree about which value counts."""
    return json.loads(body, object_pairs_hook=_unique, parse_constant=_refuse)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _refuse(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _can_be_stored(text: str) -> bool:
    """In a database key and in a line of the log."""
    return len(text) <= LENGTH_AT_MOST and (text.isprintable() or not text)
