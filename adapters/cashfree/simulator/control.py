"""The control API for tests and tools: outcomes of payments, faults, clock and totals."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Row

from quart import Blueprint, Response

from adapters.cashfree.simulator import (
    attempts,
    disputes,
    endpoints,
    faults,
    methods,
    orders,
    settlements,
)
from adapters.cashfree.simulator.attempts import WebhookMode
from adapters.cashfree.simulator.context import body_of_request, context, reply
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, invalid
from adapters.cashfree.simulator.values import Json, paise, parse_object, part

blueprint = Blueprint("control", __name__, url_prefix="/control")

OUTCOMES = {
    "success": "SUCCESS",
    "failed": "FAILED",
    "dropped": "USER_DROPPED",
    "pending": "PENDING",
}
WEBHOOKS = ("now", "never", "twice", "delayed")
SECONDS_AT_MOST = 400 * 24 * 60 * 60


@blueprint.before_request
async def check_allowed() -> None:
    if not context().settings.allow_control:
        raise ApiError(403, "control_disabled", "the control API of this simulator is disabled")


@blueprint.post("/pay")
async def pay() -> Response:
    """Simulate an attempt. With the webhook mode `now`, its first delivery is awaited. `surcharge`
    is what the customer pays on top, for the provider."""
    body = parse_object(await body_of_request())
    mode, outcome = parse_webhook_mode(body), _outcome(body)
    late, method = body.get("late") is True, methods.by_name(body.get("method", "upi"))
    surcharge = paise(body["surcharge"], "surcharge") if "surcharge" in body else 0

    def step(transaction: Transaction) -> tuple[str, list[int]]:
        order = orders.get(transaction, str(body.get("order_id")))
        if body.get("amount") is not None:
            order = _with_amount(transaction, str(order["order_id"]), body)
        attempt = attempts.begin(
            transaction, order, mode, method=method, late=late, surcharge=surcharge
        )
        webhook_ids = attempts.settle(transaction, attempt, outcome, in_time=late)
        return str(attempt["cf_payment_id"]), webhook_ids

    return await _settled(step)


@blueprint.post("/settle")
async def settle() -> Response:
    """End a pending attempt."""
    body = parse_object(await body_of_request())
    outcome, late = _outcome(body), body.get("late") is True

    def step(transaction: Transaction) -> tuple[str, list[int]]:
        attempt = attempts.get(transaction, str(body.get("cf_payment_id")))
        webhook_ids = attempts.settle(transaction, attempt, outcome, in_time=late)
        return str(attempt["cf_payment_id"]), webhook_ids

    return await _settled(step)


@blueprint.post("/faults")
async def add_faults() -> Response:
    """Let the next `times` calls of the API fail: `{"kind": …, "times": n}`, kinds in faults.py."""
    body = parse_object(await body_of_request())
    kind, times = body.get("kind"), body.get("times", 1)
    if kind not in faults.ANSWERS or not isinstance(times, int):
        raise invalid("kind", f"kind should be one of {', '.join(faults.ANSWERS)}")
    await context().database.write(lambda transaction: faults.add(transaction, str(kind), times))
    return reply({"kind": kind, "times": times})


@blueprint.post("/dispute")
async def dispute() -> Response:
    """The bank questions the payment of an order: `{"order_id", "amount"?, "type"?}`. The first
    delivery of the webhook is awaited."""
    body = parse_object(await body_of_request())
    amount = None if body.get("amount") is None else paise(body["amount"], "amount")
    kind = str(body.get("type", "CHARGEBACK"))
    return await _disputed(
        lambda transaction: disputes.question(transaction, str(body.get("order_id")), amount, kind)
    )


@blueprint.post("/decide")
async def decide() -> Response:
    """The bank's news of a dispute: `{"dispute_id", "status", "type"?}`."""
    body = parse_object(await body_of_request())
    kind = None if body.get("type") is None else str(body["type"])
    return await _disputed(
        lambda transaction: disputes.decide(
            transaction, str(body.get("dispute_id")), kind, str(body.get("status"))
        )
    )


async def _disputed(step: Callable[[Transaction], tuple[str, list[int]]]) -> Response:
    database = context().database
    dispute_id, webhook_ids = await database.write(step)
    delivered = await deliver_webhooks("now", webhook_ids)
    row = await database.read(lambda transaction: disputes.get(transaction, dispute_id))
    return reply(
        {
            "dispute_id": dispute_id,
            "dispute_status": f"{row['kind']}_{row['state']}",
            "webhook_status": delivered,
        }
    )


@blueprint.post("/settlement")
async def settlement() -> Response:
    """Settle all that is owed: `{"status"?, "fee_hundredths"?, "line"?}`. `line` is one more of
    any content (settlements.py). With `settlement_id` that one gets the status. The first delivery
    of the webhook is awaited."""
    body = parse_object(await body_of_request())
    state, line = str(body.get("status", "SUCCESS")), part(body, "line")
    fee, known = body.get("fee_hundredths", settlements.FEE_HUNDREDTHS), body.get("settlement_id")
    if not isinstance(fee, int):
        raise invalid("fee_hundredths", "fee_hundredths should be a whole number")

    def step(transaction: Transaction) -> tuple[int, list[int]]:
        if isinstance(known, str) and known.isdigit():
            return int(known), settlements.change(transaction, int(known), state)
        made, webhook_ids = settlements.settle(transaction, state, fee_hundredths=fee)
        if line:
            settlements.add_line(transaction, made, dict(line))
        return made, webhook_ids

    made, webhook_ids = await context().database.write(step)
    delivered = await deliver_webhooks("now", webhook_ids)
    return reply({"settlement_id": str(made), "webhook_status": delivered})


