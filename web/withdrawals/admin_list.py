"""The list of withdrawals for administrators: those that need a decision, or all that fit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from quart import Blueprint, Response, render_template, request
from quart.typing import ResponseReturnValue

from core.accounts import Account, AccountId
from core.withdrawals import Status, Withdrawal
from web.shared.access import Who, allow
from web.shared.context import dependencies, services
from web.shared.money_lists import ListForm, exported, list_form, together
from web.shared.paging import next_cursor, page_cursor
from web.withdrawals.banks import place
from web.withdrawals.wording import ADMINISTERED

blueprint = Blueprint(
    "admin_withdrawal_list", __name__, template_folder="templates", url_prefix="/admin/withdrawals"
)

EVERY = "all"
"""The value of `status` for all states. Without a status those that need a decision are shown."""
PER_PAGE = 50
COUNTED_AT_MOST = 1000
COLUMNS = (
    "number", "id", "status", "waiting", "developer", "account", "amount", "currency",
    "requested", "changed", "sent", "provider", "transfer", "bank_reference", "code",
)  # fmt: skip
"""Of the CSV: `account` is the account id of the developer, amounts are minor units."""


@blueprint.get("")
@allow(Who.ADMIN)
async def index() -> ResponseReturnValue:
    """Those of one status, earliest first; all, and those of one person, latest first."""
    form, status, cursor = await list_form(), _status(), page_cursor()
    lists = services().withdrawal_lists
    found, following = (
        ((), None)
        if form.errors
        else await lists.page(status=status, wanted=form.wanted, limit=PER_PAGE, cursor=cursor)
    )
    page = await render_template(
        "withdrawals/admin_list.html",
        form=form,
        items=found,
        people=await _people(found),
        status=status,
        chosen=status or EVERY,
        tabs=_tabs(),
        held=await lists.count(Status.HELD, at_most=COUNTED_AT_MOST),
        most=COUNTED_AT_MOST,
        badges=ADMINISTERED,
        place=place,
        later=cursor is not None,
        following=next_cursor(following),
    )
    return (page, 422) if form.errors else page


@blueprint.get("/list.csv")
@allow(Who.ADMIN)
async def export() -> Response:
    """The whole list with the same filters."""
    form, status = await list_form(), _status()
    return await exported("withdrawals", form, COLUMNS, _rows(form, status), status=status or EVERY)


async def _rows(form: ListForm, status: Status | None) -> AsyncIterator[tuple[object, ...]]:
    listed = services().withdrawal_lists.all(status=status, wanted=form.wanted)
    async for group in together(listed):
        people = await _people(group)
        for each in group:
            person = people.get(each.account_id)
            yield (
                each.number, each.id, each.status.value, each.waiting.value,
                person.name if person else "", each.account_id, each.amount.amount,
                each.amount.currency, _time(each.requested_at), _time(each.changed_at),
                _time(each.sent_at), each.provider, each.transfer, each.reference, each.code,
            )  # fmt: skip


async def _people(withdrawals: Sequence[Withdrawal]) -> dict[str, Account]:
    accounts = sorted({AccountId(each.account_id) for each in withdrawals})
    return await dependencies().store.repositories.accounts.many(accounts)


def _time(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _status() -> Status | None:
    """None for all."""
    asked = request.args.get("status", "")
    if asked == EVERY:
        return None
    return Status(asked) if asked in set(Status) else Status.HELD


def _tabs() -> list[tuple[str, str]]:
    """The value of `status` and the words of each tab."""
    others = [(each.value, ADMINISTERED[each].words) for each in Status if each is not Status.HELD]
    return [(Status.HELD.value, "Needs a decision"), (EVERY, "All"), *others]
