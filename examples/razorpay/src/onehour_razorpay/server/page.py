"""The payment page of a link: plain HTML, without scripts."""

from __future__ import annotations

import hashlib
import hmac
from typing import cast
from urllib.parse import urlencode, urlsplit

from quart import Blueprint, Response, make_response, redirect, render_template, request
from quart.typing import ResponseReturnValue

from onehour_razorpay.server.api import provider
from onehour_razorpay.server.database import Entity
from onehour_razorpay.server.errors import ApiError

METHODS = {"upi": "UPI", "card": "Card", "netbanking": "Net banking"}
OUTCOMES = ("success", "late", "failed", "dropped")
STATES = {
    "paid": "This payment link is paid.",
    "expired": "The time to pay has ended.",
    "cancelled": "The seller has closed this payment link.",
}

blueprint = Blueprint("page", __name__, template_folder="templates")


@blueprint.get("/l/<link_id>")
async def show(link_id: str) -> ResponseReturnValue:
    return await _page(provider().link(link_id))


@blueprint.post("/l/<link_id>")
async def pay(link_id: str) -> ResponseReturnValue:
    form = await request.form
    outcome, method = form.get("outcome", ""), form.get("method", "")
    if outcome not in OUTCOMES or method not in METHODS:
        raise ApiError("Choose a method and a button of the page")
    try:
        payment = provider().pay(link_id, outcome, method=method, on_page=True)
    except ApiError:
        return await _page(provider().link(link_id), status=409)
    link = provider().link(link_id)
    if payment["status"] == "captured":
        return redirect(return_address(link, payment, provider().settings.key_secret), 303)
    if outcome == "failed":
        return await _page(link, failed=True)
    # Razorpay redirects after a success only; who leaves or waits goes back on their own.
    return redirect(link["callback_url"], 303)


def return_address(link: Entity, payment: Entity, secret: str) -> str:
    """The address of the site, with what Razorpay adds to it, signed with the key's secret."""
    facts = (link["id"], link["reference_id"], link["status"], payment["id"])
    signature = hmac.digest(secret.encode(), "|".join(facts).encode(), hashlib.sha256).hex()
    query = urlencode(
        {
            "razorpay_payment_id": payment["id"],
            "razorpay_payment_link_id": link["id"],
            "razorpay_payment_link_reference_id": link["reference_id"],
            "razorpay_payment_link_status": link["status"],
            "razorpay_signature": signature,
        }
    )
    address = str(link["callback_url"])
    return f"{address}{'&' if urlsplit(address).query else '?'}{query}"


async def _page(link: Entity, *, status: int = 200, failed: bool = False) -> Response:
    state = None if link["status"] == "created" else STATES[link["status"]]
    page = await render_template(
        "pay.html",
        link=link,
        amount=f"{link['currency']} {link['amount'] / 100:,.2f}",
        state=state,
        failed=failed,
        methods=METHODS,
        seconds=round(provider().settings.late_by.total_seconds()),
        action=f"{provider().settings.public_url}/l/{link['id']}",
    )
    return cast(Response, await make_response(page, status))
