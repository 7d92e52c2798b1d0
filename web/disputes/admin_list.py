"""The list of disputes for administrators: the open ones with what they wait for, or all."""

from __future__ import annotations

from collections.abc import AsyncIterator

from quart import Blueprint, Response, render_template, request
from quart.typing import ResponseReturnValue

from core.disputes import Status
from web.disputes.panels import COUNTED_AT_MOST
from web.disputes.wording import BADGES, REASONS, WAITS, waiting_words
from web.shared.access import Who, allow
from web.shared.context import services
from web.shared.money_lists import ListForm, exported, list_form
from web.shared.paging import next_cursor, page_cursor

blueprint = Blueprint(
    "case_list", __name__, template_folder="templates", url_prefix="/admin/disputes"
)

OPEN, EVERY = "open_cases", "all"
"""Values of `status`, besides the states."""
PER_PAGE = 50
COLUMNS = (
    "booking", "id", "status", "opened_by", "reason", "client", "client_account", "developer",
    "developer_account", "held", "refund", "currency", "opened", "closed",
)  # fmt: skip
"""Of the CSV; amounts are minor units, `refund` is that of the settlement."""


@blueprint.get("")
@allow(Who.ADMIN)
async def index() -> ResponseReturnValue:
    """The open cases and those of one state, earliest first; all, latest first."""
    form, chosen, cursor = await list_form(), _chosen(), page_cursor()
    found, following = (
        ((), None)
        if form.errors
        else await services().dispute_lists.page(
            status=_status(chosen), closed=chosen == EVERY, wanted=form.wanted, limit=PER_PAGE,
            cursor=cursor,
        )
    )  # fmt: skip
    counts = await services().decisions.counts(at_most=COUNTED_AT_MOST)
    page = await render_template(
        "disputes/queue.html",
        form=form,
        items=found,
        chosen=chosen,
        tabs=_tabs(),
        waits=WAITS,
        badges=BADGES,
        reasons=REASONS,
        counts=waiting_words(counts),
        most=COUNTED_AT_MOST,
        later=cursor is not None,
        following=next_cursor(following),
    )
    return (page, 422) if form.errors else page


@blueprint.get("/list.csv")
@allow(Who.ADMIN)
async def export() -> Response:
    """The whole list with the same filters. Nothing that the sides have written is in it."""
    form, chosen = await list_form(), _chosen()
    return await exported("disputes", form, COLUMNS, _rows(form, chosen), status=chosen)


async def _rows(form: ListForm, chosen: str) -> AsyncIterator[tuple[object, ...]]:
    listed = services().dispute_lists.all(
        status=_status(chosen), closed=chosen == EVERY, wanted=form.wanted
    )
    async for each in listed:
        yield (
            each.booking_number, each.id, each.status.value, each.opened_by.value,
            each.reason.value, each.client.name, each.client.account_id, each.developer.name,
            each.developer.account_id, each.held.amount,
            each.settlement.refund.amount if each.settlement else "", each.held.currency,
            each.opened_at.isoformat(timespec="seconds"),
            each.closed_at.isoformat(timespec="seconds") if each.closed_at else "",
        )  # fmt: skip


def _chosen() -> str:
    asked = request.args.get("status", "")
    return asked if asked in {EVERY, *Status} else OPEN


def _status(chosen: str) -> Status | None:
    return Status(chosen) if chosen in set(Status) else None


def _tabs() -> list[tuple[str, str]]:
    """The value of `status` and the words of each tab."""
    waiting = [(each.value, f"Wait for {WAITS[each].words.lower()}") for each in WAITS]
    ended = [(each.value, BADGES[each].words) for each in Status if each not in WAITS]
    return [(OPEN, "Open"), (EVERY, "All"), *waiting, *ended]
