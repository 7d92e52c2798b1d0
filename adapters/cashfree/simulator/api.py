"""The simulated Payments API under /pg."""

from __future__ import annotations

from collections.abc import Callable

from quart import Blueprint, Response, request

from adapters.cashfree.simulator import (
    attempts,
    carts,
    disputes,
    orders,
    refunds,
    sessions,
    settlements,
)
from adapters.cashfree.simulator.calls import add_faults, check_keys
from adapters.cashfree.simulator.context import body_of_request, context, reply
from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError
from adapters.cashfree.simulator.replies import IdempotentRequest, Reply, answer_once
from adapters.cashfree.simulator.values import Json, parse_object

blueprint = Blueprint("api", __name__, url_prefix="/pg")

VERSIONS = frozenset({"2025-01-01", "2026-01-01"})
"""The versions whose format the simulator has. The second is the default of the official SDKs."""
CALLS_PER_MINUTE = "200"


@blueprint.before_request
async def check_headers() -> None:
    """Check version and keys. Browsers, which have no keys, may only pay."""
    version = request.headers.get("x-api-version", "")
    if not version:
        raise ApiError(400, "request_failed", "x-api-version is missing in the request")
    if version not in VERSIONS:
        message = f"x-api-version should be one of {', '.join(sorted(VERSIONS))}"
        raise ApiError(400, "version_invalid", message)
    if request.path.endswith("/orders/sessions"):
        return
    check_keys()


add_faults(blueprint)


@blueprint.after_request
async def add_headers(response: Response) -> Response:
    response.headers["x-api-version"] = request.headers.get("x-api-version", "")
    response.headers["x-request-id"] = request.headers.get("x-request-id", "")
    response.headers["x-ratelimit-limit"] = CALLS_PER_MINUTE
    busy = response.status_code == 429
    response.headers["x-ratelimit-remaining"] = "0" if busy else CALLS_PER_MINUTE
    response.headers["x-ratelimit-retry"] = "1" if busy else "0"
    response.headers["x-ratelimit-type"] = "app_id"
    return response


@blueprint.post("/orders")
async def create_order() -> Response:
    return await _change(orders.create)


@blueprint.get("/orders/<order_id>")
async def get_order(order_id: str) -> Response:
    return await _show(
        lambda transaction: orders.entity(transaction, orders.get(transaction, order_id))
    )


@blueprint.get("/orders/<order_id>/extended")
async def get_extended_order(order_id: str) -> Response:
    return await _show(lambda transaction: carts.extended_order(orders.get(transaction, order_id)))


@blueprint.patch("/orders/<order_id>")
async def terminate_order(order_id: str) -> Response:
    return await _change(lambda transaction, body: orders.terminate(transaction, order_id, body))


@blueprint.post("/orders/sessions")
async def pay_order() -> Response:
    return await _change(sessions.pay)


@blueprint.get("/orders/<order_id>/payments")
async def get_payments(order_id: str) -> Response:
    return await _show(lambda transaction: attempts.of_order(transaction, order_id))


@blueprint.get("/orders/<order_id>/payments/<cf_payment_id>")
async def get_payment(order_id: str, cf_payment_id: str) -> Response:
    return await _show(
        lambda transaction: attempts.one_of_order(transaction, order_id, cf_payment_id)
    )


@blueprint.post("/orders/<order_id>/refunds")
async def create_refund(order_id: str) -> Response:
    return await _change(lambda transaction, body: refunds.create(transaction, order_id, body))


@blueprint.get("/orders/<order_id>/refunds")
async def get_refunds(order_id: str) -> Response:
    return await _show(lambda transaction: refunds.of_order(transaction, order_id))


@blueprint.get("/orders/<order_id>/refunds/<refund_id>")
async def get_refund(order_id: str, refund_id: str) -> Response:
    return await _show(lambda transaction: refunds.one_of_order(transaction, order_id, refund_id))


@blueprint.get("/orders/<order_id>/disputes")
async def get_disputes(order_id: str) -> Response:
    return await _show(lambda transaction: disputes.of_order(transaction, order_id))


@blueprint.get("/payments/<cf_payment_id>/disputes")
async def get_disputes_of_payment(cf_payment_id: str) -> Response:
    return await _show(lambda transaction: disputes.of_payment(transaction, cf_payment_id))


@blueprint.get("/disputes/<dispute_id>")
async def get_dispute(dispute_id: str) -> Response:
    return await _show(
        lambda transaction: disputes.entity(transaction, disputes.get(transaction, dispute_id))
    )


@blueprint.put("/disputes/<dispute_id>/accept")
async def accept_dispute(dispute_id: str) -> Response:
    return await _change(lambda transaction, body: disputes.accept(transaction, dispute_id), b"{}")


@blueprint.post("/disputes/<dispute_id>/documents")
async def add_document(dispute_id: str) -> Response:
    """A form with `file`, `doc_type` and `note`. The SDK sends the file as a field."""
    raw = await body_of_request()
    form, files = await request.form, await request.files
    file = files.get("file")
    name = str(file.filename) if file else "document.pdf"
    size = len(file.read()) if file else len(form.get("file", ""))
    kind = form.get("doc_type", "")
    return await _change(
        lambda transaction, body: disputes.add_document(transaction, dispute_id, name, kind, size),
        raw,
        parse=False,
    )


@blueprint.post("/settlements")
async def get_settlements() -> Response:
    return await _listed(settlements.list_all)


@blueprint.post("/settlement/recon")
async def get_settled_lines() -> Response:
    return await _listed(settlements.recon)


@blueprint.post("/simulate")
async def simulate() -> Response:
    return await _change(sessions.simulate)


@blueprint.get("/simulate/<simulation_id>")
async def get_simulation(simulation_id: str) -> Response:
    return await _show(lambda transaction: sessions.simulation(transaction, simulation_id))


async def _listed(query: Callable[[Transaction, Json], object]) -> Response:
    """A question whose filters are in its body."""
    body = parse_object(await body_of_request())
    return await _show(lambda transaction: query(transaction, body))


async def _show(query: Callable[[Transaction], object]) -> Response:
    return reply(await context().database.read(query))


async def _change(
    operation: Callable[[Transaction, Json], object],
    raw: bytes | None = None,
    *,
    parse: bool = True,
) -> Response:
    """Execute an operation, once per idempotency key if the request has one. `raw` replaces a body
    that is not needed, or is no JSON; that is not parsed."""
    body = await body_of_request() if raw is None else raw
    client_id = request.headers.get("x-client-id", "")
    key = request.headers.get("x-idempotency-key", "")
    idempotent = IdempotentRequest(client_id, f"{request.method} {request.path}", key, body)

    def step(transaction: Transaction) -> Reply:
        return answer_once(
            transaction,
            idempotent,
            lambda: operation(transaction, parse_object(body) if parse else {}),
        )

    done = await context().database.write(step)
    context().worker.wake_up()
    response = Response(done.body, done.status, content_type="application/json")
    response.headers["x-idempotency-key"] = key
    response.headers["x-idempotency-replayed"] = str(done.replayed).lower()
    return response
