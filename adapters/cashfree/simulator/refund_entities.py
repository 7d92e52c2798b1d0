"""The JSON objects of refunds, in the API and in webhooks."""

from __future__ import annotations

from sqlite3 import Row

from adapters.cashfree.simulator import splits
from adapters.cashfree.simulator.values import ist, rupees

STANDARD = "STANDARD"
SPEEDS = (STANDARD, "INSTANT")
NO_FOREIGN_EXCHANGE: dict[str, object] = {
    "forex_conversion_handling_charge": None,
    "forex_conversion_handling_tax": None,
    "forex_conversion_rate": None,
    "charges_currency": "INR",
}


def speed(refund: Row) -> str:
    """The requested speed, which is accepted. Databases of older versions do not have it."""
    return str(refund["speed"] or STANDARD)


def entity(refund: Row) -> dict[str, object]:
    """The API's object for a refund."""
    return (
        _common(refund)
        | {
            "refund_id": refund["refund_id"],
            "entity": "refund",
            "refund_note": refund["note"],
            "refund_charge": rupees(0),
            "refund_mode": speed(refund),
            "refund_splits": splits.entity(refund),
            "refund_speed": {
                "requested": speed(refund),
                "accepted": speed(refund),
                "processed": _processed_speed(refund),
                "message": None,
            },
        }
        | NO_FOREIGN_EXCHANGE
    )


def in_webhook(refund: Row) -> dict[str, object]:
    """The `refund` of REFUND_STATUS_WEBHOOK."""
    return (
        _common(refund)
        | {
            "refund_id": refund["refund_id"],
            "entity": "refund",
            "refund_note": refund["note"],
            "refund_splits": splits.in_webhook(refund),
            "requested_speed": speed(refund),
            "processed_speed": _processed_speed(refund),
            "service_charge": rupees(0),
            "service_tax": rupees(0),
        }
        | NO_FOREIGN_EXCHANGE
    )


def automatic_in_webhook(refund: Row) -> dict[str, object]:
    """The `auto_refund` of AUTO_REFUND_STATUS_WEBHOOK, which has no id of the merchant."""
    return _common(refund) | {
        "event": "AUTO-REFUND",
        "bank_reference": refund["cf_payment_id"][-12:],
        "refund_reason": refund["note"],
        "refund_charge": rupees(0),
        "refund_splits": [],
    }


def _common(refund: Row) -> dict[str, object]:
    done = _done(refund)
    return {
        "cf_refund_id": refund["cf_refund_id"],
        "cf_payment_id": refund["cf_payment_id"],
        "order_id": refund["order_id"],
        "refund_amount": rupees(refund["amount"]),
        "refund_currency": "INR",
        "refund_type": refund["kind"],
        "refund_arn": refund["cf_refund_id"][-12:] if done else None,
        "refund_status": refund["status"],
        "status_description": f"Simulated refund is {refund['status']}",
        "metadata": None,
        "created_at": ist(refund["created"]),
        "processed_at": ist(refund["processed"]) if done else None,
    }


def _processed_speed(refund: Row) -> str | None:
    return speed(refund) if _done(refund) else None


def _done(refund: Row) -> bool:
    return bool(refund["status"] == "SUCCESS")
