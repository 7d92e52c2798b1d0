"""One withdrawal for administrators, and what to do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from quart import Blueprint, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from core.accounts import AccountId
from core.errors import Conflict, Invalid
from core.withdrawals import (
    BEFORE_SENDING,
    REASON_MAXIMUM,
    Status,
    Withdrawal,
    WithdrawalId,
    checked_reason,
)
from services.shared.money_actions import PreviewOutdated
from services.withdrawals import Decision
from web.shared.access import Who, allow
from web.shared.context import dependencies, formats, me, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled
from web.shared.money_actions import Confirmation, confirm_page, once
from web.withdrawals.banks import bank_of, place
from web.withdrawals.wording import BADGES, WAITS, WHY

blueprint = Blueprint(
    "admin_withdrawals", __name__, template_folder="templates", url_prefix="/admin/withdrawals"
)

SECOND: Mapping[Decision, tuple[str, str, str]] = {
    Decision.HOLD: (
        "Hold {} for a check?",
        "Hold {}",
        "It is not sent until an administrator decides. The money stays reserved.",
    ),
    Decision.RELEASE: (
        "Send {}?",
        "Send {}",
        "It is sent to the payout provider. Later withdrawals to this account are not held.",
    ),
    Decision.REFUSE: (
        "Refuse {}?",
        "Refuse {}",
        "The withdrawal ends, and the money is ready in the wallet again.",
    ),
}
"""Title, button and what follows, by decision."""


@blueprint.get("/<withdrawal_id>")
@allow(Who.ADMIN)
async def show(withdrawal_id: str) -> str:
    """The withdrawal; after the code was entered, the second step of what was decided."""
    for decision in Decision:
        confirmed = refilled(url_for(f".{decision}", withdrawal_id=withdrawal_id))
        if confirmed:
            try:
                return await _confirm(withdrawal_id, decision, confirmed.get("reason", ""))
            except (Conflict, Invalid) as error:
                return await _page(withdrawal_id, confirmed, problem=error.message)
    check = url_for(".check", withdrawal_id=withdrawal_id)
    return await _page(withdrawal_id, refilled(check, place="decide") or {})


@blueprint.post("/<withdrawal_id>/check")
@allow(Who.ADMIN, page="admin_withdrawals.show")
async def check(withdrawal_id: str) -> ResponseReturnValue:
    """The first step: shows what would be booked. Nothing changes."""
    form = await read_form()
    asked = form.get("decision", "")
    try:
        if asked not in set(Decision):
            raise Invalid(reason="Choose what to do.")
        reason = checked_reason(form.get("reason", ""))
        return await _confirm(withdrawal_id, Decision(asked), reason)
    except Invalid as error:
        return await _page(withdrawal_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await _page(withdrawal_id, typed(form), problem=error.message), 409


@blueprint.post("/<withdrawal_id>/hold")
@allow(Who.ADMIN, step_up=True, page="admin_withdrawals.show", label="Hold the withdrawal")
async def hold(withdrawal_id: str) -> ResponseReturnValue:
    return await _second(withdrawal_id, Decision.HOLD, services().withdrawal_review.hold)


@blueprint.post("/<withdrawal_id>/release")
@allow(Who.ADMIN, step_up=True, page="admin_withdrawals.show", label="Send the withdrawal")
async def release(withdrawal_id: str) -> ResponseReturnValue:
    return await _second(withdrawal_id, Decision.RELEASE, services().withdrawal_review.release)


@blueprint.post("/<withdrawal_id>/refuse")
@allow(Who.ADMIN, step_up=True, page="admin_withdrawals.show", label="Refuse the withdrawal")
async def refuse(withdrawal_id: str) -> ResponseReturnValue:
    return await _second(withdrawal_id, Decision.REFUSE, services().withdrawal_review.refuse)


async def _second(
    withdrawal_id: str, decision: Decision, use_case: Callable[..., Awaitable[Withdrawal]]
) -> ResponseReturnValue:
    """The second step: does it, if nothing has changed since the first."""
    form = await read_form()
    reason = form.get("reason", "")
    acting = use_case(
        WithdrawalId(withdrawal_id),
        by=me(),
        caller=caller(),
        reason=reason,
        expected=form.get("preview", ""),
    )
    try:
        try:
            await once(form, acting)
        except PreviewOutdated:
            return await _confirm(withdrawal_id, decision, reason, changed=True), 409
    except Invalid as error:
        return await _page(withdrawal_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await _page(withdrawal_id, typed(form), problem=error.message), 409
    return redirect(url_for(".show", withdrawal_id=withdrawal_id), 303)


async def _confirm(
    withdrawal_id: str, decision: Decision, reason: str, *, changed: bool = False
) -> str:
    """The page of the second step. Raises what the decision raises."""
    review, repositories = services().withdrawal_review, dependencies().store.repositories
    shown = await review.preview(
        decision, WithdrawalId(withdrawal_id), by=me(), caller=caller(), reason=reason
    )
    found = await review.get(WithdrawalId(withdrawal_id))
    person = await repositories.accounts.find(AccountId(found.account_id))
    title, button, note = SECOND[decision]
    amount = formats().money(found.amount)
    return await confirm_page(
        Confirmation(
            title=title.format(amount),
            button=button.format(amount),
            url=url_for(f".{decision}", withdrawal_id=withdrawal_id),
            back=url_for(".show", withdrawal_id=withdrawal_id),
            reason=reason,
            preview=shown,
            fields={},
            sums=[(f"{found.number}, to {place(found.destination)}", found.amount)],
            notes=[note],
            developer=person.name if person else "",
            danger=decision is Decision.REFUSE,
            changed=changed,
        )
    )


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
