"""The simulated Payouts API under /payout, and its control."""

from __future__ import annotations

from collections.abc import Callable

from quart import Blueprint, Response, request

from adapters.cashfree.simulator import payouts
from adapters.cashfree.simulator.calls import add_faults, check_keys
from adapters.cashfree.simulator.context import body_of_request, context, reply
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, invalid
from adapters.cashfree.simulator.values import Json, paise, parse_object, rupees

blueprint = Blueprint("payouts", __name__, url_prefix="/payout")
control = Blueprint("payouts_control", __name__, url_prefix="/control/payouts")

VERSION = "2024-01-01"
OLDER = ("/v1/authorize", "/v1/getBalance")
"""The calls of the older version, which has no header for it."""
TOKEN = "a-token-of-the-simulator"  # noqa: S105 - of a simulator


@blueprint.before_request
async def check_headers() -> None:
    if request.path.endswith(OLDER):
        return
    if request.headers.get("x-api-version") != VERSION:
        raise ApiError(400, "version_invalid", f"x-api-version should be {VERSION}")
    check_keys()


add_faults(blueprint)


@blueprint.post("/beneficiary")
async def create_beneficiary() -> Response:
    return await _change(payouts.create_beneficiary, 201)


@blueprint.get("/beneficiary")
async def get_beneficiary() -> Response:
    names = ("beneficiary_id", "bank_account_number", "bank_ifsc")
    key, number, ifsc = (request.args.get(name, "") for name in names)
    return reply(
        await context().database.read(
            lambda transaction: payouts.get_beneficiary(transaction, key, number, ifsc)
        )
    )


@blueprint.post("/transfers")
async def create_transfer() -> Response:
    return await _change(payouts.create_transfer, 200)


@blueprint.get("/transfers")
async def get_transfer() -> Response:
    key, cf_key = (request.args.get(name, "") for name in ("transfer_id", "cf_transfer_id"))
    return reply(
        await context().database.read(
            lambda transaction: payouts.get_transfer(transaction, key, cf_key)
        )
    )


@blueprint.post("/v1/authorize")
async def authorize() -> Response:
    check_keys()
    return reply({"status": "SUCCESS", "subCode": "200", "data": {"token": TOKEN}})


@blueprint.get("/v1/getBalance")
async def get_balance() -> Response:
    """A wrong token is answered with the status 200, as the older version does."""
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        return reply({"status": "ERROR", "subCode": "403", "message": "Token is not valid"})
    return reply(await context().database.read(payouts.get_balance))


@control.before_request
async def check_allowed() -> None:
    if not context().settings.allow_control:
        raise ApiError(403, "control_disabled", "the control API of this simulator is disabled")


@control.post("/settle")
async def settle() -> Response:
    """Give a transfer a state: `{"transfer_id": …, "status": …, "code": …}`, any texts. Its webhook
    is delivered before the response."""
    body = parse_object(await body_of_request())
    values = [body.get(name) for name in ("transfer_id", "status", "code")]
    if not all(isinstance(value, str) for value in values):
        raise invalid("status", "transfer_id, status and code should be texts")
    key, status, code = map(str, values)
    ids = await context().database.write(
        lambda transaction: payouts.change(transaction, key, (status, code))
    )
    return reply({"webhook_status": await context().worker.deliver(ids)})


@control.post("/balance")
async def set_balance() -> Response:
    """What the payout account has now, possibly nothing: `{"amount": rupees}`."""
    body = parse_object(await body_of_request())
    amount = 0 if body.get("amount") == 0 else paise(body.get("amount"), "amount")
    await context().database.write(lambda transaction: payouts.fill(transaction, amount))
    return reply({"amount": rupees(amount)})


async def _change(operation: Callable[[Transaction, Json], object], status: int) -> Response:
    """There are no idempotency keys here: the ids in the body do that job."""
    body = await body_of_request()
    done = await context().database.write(
        lambda transaction: operation(transaction, parse_object(body))
    )
    context().worker.wake_up()
    return reply(done, status)
