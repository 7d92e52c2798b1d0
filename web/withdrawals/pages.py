"""The page of withdrawals: ask for one, and what became of the others."""

from __future__ import annotations

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.errors import Conflict, Invalid
from core.money import Money
from core.withdrawals import WithdrawalId
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, rupees, typed
from web.shared.kept_forms import refilled
from web.shared.paging import next_cursor, page_cursor
from web.withdrawals.banks import bank_of, place
from web.withdrawals.wording import BADGES, badge_of, story

blueprint = Blueprint("withdrawals", __name__, template_folder="templates")

PER_PAGE = 20


@blueprint.get("/withdrawals")
@allow(Who.DEVELOPER)
async def index() -> str:
    kept = refilled(url_for(".ask"), place="withdraw")
    return await _page(kept or {})


@blueprint.post("/withdrawals")
@allow(Who.DEVELOPER, step_up=True, page="withdrawals.index", label="Withdraw")
async def ask() -> ResponseReturnValue:
    form = await read_form()
    try:
        amount = rupees(form.get("amount", ""), field="amount")
        made = await services().withdrawals.request(
            by=me(), caller=caller(), amount=amount, request_id=_request_id(form)
        )
    except Invalid as error:
        return await _page(typed(form), errors=error.fields), 422
    except Conflict as error:
        return await _page(typed(form), problem=error.message), 409
    return redirect(url_for(".index", made=made.number), 303)


@blueprint.post("/withdrawals/<withdrawal_id>/cancel")
@allow(Who.DEVELOPER, page="withdrawals.index", label="Take it back")
async def cancel(withdrawal_id: str) -> ResponseReturnValue:
    try:
        await services().withdrawals.cancel(WithdrawalId(withdrawal_id), by=me(), caller=caller())
    except Conflict as error:
        return await _page({}, problem=error.message), 409
    return redirect(url_for(".index"), 303)


def _request_id(form: FormFields) -> str | None:
    """The id in the form, so that the same form sent twice withdraws once."""
    given = form.get("request", "")
    own = given.isascii() and given.isalnum() and len(given) == 26
    return f"wd_{given}" if own else None


async def _page(form: FormFields, *, errors: FormFields | None = None, problem: str = "") -> str:
    withdrawals = services().withdrawals
    standing = await withdrawals.standing(by=me())
    found, following = await withdrawals.page(by=me().id, limit=PER_PAGE, cursor=page_cursor())
    return await render_template(
        "withdrawals/index.html",
        standing=standing,
        minimum=Money(withdrawals.policy.withdrawal_minimum, standing.ready.currency),
        per_day=withdrawals.policy.withdrawals_per_day,
        request_id=form.get("request") or withdrawals.ids.new("wd").partition("_")[2],
        found=found,
        following=next_cursor(following),
        later="cursor" in request.args,
        made=next((each for each in found if each.number == request.args.get("made")), None),
        badges=BADGES,
        badge=badge_of(standing.account) if standing.account else None,
        story=story,
        next_step_at=withdrawals.next_step_at,
        review=withdrawals.policy.review_within,
        freeze=services().payout_accounts.policy.payout_account_freeze,
        bank_of=bank_of,
        place=place,
        form=form,
        errors=errors or {},
        problem=problem,
    )
