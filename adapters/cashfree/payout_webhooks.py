"""Webhooks of Cashfree Payouts, version V2: signed like those of payments."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.cashfree.amounts import parse_json
from adapters.cashfree.facts import text
from adapters.cashfree.webhooks import can_be_stored, hash_of, verify
from ports.payouts import PayoutWebhook


def parse_webhook(
    headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...]
) -> PayoutWebhook:
    """Verify and parse a webhook. Raises `ForgedWebhook` for a wrong signature.

    The id is made of status and code, not of the name of the event, which contradicts them in
    Cashfree's own samples.
    """
    verify(headers, body, secrets)
    unreadable = PayoutWebhook(hash_of(body), "", "unreadable")
    try:
        envelope = parse_json(body, unique_names=True)
    except ValueError:
        return unreadable
    if not isinstance(envelope, dict) or not isinstance(envelope.get("data"), dict):
        return unreadable
    data, kind = envelope["data"], text(envelope, "type")
    transfer_id = text(data, "transfer_id")
    fact = f"transfer:{transfer_id}:{text(data, 'status')}:{text(data, 'status_code')}"
    event = PayoutWebhook(fact if transfer_id else hash_of(body), transfer_id, kind)
    storable = all(map(can_be_stored, (event.id, event.transfer_id, event.kind)))
    return event if storable and kind else unreadable
