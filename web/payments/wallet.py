"""The wallet: what is held, clearing and ready, and every movement; for clients their payments."""

from __future__ import annotations

from quart import Blueprint, Response, render_template, request
from quart.typing import ResponseReturnValue

from core.accounts import Account, Role
from web.payments.wallets import lines_of, movements, next_steps, payments_of, wallet_of
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.csv_files import csv_file
from web.shared.paging import next_cursor, page_cursor

blueprint = Blueprint("wallet", __name__, template_folder="templates")
COLUMNS = (
    "time", "what", "booking", "document", "clearing", "ready", "withdrawing", "owed", "currency",
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


async def _of_developer(both: bool) -> str:
    developer, cursor = await services().developers.own_profile(by=me().id), page_cursor()
    lines, following = await lines_of(developer, cursor)
    wallet = await wallet_of(developer, lines)
    return await render_template(
        "wallet/developer.html",
        both=both,
        wallet=wallet,
        steps=next_steps(wallet),
        lines=lines,
        cursor=cursor,
        following=next_cursor(following),
    )


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
    """Every movement of the developer's money, newest first."""
    developer = await services().developers.own_profile(by=me().id)
    rows = [
        (
            moved.entry.at.isoformat(timespec="seconds"),
            moved.entry.kind.value,
            moved.entry.booking_id or "",
            number,
            moved.clearing.amount,
            moved.available.amount,
            moved.withdrawing.amount,
            moved.owed.amount,
            moved.amount.currency,
        )
        async for moved, number in movements(developer)
    ]
    answer = Response(csv_file(COLUMNS, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="statement.csv"'
    return answer
