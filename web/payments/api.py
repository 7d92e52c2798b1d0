"""Payments and the ledger over the API."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring

from core.errors import NotFound
from core.payments import Payment, PaymentId
from web.payments import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Listed, Paging, json_response
from web.shared.context import dependencies, me, services

blueprint = Blueprint("api_payments", __name__, url_prefix=API)
about = tag(["Payments"])


class Payments(Listed[schemas.PaymentSchema]):
    pass


class Transactions(Listed[schemas.TransactionSchema]):
    pass


@blueprint.get("/payments")
@allow(Who.SIGNED_IN)
@about
@validate_querystring(Paging)
@document_response(Payments)
async def index(query_args: Paging) -> Response:
    """Payments I made or am paid by, the latest first."""
    found, cursor = await dependencies().store.repositories.payments.of_account(
        await _my_parties(), limit=query_args.limit, cursor=query_args.cursor
    )
    return json_response({"items": [schemas.payment(each) for each in found], "next": cursor})


@blueprint.get("/payments/<payment_id>")
@allow(Who.PARTY)
@about
@document_response(schemas.PaymentSchema)
async def show(payment_id: str) -> Response:
    """One payment of mine."""
    return json_response(schemas.payment(await _mine(payment_id)))


@blueprint.post("/payments/<payment_id>/refresh")
@allow(Who.PARTY)
@about
@document_response(schemas.PaymentSchema)
async def refresh(payment_id: str) -> Response:
    """Ask the payment provider now."""
    payment = await _mine(payment_id)
    return json_response(schemas.payment(await services().payments.settle(payment.id)))


@blueprint.get("/transactions")
@allow(Who.SIGNED_IN)
@about
@validate_querystring(Paging)
@document_response(Transactions)
async def transactions(query_args: Paging) -> Response:
    """The ledger entries that concern me, the latest first."""
    found, cursor = await dependencies().store.repositories.transactions.of_account(
        await _my_parties(), limit=query_args.limit, cursor=query_args.cursor
    )
    return json_response({"items": [schemas.transaction(each) for each in found], "next": cursor})


async def _mine(payment_id: str) -> Payment:
    payment = await dependencies().store.repositories.payments.get(PaymentId(payment_id))
    if {payment.client_id, payment.developer_id}.isdisjoint(await _my_parties()):
        raise NotFound
    return payment


async def _my_parties() -> tuple[str, ...]:
    """My client and developer ids: what payments and ledger entries name."""
    repositories = dependencies().store.repositories
    client = await repositories.clients.find_by_account(me().id)
    developer = await repositories.developers.find_by_account(me().id)
    return tuple(side.id for side in (client, developer) if side)
