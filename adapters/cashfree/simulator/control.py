"""The other side of the counter: how customers behave, what time it is, what the books say."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Row

from quart import Blueprint, Response

from adapters.cashfree.simulator import attempts, faults, orders
from adapters.cashfree.simulator.attempts import SearchCriteria
from adapters.cashfree.simulator.database import Repositories
from adapters.cashfree.simulator.errors import ApiError, invalid
from adapters.cashfree.simulator.office import body_of_request, office, reply
from adapters.cashfree.simulator.values import Json, paise, read_object

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
async def check_that_it_may() -> None:
    if not office().settings.allow_control:
        raise ApiError(403, "control_disabled", "this simulator is not under control")


@blueprint.post("/pay")
async def pay() -> Response:
    """A customer tries to pay; with the webhook `now` its first delivery is awaited."""
    body = read_object(await body_of_request())
    criteria, outcome = read_criteria(body), _outcome(body)
    late = body.get("late") is True

    def step(repositories: Repositories) -> tuple[str, list[int]]:
        order = orders.get(repositories, str(body.get("order_id")))
        if body.get("amount") is not None:
            order = _with_amount(repositories, str(order["order_id"]), body)
        attempt = attempts.begin(repositories, order, criteria, late=late)
        told = attempts.settle(repositories, attempt, outcome, in_time=late)
        return str(attempt["cf_payment_id"]), told

    return await _settled(step)


@blueprint.post("/settle")
async def settle() -> Response:
    """The bank answers to an attempt that was pending."""
    body = read_object(await body_of_request())
    outcome, late = _outcome(body), body.get("late") is True

    def step(repositories: Repositories) -> tuple[str, list[int]]:
        attempt = attempts.get(repositories, str(body.get("cf_payment_id")))
        told = attempts.settle(repositories, attempt, outcome, in_time=late)
        return str(attempt["cf_payment_id"]), told

    return await _settled(step)


@blueprint.post("/faults")
async def order_faults() -> Response:
    """Let the next calls of the API fail: `{"kind": …, "times": n}`, kinds in faults.py."""
    body = read_object(await body_of_request())
    kind, times = body.get("kind"), body.get("times", 1)
    if kind not in faults.ANSWERS or not isinstance(times, int):
        raise invalid("kind", f"kind should be one of {', '.join(faults.ANSWERS)}")
    await office().database.write(lambda repositories: faults.order(repositories, str(kind), times))
    return reply({"kind": kind, "times": times})


@blueprint.get("/books")
async def repositories() -> Response:
    """Every order and the totals, in paise."""
    return reply(await office().database.read(_balance))


@blueprint.post("/clock")
async def clock() -> Response:
    """Let time pass; what falls due is done before the answer."""
    body = read_object(await body_of_request())
    advance = _seconds(body, "advance_s")
    query = "UPDATE clock SET advance = advance + ? RETURNING advance"
    row = await office().database.write(lambda repositories: repositories.one(query, advance))
    await office().courier.work()
    office().courier.wake_up()
    return reply({"advance_s": row["advance"] / 1000 if row else 0})


def read_criteria(body: Json) -> SearchCriteria:
    """What the request wants of the webhook. Raises `ApiError`."""
    webhook = body.get("webhook", "now")
    if webhook not in WEBHOOKS:
        raise invalid("webhook", f"webhook should be one of {', '.join(WEBHOOKS)}")
    return SearchCriteria(str(webhook), _seconds(body, "delay_s"))


async def tell(criteria: str, told: list[int]) -> int | None:
    """See the webhooks off: awaited when wanted `now`, else left to the courier."""
    courier = office().courier
    courier.wake_up()
    return await courier.deliver(told) if criteria == "now" else None


def _outcome(body: Json) -> str:
    outcome = body.get("outcome", "success")
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        raise invalid("outcome", f"outcome should be one of {', '.join(OUTCOMES)}")
    return OUTCOMES[outcome]


def _seconds(body: Json, field: str) -> int:
    """A number of seconds, in milliseconds; zero when absent. Raises `ApiError`."""
    value = body.get(field)
    if not value:
        return 0
    return min(paise(value, field) * 10, SECONDS_AT_MOST * 1000)


def _with_amount(repositories: Repositories, order_id: str, body: Json) -> Row:
    """From now on the provider names another amount for this order."""
    amount = paise(body.get("amount"), "amount")
    repositories.run("UPDATE orders SET amount = ? WHERE order_id = ?", amount, order_id)
    return orders.get(repositories, order_id)


async def _settled(step: Callable[[Repositories], tuple[str, list[int]]]) -> Response:
    database = office().database
    cf_payment_id, told = await database.write(step)
    attempt = await database.read(lambda repositories: attempts.get(repositories, cf_payment_id))
    delivered = await tell(attempt["webhook"], told)

    def answer(repositories: Repositories) -> dict[str, object]:
        order = orders.get(repositories, attempt["order_id"])
        return {
            "cf_payment_id": cf_payment_id,
            "order_status": orders.status(repositories, order),
            "payment_status": attempt["status"],
            "webhook_status": delivered,
        }

    return reply(await database.read(answer))


def _balance(repositories: Repositories) -> dict[str, object]:
    rows = repositories.all(
        "SELECT o.*,"
        " (SELECT coalesce(sum(a.amount), 0) FROM attempts a WHERE a.order_id = o.order_id"
        "  AND a.status IN ('SUCCESS', 'CANCELLED')) AS collected,"
        " (SELECT coalesce(sum(r.amount), 0) FROM refunds r WHERE r.order_id = o.order_id"
        "  AND r.status = 'SUCCESS') AS refunded"
        " FROM orders o ORDER BY o.created, o.rowid"
    )
    collected, refunded = sum(r["collected"] for r in rows), sum(r["refunded"] for r in rows)
    return {
        "orders": [
            {
                "order_id": row["order_id"],
                "order_amount": row["amount"],
                "status": orders.status(repositories, row),
                "collected": row["collected"],
                "refunded": row["refunded"],
            }
            for row in rows
        ],
        "collected": collected,
        "refunded": refunded,
        "balance": collected - refunded,
    }
