"""Payments and the ledger over the API."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring

from core.errors import NotFound
from core.payments import Payment, PaymentId
from web.shared import schemas as shapes
from web.shared.access import Who, allow
from web.shared.api import API, Listed, Paging, answer
from web.shared.context import house, me, services

blueprint = Blueprint("api_payments", __name__, url_prefix=API)
about = tag(["Payments"])


class Payments(Listed[shapes.PaymentShape]):
    pass


class Transactions(Listed[shapes.TransactionShape]):
    pass


@blueprint.get("/payments")
@allow(Who.SIGNED_IN)
@about
@validate_querystring(Paging)
@document_response(Payments)
async def index(query_args: Paging) -> Response:
    """Payments I made or am paid by, the latest first."""
    found, cursor = await house().store.books.payments.of_account(
        await _my_parties(), limit=query_args.limit, cursor=query_args.cursor
    )
    return answer({"items": [shapes.payment(each) for each in found], "next": cursor})


@blueprint.get("/payments/<payment_id>")
@allow(Who.PARTY)
@about
@document_response(shapes.PaymentShape)
async def show(payment_id: str) -> Response:
    """One payment of mine."""
    return answer(shapes.payment(await _mine(payment_id)))


@blueprint.post("/payments/<payment_id>/refresh")
@allow(Who.PARTY)
@about
@document_response(shapes.PaymentShape)
async def refresh(payment_id: str) -> Response:
    """Ask the payment provider now."""
    payment = await _mine(payment_id)
    return answer(shapes.payment(await services().payments.settle(payment.id)))


@blueprint.get("/transactions")
@allow(Who.SIGNED_IN)
@about
@validate_querystring(Paging)
@document_response(Transactions)
async def transactions(query_args: Paging) -> Response:
    """The ledger entries that concern me, the latest first."""
    found, cursor = await house().store.books.transactions.of_account(
        await _my_parties(), limit=query_args.limit, cursor=query_args.cursor
    )
    return answer({"items": [shapes.transaction(each) for each in found], "next": cursor})


async def _mine(payment_id: str) -> Payment:
    payment = await house().store.books.payments.get(PaymentId(payment_id))
    if {payment.client_id, payment.developer_id}.isdisjoint(await _my_parties()):
        raise NotFound
    return payment


async def _my_parties() -> tuple[str, ...]:
    """My client and developer ids: what payments and ledger entries name."""
    books = house().store.books
    client = await books.clients.find_by_account(me().id)
    developer = await books.developers.find_by_account(me().id)
    return tuple(side.id for side in (client, developer) if side)
