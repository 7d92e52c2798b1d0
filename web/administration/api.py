"""What administrators read, over the API."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring
from typing_extensions import TypedDict

from core.errors import Invalid
from core.payments import Status
from ports.scheduling import OutboxList
from web.accounts import UserSchema, user_schema
from web.administration import reading as reading
from web.administration import schemas as schemas
from web.administration.payment_list import payments_page
from web.administration.search import find
from web.shared.access import Who, allow
from web.shared.api import API, Listed, Paging, Query, json_response, page_response
from web.shared.context import services
from web.shared.money_lists import MoneyQuery
from web.shared.openapi import document_errors
from web.shared.people import LONGEST

blueprint = Blueprint("api_admin", __name__, url_prefix=f"{API}/admin")
about = tag(["Administration"])


class OfPerson(Paging):
    person: str | None = Field(default=None, max_length=60)


class PaymentsQuery(MoneyQuery):
    status: Status | None = None
    id: str = Field(default="", max_length=LONGEST)


class OutboxQuery(Paging):
    state: OutboxList = OutboxList.FAILING


class OverviewQuery(Query):
    days: int = Field(default=7, ge=1, le=90)


class SearchQuery(Query):
    q: str = Field(default="", max_length=LONGEST)


class FoundSchema(TypedDict):
    """`problem` says why a booking number is wrong; `near` are bookings whose numbers differ from
    it by one slip."""

    bookings: list[schemas.AdminBookingSchema]
    payments: list[schemas.AdminPaymentSchema]
    people: list[UserSchema]
    problem: str | None
    near: list[schemas.AdminBookingSchema]


@blueprint.get("/overview")
@allow(Who.ADMIN)
@about
@validate_querystring(OverviewQuery)
@document_response(schemas.OverviewSchema)
async def overview(query_args: OverviewQuery) -> Response:
    """Open findings, the state of the outbox, and the money of the last days from the ledger."""
    found = await services().money_days.overview(query_args.days)
    return json_response(schemas.overview(await reading.overview(), found))


@blueprint.get("/search")
@allow(Who.ADMIN)
@about
@validate_querystring(SearchQuery)
@document_response(FoundSchema)
async def search(query_args: SearchQuery) -> Response:
    """What has this booking number, name, e-mail address or id, also at the payment provider. An
    empty text finds nothing."""
    found = await find(query_args.q)
    answer: FoundSchema = {
        "bookings": [schemas.booking(each) for each in found.bookings],
        "payments": [schemas.payment(each.payment, each.booking) for each in found.payments],
        "people": [user_schema(each) for each in found.people],
        "problem": found.problem or None,
        "near": [schemas.booking(each) for each in found.near],
    }
    return json_response(answer)


@blueprint.get("/bookings")
@allow(Who.ADMIN)
@about
@validate_querystring(OfPerson)
@document_response(Listed[schemas.AdminBookingSchema])
async def bookings(query_args: OfPerson) -> Response:
    """All bookings, latest created first; `person` is an account id."""
    found, following = await reading.bookings_page(
        query_args.person, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response([schemas.booking(each) for each in found], following)


@blueprint.get("/payments")
@allow(Who.ADMIN)
@about
@validate_querystring(PaymentsQuery)
@document_response(Listed[schemas.AdminPaymentSchema])
@document_errors(Invalid)
async def payments(query_args: PaymentsQuery) -> Response:
    """Payments with attempts and refunds, latest created first. Days are those of the booking. With
    `id` those that have it, or whose booking has this number, all on one page."""
    found, following = await payments_page(
        query_args.id,
        query_args.status,
        await query_args.wanted(),
        limit=query_args.limit,
        cursor=query_args.cursor,
    )
    items = [schemas.payment(each.payment, each.booking) for each in found]
    return page_response(items, following)


@blueprint.get("/jobs")
@allow(Who.ADMIN)
@about
@validate_querystring(OfPerson)
@document_response(Listed[schemas.AdminJobSchema])
async def jobs(query_args: OfPerson) -> Response:
    """All jobs, latest created first; `person` is an account id."""
    found, following = await reading.jobs_page(
        query_args.person, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response([schemas.job(each.job, each.booking) for each in found], following)


@blueprint.get("/outbox")
@allow(Who.ADMIN)
@about
@validate_querystring(OutboxQuery)
@document_response(Listed[schemas.MessageSchema])
async def outbox(query_args: OutboxQuery) -> Response:
    """Outbox messages of one list, by due time. Secrets are hidden."""
    found, following = await reading.repositories().outbox.page(
        query_args.state, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response([schemas.message(each) for each in found], following)
