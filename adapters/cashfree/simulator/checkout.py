"""The checkout page of the simulator, with HTML forms."""

from __future__ import annotations

import json
import re
from sqlite3 import Row
from urllib.parse import quote

from quart import Blueprint, Response, redirect, render_template, request
from quart.typing import ResponseReturnValue

from adapters.cashfree.simulator import attempts, methods, orders
from adapters.cashfree.simulator.context import context
from adapters.cashfree.simulator.control import OUTCOMES, deliver_webhooks, parse_webhook_mode
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, invalid, not_found
from adapters.cashfree.simulator.headers import page_policy

blueprint = Blueprint("checkout", __name__)

SECONDS = re.compile(r"[0-9]{1,5}", re.ASCII)
LATE = "late"
"""The button for a delayed success, possibly after the order has expired."""


@blueprint.get("/js/cashfree.js")
async def script() -> Response:
    """The simulator's version of Cashfree's browser script."""
    page = f"{context().settings.public_url}/checkout/"
    source = await render_template("cashfree.js", checkout=page)
    return Response(source, content_type="text/javascript; charset=utf-8")


@blueprint.get("/checkout/<session>")
async def show(session: str) -> Response:
    """The amount to pay, and a button for each outcome."""
    order, status = await context().database.read(lambda transaction: _find(transaction, session))
    return await page(
        "checkout.html",
        action=f"{context().settings.public_url}/checkout/{quote(session)}",
        order=order,
        open=status == "ACTIVE",
        state=status,
        amount=format_rupees(order["amount"]),
        back=_return_url(order),
    )


@blueprint.post("/checkout/<session>")
async def pay(session: str) -> ResponseReturnValue:
    """Apply the outcome of the pressed button and redirect to the merchant's site."""
    form = await request.form
    outcome, seconds = form.get("outcome", ""), _seconds(form.get("seconds", ""))
    fields = {"webhook": form.get("webhook", "now"), "delay_s": seconds}
    mode, method = parse_webhook_mode(fields), methods.by_name(form.get("method", "upi"))
    if outcome not in OUTCOMES and outcome != LATE:
        raise invalid("outcome", "press one of the buttons")

    def step(transaction: Transaction) -> tuple[Row, list[int]]:
        order, status = _find(transaction, session)
        if status != "ACTIVE":
            raise ApiError(409, "order_inactive", f"this order is {status}")
        attempt = attempts.begin(transaction, order, mode, method=method)
        if outcome == LATE:
            attempts.settle_later(transaction, attempt, "SUCCESS", seconds * 1000)
            return order, []
        return order, attempts.settle(transaction, attempt, OUTCOMES[outcome])

    order, webhook_ids = await context().database.write(step)
    await deliver_webhooks(mode.webhook, webhook_ids)
    back = _return_url(order)
    return redirect(back or f"{context().settings.public_url}/checkout/{quote(session)}", 303)


async def page(template: str, status: int = 200, **facts: object) -> Response:
    """A page of the simulator. The fact `back` is a URL to which its form may redirect."""
    site = context().settings.public_url
    response = Response(await render_template(template, site=site, **facts), status)
    response.headers["Content-Security-Policy"] = page_policy(facts.get("back"))
    response.headers["Cache-Control"] = "no-store"
    return response


def format_rupees(paise: int) -> str:
    """Rupees with Indian grouping: ₹4,800.00 for 480000 paise, ₹1,00,000.00 for 10000000."""
    whole, rest = divmod(paise, 100)
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)]
    return f"₹{','.join([*reversed(pairs), tail])}.{rest:02d}"


def _find(transaction: Transaction, session: str) -> tuple[Row, str]:
    order = transaction.one("SELECT * FROM orders WHERE session = ?", session)
    if order is None:
        raise not_found("payment_session")
    return order, orders.status(transaction, order)


def _return_url(order: Row) -> str | None:
    url = json.loads(order["meta"])["return_url"]
    return url.replace("{order_id}", quote(order["order_id"])) if url else None


def _seconds(text: str) -> int:
    return int(text) if SECONDS.fullmatch(text) else 0
