"""The list of payments for administrators, its search and its CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator

from quart import Blueprint, Response, render_template, request
from quart.typing import ResponseReturnValue

from core.payments import Payment, Status
from services.shared.money_lists import ALL, MoneyFilter
from web.administration import wording as wording
from web.administration.reading import Numbered, numbered
from web.administration.search import payments_of
from web.payments import MONEY_BADGES
from web.shared.access import Who, allow
from web.shared.context import services
from web.shared.money_lists import ListForm, exported, list_form, together
from web.shared.paging import next_cursor, page_cursor
from web.shared.people import LONGEST

blueprint = Blueprint(
    "admin_payment_list", __name__, template_folder="templates", url_prefix="/admin/payments"
)

EVERY = "all"
PER_PAGE = 50
COLUMNS = (
    "booking", "id", "status", "client", "client_account", "developer", "developer_account",
    "amount", "refunded", "currency", "created", "provider", "order", "wrong_amount",
)  # fmt: skip
"""Of the CSV; amounts are minor units."""


@blueprint.get("")
@allow(Who.ADMIN)
async def index() -> ResponseReturnValue:
    """Latest created first."""
    form, status, cursor = await list_form("id"), _status(), page_cursor()
    found, following = list[Numbered](), None
    if not form.errors:
        found, following = await payments_page(
            _id(form), status, form.wanted, limit=PER_PAGE, cursor=cursor
        )
    page = await render_template(
        "admin/payments.html",
        form=form,
        items=found,
        chosen=status or EVERY,
        tabs=[(EVERY, "All"), *((each.value, MONEY_BADGES[each].words) for each in Status)],
        later=cursor is not None,
        following=next_cursor(following),
        words=wording,
    )
    return (page, 422) if form.errors else page


@blueprint.get("/list.csv")
@allow(Who.ADMIN)
async def export() -> Response:
    """The whole list with the same filters."""
    form, status = await list_form("id"), _status()
    rows = _rows(_listed(form, status))
    return await exported("payments", form, COLUMNS, rows, status=status or EVERY)


async def payments_page(
    text: str,
    status: Status | None,
    wanted: MoneyFilter = ALL,
    *,
    limit: int,
    cursor: str | None,
) -> tuple[list[Numbered], str | None]:
    """Those that fit, latest created first. With a text only those that have it as an id, as a
    number of their booking, or as an id at the provider: at most `PER_PAGE` of them."""
    lists = services().payment_lists
    if text:
        known = await payments_of(text)
        return await numbered(await lists.those_that_fit(known, status=status, wanted=wanted)), None
    found, following = await lists.page(status=status, wanted=wanted, limit=limit, cursor=cursor)
    return await numbered(found), following


async def _listed(form: ListForm, status: Status | None) -> AsyncIterator[Payment]:
    lists, text = services().payment_lists, _id(form)
    if text:
        known = await payments_of(text)
        for each in await lists.those_that_fit(known, status=status, wanted=form.wanted):
            yield each
        return
    async for each in lists.all(status=status, wanted=form.wanted):
        yield each


async def _rows(payments: AsyncIterator[Payment]) -> AsyncIterator[tuple[object, ...]]:
    async for group in together(payments):
        for each in await numbered(group):
            paid, of = each.payment, each.booking
            yield (
                of.number, paid.id, paid.status.value, of.client.name, of.client.account_id,
                of.developer.name, of.developer.account_id, paid.amount.amount,
                paid.refunded.amount, paid.amount.currency,
                paid.created_at.isoformat(timespec="seconds"), paid.provider, paid.order_id,
                "yes" if paid.mismatch else "",
            )  # fmt: skip


def _id(form: ListForm) -> str:
    return form.typed.get("id", "").strip()[:LONGEST]


def _status() -> Status | None:
    """None for all."""
    asked = request.args.get("status", "")
    return Status(asked) if asked in set(Status) else None
