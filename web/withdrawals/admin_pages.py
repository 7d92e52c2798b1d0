"""Withdrawals for administrators: the list, one withdrawal, and what to do about it."""

from __future__ import annotations

from collections.abc import Awaitable

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import AccountId
from core.errors import Conflict, Invalid
from core.withdrawals import BEFORE_SENDING, REASON_MAXIMUM, Status, WithdrawalId
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled
from web.shared.paging import next_cursor, page_cursor
from web.withdrawals.banks import bank_of, place
from web.withdrawals.wording import BADGES, WAITS, WHY

blueprint = Blueprint(
    "admin_withdrawals", __name__, template_folder="templates", url_prefix="/admin/withdrawals"
)

PER_PAGE = 50
COUNTED_AT_MOST = 1000


@blueprint.get("")
@allow(Who.ADMIN)
async def index() -> str:
    """Those of one status, earliest first; without one, all, latest first."""
    asked = request.args.get("status", "")
    status = Status(asked) if asked in set(Status) else None
    review = services().withdrawal_review
    found, following = await review.page(status=status, limit=PER_PAGE, cursor=page_cursor())
    people = await dependencies().store.repositories.accounts.many(
        sorted({AccountId(each.account_id) for each in found})
    )
    return await render_template(
        "withdrawals/admin_list.html",
        items=found,
        people={person.id: person for person in people.values()},
        status=status,
        statuses=list(Status),
        held=await review.count(Status.HELD, at_most=COUNTED_AT_MOST),
        most=COUNTED_AT_MOST,
        badges=BADGES,
        place=place,
        following=next_cursor(following),
    )


@blueprint.get("/<withdrawal_id>")
@allow(Who.ADMIN)
async def show(withdrawal_id: str) -> str:
    actions = [
        url_for(f".{name}", withdrawal_id=withdrawal_id) for name in ("hold", "release", "refuse")
    ]
    return await _page(withdrawal_id, refilled(*actions, place="decide") or {})


@blueprint.post("/<withdrawal_id>/hold")
@allow(Who.ADMIN, step_up=True, page="admin_withdrawals.show", label="Hold the withdrawal")
async def hold(withdrawal_id: str) -> ResponseReturnValue:
    form = await read_form()
    return await _done(
        withdrawal_id,
        form,
        services().withdrawal_review.hold(
            WithdrawalId(withdrawal_id), by=me(), caller=caller(), reason=form.get("reason", "")
        ),
    )


@blueprint.post("/<withdrawal_id>/release")
@allow(Who.ADMIN, step_up=True, page="admin_withdrawals.show", label="Send the withdrawal")
async def release(withdrawal_id: str) -> ResponseReturnValue:
    releasing = services().withdrawal_review.release(
        WithdrawalId(withdrawal_id), by=me(), caller=caller()
    )
    return await _done(withdrawal_id, {}, releasing)


@blueprint.post("/<withdrawal_id>/refuse")
@allow(Who.ADMIN, step_up=True, page="admin_withdrawals.show", label="Refuse the withdrawal")
async def refuse(withdrawal_id: str) -> ResponseReturnValue:
    form = await read_form()
    return await _done(
        withdrawal_id,
        form,
        services().withdrawal_review.refuse(
            WithdrawalId(withdrawal_id), by=me(), caller=caller(), reason=form.get("reason", "")
        ),
    )


async def _done(
    withdrawal_id: str, form: FormFields, acting: Awaitable[object]
) -> ResponseReturnValue:
    try:
        await acting
    except Invalid as error:
        return await _page(withdrawal_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await _page(withdrawal_id, typed(form), problem=error.message), 409
    return redirect(url_for(".show", withdrawal_id=withdrawal_id), 303)


async def _page(
    withdrawal_id: str, form: FormFields, *, errors: FormFields | None = None, problem: str = ""
) -> str:
    found = await services().withdrawal_review.get(WithdrawalId(withdrawal_id))
    repositories = dependencies().store.repositories
    person = await repositories.accounts.find(AccountId(found.account_id))
    wallet = await services().earnings.wallet(found.developer_id)
    return await render_template(
        "withdrawals/admin_show.html",
        item=found,
        person=person,
        wallet=wallet,
        badge=BADGES[found.status],
        waits=WAITS[found.waiting],
        why=WHY[found.why],
        open=found.status in BEFORE_SENDING,
        held=found.status is Status.HELD,
        bank_of=bank_of,
        form=form,
        errors=errors or {},
        problem=problem,
        maximum=REASON_MAXIMUM,
    )
