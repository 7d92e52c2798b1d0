"""Settlements for administrators: the list with its CSV, and one with its lines and findings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from quart import Blueprint, Response, render_template, request
from quart.typing import ResponseReturnValue

from core.settlements import ProviderSettlement, SettlementId, Status
from services.payments import provider_name
from web.settlements.reading import payments_of
from web.settlements.wording import BADGES, LINES
from web.shared.access import Who, allow
from web.shared.context import services
from web.shared.money_lists import ListForm, exported, list_form, together
from web.shared.paging import next_cursor, page_cursor

blueprint = Blueprint(
    "admin_settlements", __name__, template_folder="templates", url_prefix="/admin/settlements"
)

EVERY = "all"
PER_PAGE = 50
COLUMNS = (
    "reference", "provider", "status", "provider_status", "amount", "charge", "lines_sum",
    "currency", "began", "bank_reference", "lines_read",
)  # fmt: skip
"""Of the CSV; amounts are minor units."""


@blueprint.get("")
@allow(Who.ADMIN)
async def index() -> ResponseReturnValue:
    """Latest first."""
    form, status, cursor = await list_form(), _status(), page_cursor()
    found: Sequence[ProviderSettlement] = ()
    following = None
    lists = services().settlement_lists
    if not form.errors:
        found, following = await lists.page(
            status=status, wanted=form.wanted, limit=PER_PAGE, cursor=cursor
        )
    open_findings = await lists.findings([each.id for each in found])
    page = await render_template(
        "settlements/admin_list.html",
        form=form,
        items=found,
        doubtful={each.subject for each in open_findings if each.is_open},
        chosen=status or EVERY,
        tabs=[(EVERY, "All"), *((each.value, BADGES[each].words) for each in Status)],
        badges=BADGES,
        provider_name=provider_name,
        later=cursor is not None,
        following=next_cursor(following),
    )
    return (page, 422) if form.errors else page


@blueprint.get("/list.csv")
@allow(Who.ADMIN)
async def export() -> Response:
    """The whole list with the same filters."""
    form, status = await list_form(), _status()
    return await exported("settlements", form, COLUMNS, _rows(form, status), status=status or EVERY)


@blueprint.get("/<settlement_id>")
@allow(Who.ADMIN)
async def show(settlement_id: str) -> str:
    """A settlement, a page of its lines with their payments, and what was found about both."""
    lists, cursor = services().settlement_lists, page_cursor()
    found = await lists.get(SettlementId(settlement_id))
    lines, following = await lists.lines(found.id, limit=PER_PAGE, cursor=cursor)
    about = [*await lists.findings([found.id]), *await lists.findings([each.id for each in lines])]
    return await render_template(
        "settlements/admin_show.html",
        item=found,
        lines=lines,
        payments=await payments_of(lines),
        findings=about,
        badges=BADGES,
        kinds=LINES,
        provider_name=provider_name,
        later=cursor is not None,
        following=next_cursor(following),
    )


async def _rows(form: ListForm, status: Status | None) -> AsyncIterator[tuple[object, ...]]:
    listed = services().settlement_lists.all(status=status, wanted=form.wanted)
    async for group in together(listed):
        for each in group:
            yield (
                each.reference, each.provider, each.status.value, each.said, each.amount.amount,
                each.charge.amount, each.listed.amount if each.listed else "",
                each.amount.currency, each.at.isoformat(timespec="seconds"), each.bank_reference,
                "yes" if each.read else "no",
            )  # fmt: skip


def _status() -> Status | None:
    """None for all."""
    asked = request.args.get("status", "")
    return Status(asked) if asked in set(Status) else None
