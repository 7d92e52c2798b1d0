"""The wallet: what is held, clearing and ready, and every movement; for clients their payments."""

from __future__ import annotations

from quart import Blueprint, Response, render_template, request
from quart.typing import ResponseReturnValue

from core.accounts import Account, Role
from core.errors import Invalid
from web.payments.statements import statement_of
from web.payments.tax_columns import TAX_COLUMNS, tax_cells
from web.payments.wallets import lines_of, movements, next_steps, payments_of, wallet_of
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.csv_files import csv_file
from web.shared.forms import FormFields
from web.shared.paging import next_cursor, page_cursor
from web.shared.periods import Period, months, period_of_query

blueprint = Blueprint("wallet", __name__, template_folder="templates")
COLUMNS = (
    "time", "what", "booking", "document", "clearing", "ready", "withdrawing", "owed", "currency",
    *TAX_COLUMNS,
)  # fmt: skip
"""Of the statement: amounts are minor units, such as paise, and the change of each account."""


async def wallet_link(viewer: Account) -> int | None:
    """Nothing is counted. None for an account that has no money here."""
    return 0 if viewer.roles & {Role.CLIENT, Role.DEVELOPER} else None


@blueprint.get("/wallet")
@allow(Who.SIGNED_IN)
async def show() -> ResponseReturnValue:
    """Of the role; an account with both roles selects one with `as`."""
    both = {Role.CLIENT, Role.DEVELOPER} <= me().roles
    as_client = Role.DEVELOPER not in me().roles or (both and request.args.get("as") == "client")
    return await (_of_client(both) if as_client else _of_developer(both))


async def _of_developer(both: bool) -> ResponseReturnValue:
    developer, cursor = await services().developers.own_profile(by=me().id), page_cursor()
    errors: FormFields = {}
    try:
        period = period_of_query()
    except Invalid as error:
        period, errors = Period(), error.fields
    lines, following = await lines_of(developer, cursor, period)
    wallet = await wallet_of(developer, lines)
    page = await render_template(
        "wallet/developer.html",
        both=both,
        wallet=wallet,
        steps=next_steps(wallet),
        lines=lines,
        cursor=cursor,
        following=next_cursor(following),
        period=period,
        months=months(),
        typed=request.args,
        errors=errors,
    )
    return (page, 422) if errors else page


async def _of_client(both: bool) -> str:
    client, cursor = await services().clients.own_profile(by=me().id), page_cursor()
    paid, following = await payments_of(client.id, cursor)
    return await render_template(
        "wallet/client.html",
        both=both,
        paid=paid,
        cursor=cursor,
        following=next_cursor(following),
    )


@blueprint.get("/wallet/statement.csv")
@allow(Who.DEVELOPER)
async def statement() -> Response:
    """Every movement of the developer's money from the day `from` to the day `to`, newest first."""
    developer, period = await services().developers.own_profile(by=me().id), period_of_query()
    rows = [
        (
            moved.entry.at.isoformat(timespec="seconds"),
            moved.entry.kind.value,
            moved.entry.booking_id or "",
            moved.entry.number or (document.number if document else ""),
            moved.clearing.amount,
            moved.available.amount,
            moved.withdrawing.amount,
            moved.owed.amount,
            moved.amount.currency,
            *tax_cells(document),
        )
        async for moved, document in movements(developer, period)
    ]
    return _file(csv_file(COLUMNS, rows), period, "csv", "text/csv; charset=utf-8")


@blueprint.get("/wallet/statement.pdf")
@allow(Who.DEVELOPER)
async def statement_pdf() -> Response:
    """The same movements in words, with what was there before and after them."""
    developer, period = await services().developers.own_profile(by=me().id), period_of_query()
    content = await services().receipts.pdf(await statement_of(developer, period))
    return _file(content, period, "pdf", "application/pdf")


def _file(content: str | bytes, period: Period, ending: str, kind: str) -> Response:
    name = "-".join(("statement", *period.query.values()))
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer
