"""The JSON objects of payments, in the API and in webhooks. What both have is the same."""

from __future__ import annotations

import json
from sqlite3 import Row

from adapters.cashfree.simulator import methods
from adapters.cashfree.simulator.values import ist, rupees

MESSAGES = {
    "SUCCESS": "Simulated payment succeeded",
    "FAILED": "Simulated bank declined the payment",
    "USER_DROPPED": "Customer left the payment",
    "PENDING": "Waiting for the bank",
    "CANCELLED": "Succeeded too late and was reversed",
}
NOT_PAID = ("FAILED", "USER_DROPPED")


def entity(attempt: Row, order: Row) -> dict[str, object]:
    """The API's object for an attempt."""
    return _common(attempt, order) | {
        "order_id": order["order_id"],
        "entity": "payment",
        "order_amount": rupees(order["amount"]),
        "order_currency": order["currency"],
        "payment_completion_time": ist(attempt["ended"]),
        "is_captured": attempt["status"] == "SUCCESS",
        "error_details": _error_details_in_api(attempt),
        "authorization": None,
        "payment_gateway_details": _gateway_details(order),
    }


def in_webhook(attempt: Row, order: Row) -> dict[str, object]:
    """The `data` of a webhook about an attempt."""
    customer = json.loads(order["customer"])
    data: dict[str, object] = {
        "order": {
            "order_id": order["order_id"],
            "order_amount": rupees(order["amount"]),
            "order_currency": order["currency"],
            "order_tags": json.loads(order["tags"]) if order["tags"] else None,
        },
        "payment": _common(attempt, order),
        "customer_details": {key: customer[key] for key in customer if key != "customer_uid"},
        "payment_gateway_details": _gateway_details(order),
        "payment_offers": None,
    }
    failed = attempt["status"] in NOT_PAID
    return data | ({"error_details": _error_details(attempt["status"])} if failed else {})


def _common(attempt: Row, order: Row) -> dict[str, object]:
    chosen = json.loads(attempt["method"] or methods.DEFAULT.to_json())
    ended = attempt["ended"] is not None
    return {
        "cf_payment_id": attempt["cf_payment_id"],
        "payment_status": attempt["status"],
        "payment_amount": rupees(attempt["amount"]),
        "payment_currency": order["currency"],
        "payment_message": MESSAGES.get(attempt["status"], ""),
        "payment_time": ist(attempt["begun"]),
        "bank_reference": attempt["cf_payment_id"][-12:] if ended else None,
        "auth_id": None,
        "payment_method": chosen["method"],
        "payment_group": chosen["group"],
        "international_payment": {"international": False},
        "payment_surcharge": _surcharge(attempt["surcharge"]),
    }


def _surcharge(paise: int) -> dict[str, object] | None:
    """What the customer paid on top: 18 % of the charge are its tax."""
    tax = paise * 18 // 118
    return (
        {
            "payment_surcharge_service_charge": rupees(paise - tax),
            "payment_surcharge_service_tax": rupees(tax),
        }
        if paise
        else None
    )


def _error_details_in_api(attempt: Row) -> dict[str, object] | None:
    if attempt["status"] not in NOT_PAID:
        return None
    return _error_details(attempt["status"]) | {"error_subcode_raw": None}


def _error_details(status: str) -> dict[str, object]:
    """The reason why an attempt did not succeed."""
    left = status == "USER_DROPPED"
    return {
        "error_code": "TRANSACTION_DECLINED",
        "error_description": "customer left" if left else "declined by the simulated bank",
        "error_reason": "user_dropped" if left else "auth_declined",
        "error_source": "customer" if left else "bank",
        "error_code_raw": None,
        "error_description_raw": None,
    }


def _gateway_details(order: Row) -> dict[str, object]:
    """The details of the processing gateway: always the simulator."""
    return {
        "gateway_name": "CASHFREE",
        "gateway_order_id": order["cf_order_id"],
        "gateway_payment_id": None,
        "gateway_order_reference_id": None,
        "gateway_status_code": None,
        "gateway_settlement": "CASHFREE",
        "gateway_reference_name": None,
    }