@blueprint.post("/endpoints")
async def enable_endpoints() -> Response:
    """Enable the addresses of webhooks that were disabled after failures."""
    return reply({"enabled": await context().database.write(endpoints.enable)})


@blueprint.get("/books")
async def totals() -> Response:
    """All orders and the totals, in paise."""
    return reply(await context().database.read(_balance))


@blueprint.post("/clock")
async def clock() -> Response:
    """Advance the clock; due work is done before the response."""
    body = parse_object(await body_of_request())
    advance = _seconds(body, "advance_s")
    query = "UPDATE clock SET advance = advance + ? RETURNING advance"
    row = await context().database.write(lambda transaction: transaction.one(query, advance))
    await context().worker.work()
    context().worker.wake_up()
    return reply({"advance_s": row["advance"] / 1000 if row else 0})


def parse_webhook_mode(body: Json) -> WebhookMode:
    """The webhook mode of a request. Raises `ApiError`."""
    webhook = body.get("webhook", "now")
    if webhook not in WEBHOOKS:
        raise invalid("webhook", f"webhook should be one of {', '.join(WEBHOOKS)}")
    return WebhookMode(str(webhook), _seconds(body, "delay_s"))


async def deliver_webhooks(mode: str, webhook_ids: list[int]) -> int | None:
    """Deliver webhooks: at once in the mode `now`, else by the background worker.

    Returns the HTTP status of the first delivery, if it was awaited.
    """
    worker = context().worker
    worker.wake_up()
    return await worker.deliver(webhook_ids) if mode == "now" else None


def _outcome(body: Json) -> str:
    outcome = body.get("outcome", "success")
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        raise invalid("outcome", f"outcome should be one of {', '.join(OUTCOMES)}")
    return OUTCOMES[outcome]


def _seconds(body: Json, field: str) -> int:
    """A field in seconds, as milliseconds; 0 if it is missing. Raises `ApiError`."""
    value = body.get(field)
    if not value:
        return 0
    return min(paise(value, field) * 10, SECONDS_AT_MOST * 1000)


def _with_amount(transaction: Transaction, order_id: str, body: Json) -> Row:
    """Change the amount that the provider reports for this order."""
    amount = paise(body.get("amount"), "amount")
    transaction.run("UPDATE orders SET amount = ? WHERE order_id = ?", amount, order_id)
    return orders.get(transaction, order_id)


async def _settled(step: Callable[[Transaction], tuple[str, list[int]]]) -> Response:
    database = context().database
    cf_payment_id, webhook_ids = await database.write(step)
    attempt = await database.read(lambda transaction: attempts.get(transaction, cf_payment_id))
    delivered = await deliver_webhooks(attempt["webhook"], webhook_ids)

    def answer(transaction: Transaction) -> dict[str, object]:
        order = orders.get(transaction, attempt["order_id"])
        return {
            "cf_payment_id": cf_payment_id,
            "order_status": orders.status(transaction, order),
            "payment_status": attempt["status"],
            "webhook_status": delivered,
        }

    return reply(await database.read(answer))


def _balance(transaction: Transaction) -> dict[str, object]:
    rows = transaction.all(
        "SELECT o.*,"
        " (SELECT coalesce(sum(a.amount - a.surcharge), 0) FROM attempts a"
        "  WHERE a.order_id = o.order_id AND a.status IN ('SUCCESS', 'CANCELLED')) AS collected,"
        # An automatic refund gives the surcharge back, too.
        " (SELECT coalesce(sum(r.amount - iif(r.refund_id IS NULL, a.surcharge, 0)), 0)"
        "  FROM refunds r JOIN attempts a USING (cf_payment_id)"
        "  WHERE r.order_id = o.order_id AND r.status = 'SUCCESS') AS refunded,"
        " (SELECT coalesce(sum(d.amount), 0) FROM disputes d WHERE d.order_id = o.order_id"
        "  AND d.state IN ('MERCHANT_LOST', 'MERCHANT_ACCEPTED')) AS charged_back"
        " FROM orders o ORDER BY o.created, o.rowid"
    )
    collected, refunded = sum(r["collected"] for r in rows), sum(r["refunded"] for r in rows)
    charged_back = sum(r["charged_back"] for r in rows)
    return {
        "orders": [
            {
                "order_id": row["order_id"],
                "order_amount": row["amount"],
                "status": orders.status(transaction, row),
                "collected": row["collected"],
                "refunded": row["refunded"],
            }
            for row in rows
        ],
        "collected": collected,
        "refunded": refunded,
        "charged_back": charged_back,
        "balance": collected - refunded - charged_back,
    }
