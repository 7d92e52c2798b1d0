"""Webhooks that wait to be sent."""

from __future__ import annotations

from onehour_razorpay.server.database import Entity, Transaction, new_id


def add(transaction: Transaction, kind: str, *, now: int, **entities: Entity) -> None:
    """A webhook of this kind, with these entities as they are now."""
    body = {
        "entity": "event",
        "account_id": "acc_OneHourMachine",
        "event": kind,
        "contains": list(entities),
        "payload": {name: {"entity": entity} for name, entity in entities.items()},
        "created_at": now,
    }
    event = {"id": new_id("event"), "attempts": 0, "body": body}
    transaction.add("event", event, due=None if transaction.quiet else now)
