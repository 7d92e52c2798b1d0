"""Payments and the ledger over the API."""

from __future__ import annotations

from collections.abc import Sequence

from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring

from core.errors import NotFound
from core.payments import Payment, PaymentId
from ports.payments import GatewayRefused, GatewayUnavailable, OrderUnknown
from services.payments import CLEARINGS, numbers_of
from web.payments import schemas as schemas
from web.payments.wallets import held_of, total_held
from web.shared.access import Who, allow
from web.shared.api import API, Listed, Paging, json_response, page_response
from web.shared.context import dependencies, me, services
from web.shared.openapi import document_errors

blueprint = Blueprint("api_payments", __name__, url_prefix=API)
about = tag(["Payments"])


@blueprint.get("/payments")
@allow(Who.SIGNED_IN)
@about
@validate_querystring(Paging)
@document_response(Listed[schemas.PaymentSchema])
async def index(query_args: Paging) -> Response:
    """The own payments as client or developer, latest first."""
    found, cursor = await dependencies().store.repositories.payments.of_account(
        await _profile_ids(), limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response(await _schemas(found), cursor)


@blueprint.get("/payments/<payment_id>")
@allow(Who.PARTY)
@about
@document_response(schemas.PaymentSchema)
async def show(payment_id: str) -> Response:
    """One of the own payments."""
    return json_response((await _schemas([await _own_payment(payment_id)]))[0])


@blueprint.post("/payments/<payment_id>/refresh")
@allow(Who.PARTY)
@about
@document_response(schemas.PaymentSchema)
@document_errors(GatewayUnavailable, GatewayRefused, OrderUnknown)
async def refresh(payment_id: str) -> Response:
    """Fetch the state from the payment provider, at most 30 times a minute; beyond that, the stored
    state."""
    payment = await _own_payment(payment_id)
    settled = await services().payments.refresh(payment.id)
    return json_response((await _schemas([settled]))[0])


@blueprint.get("/wallet")
@allow(Who.DEVELOPER)
@about
@document_response(schemas.WalletSchema)
async def wallet() -> Response:
    """What is held, clearing and ready, and when each part becomes ready."""
    developer = await services().developers.own_profile(by=me().id)
    found = await services().earnings.wallet(developer.id)
    return json_response(schemas.wallet(found, total_held(await held_of(developer))))


@blueprint.get("/transactions")
@allow(Who.SIGNED_IN)
@about
@validate_querystring(Paging)
@document_response(Listed[schemas.TransactionSchema])
async def transactions(query_args: Paging) -> Response:
    """The own ledger entries, latest first."""
    repositories = dependencies().store.repositories
    found, cursor = await repositories.transactions.of_account(
        await _profile_ids(), limit=query_args.limit, cursor=query_args.cursor
    )
    numbers = await numbers_of(repositories, found)
    return page_response(
        [schemas.transaction(each, numbers.get(each.id)) for each in found], cursor
    )


async def _schemas(payments: Sequence[Payment]) -> list[schemas.PaymentSchema]:
    """Two reads, for any number of payments."""
    repositories = dependencies().store.repositories
    ids = [payment.booking_id for payment in payments]
    bookings = await repositories.bookings.many(ids)
    refunded = [each.booking_id for each in payments if each.refunds]
    released = await repositories.documents(CLEARINGS).many(refunded) if refunded else {}
    return [
        schemas.payment(
            payment,
            booking,
            as_client=booking.client.account_id == me().id,
            released=payment.booking_id in released,
        )
        for payment in payments
        for booking in (bookings[payment.booking_id],)
    ]


async def _own_payment(payment_id: str) -> Payment:
    payment = await dependencies().store.repositories.payments.get(PaymentId(payment_id))
    if {payment.client_id, payment.developer_id}.isdisjoint(await _profile_ids()):
        raise NotFound
    return payment


async def _profile_ids() -> tuple[str, ...]:
    """The client and developer ids of the account, as payments and ledger entries use them."""
    repositories = dependencies().store.repositories
    client = await repositories.clients.find_by_account(me().id)
    developer = await repositories.developers.find_by_account(me().id)
    return tuple(side.id for side in (client, developer) if side)
