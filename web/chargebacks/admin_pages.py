"""Chargebacks for administrators: the list, one chargeback, and the two steps of an answer."""

from __future__ import annotations

from quart import Blueprint, Response, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.chargebacks import REASON_MAXIMUM, ChargebackId, Status, checked_reason, loss_lines
from core.errors import Conflict, Invalid
from core.transactions import Kind, Transaction, TransactionId
from services.chargebacks import Answer
from services.shared.money_actions import PreviewOutdated
from web.chargebacks import reading as reading
from web.chargebacks.reading import Shown
from web.chargebacks.wording import ANSWERS, BADGES
from web.shared.access import Who, allow
from web.shared.context import formats, me, now, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled
from web.shared.ledger_words import account_name, transaction_name
from web.shared.money_actions import Confirmation, confirm_page, once
from web.shared.paging import next_cursor, page_cursor

blueprint = Blueprint(
    "admin_chargebacks", __name__, template_folder="templates", url_prefix="/admin/chargebacks"
)

PER_PAGE = 50


@blueprint.get("")
@allow(Who.ADMIN)
async def index() -> str:
    """Those of one status, the first to answer first; without one, all, latest first."""
    asked = request.args.get("status", "")
    status = Status(asked) if asked in set(Status) else None
    found, following = await reading.page(status, limit=PER_PAGE, cursor=page_cursor())
    return await render_template(
        "chargebacks/admin_list.html",
        items=found,
        status=status,
        statuses=list(Status),
        badges=BADGES,
        following=next_cursor(following),
    )


@blueprint.get("/<chargeback_id>")
@allow(Who.ADMIN)
async def show(chargeback_id: str) -> str:
    """The chargeback; after the code was entered, the second step of the answer."""
    confirmed = refilled(url_for(".answer", chargeback_id=chargeback_id))
    if confirmed:
        try:
            return await _confirm(chargeback_id, confirmed)
        except (Conflict, Invalid) as error:
            return await _page(chargeback_id, confirmed, problem=error.message)
    check = url_for(".check", chargeback_id=chargeback_id)
    return await _page(chargeback_id, refilled(check, place="answer") or {})


@blueprint.get("/<chargeback_id>/evidence.pdf")
@allow(Who.ADMIN)
async def evidence(chargeback_id: str) -> Response:
    """The document as it would be sent now."""
    await reading.one(chargeback_id)
    found = await services().chargeback_evidence.document(ChargebackId(chargeback_id))
    answer = Response(found.content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return answer


@blueprint.post("/<chargeback_id>/check")
@allow(Who.ADMIN, page="admin_chargebacks.show")
async def check(chargeback_id: str) -> ResponseReturnValue:
    """The first step: shows what would be done. Nothing changes."""
    form = await read_form()
    try:
        return await _confirm(chargeback_id, form)
    except Invalid as error:
        return await _page(chargeback_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await _page(chargeback_id, typed(form), problem=error.message), 409


@blueprint.post("/<chargeback_id>/answer")
@allow(Who.ADMIN, step_up=True, page="admin_chargebacks.show", label="Answer the chargeback")
async def answer(chargeback_id: str) -> ResponseReturnValue:
    """The second step: does it, if nothing has changed since the first."""
    form = await read_form()
    try:
        asked, reason = _answer(form)
        acting = services().chargeback_answers.answer(
            asked,
            ChargebackId(chargeback_id),
            by=me(),
            caller=caller(),
            reason=reason,
            expected=form.get("preview", ""),
        )
        try:
            await once(form, acting)
        except PreviewOutdated:
            return await _confirm(chargeback_id, form, changed=True), 409
    except Invalid as error:
        return await _page(chargeback_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await _page(chargeback_id, typed(form), problem=error.message), 409
    return redirect(url_for(".show", chargeback_id=chargeback_id), 303)


async def _confirm(chargeback_id: str, form: FormFields, *, changed: bool = False) -> str:
    """The page of the second step. Raises what the answer raises."""
    asked, reason = _answer(form)
    preview = await services().chargeback_answers.preview(
        asked, ChargebackId(chargeback_id), by=me(), caller=caller(), reason=reason
    )
    shown = await reading.shown(ChargebackId(chargeback_id))
    amount = formats().money(shown.chargeback.amount)
    title, button, note = ANSWERS[asked]
    client = shown.booking.client.name
    return await confirm_page(
        Confirmation(
            title=title.format(amount=amount, client=client),
            button=button,
            url=url_for(".answer", chargeback_id=chargeback_id),
            back=url_for(".show", chargeback_id=chargeback_id),
            reason=reason,
            preview=preview,
            fields={"answer": asked},
            sums=[(f"Questioned by the bank of {client}", shown.chargeback.amount)],
            later=_later(shown) if asked is Answer.ACCEPT else (),
            notes=[note],
            developer=shown.booking.developer.name,
            danger=asked is Answer.ACCEPT,
            changed=changed,
        )
    )


def _later(shown: Shown) -> tuple[Transaction, ...]:
    """What is booked once the provider has confirmed the acceptance."""
    chargeback = shown.chargeback
    if chargeback.reserve is None or not chargeback.reserve.total:
        return ()
    entry = Transaction(
        id=TransactionId(f"chargeback-lost:{chargeback.id}"),
        kind=Kind.CHARGEBACK_LOST,
        at=now(),
        lines=loss_lines(chargeback),
        description="",
    )
    return (entry,)


async def _page(
    chargeback_id: str, form: FormFields, *, errors: FormFields | None = None, problem: str = ""
) -> str:
    shown = await reading.one(chargeback_id)
    return await render_template(
        "chargebacks/admin_show.html",
        shown=shown,
        item=shown.chargeback,
        booking=shown.booking,
        badge=BADGES[shown.chargeback.status],
        account_name=account_name,
        transaction_name=transaction_name,
        form=form,
        errors=errors or {},
        problem=problem,
        maximum=REASON_MAXIMUM,
    )


def _answer(form: FormFields) -> tuple[Answer, str]:
    """Answer and reason. Raises `Invalid`."""
    asked = form.get("answer", "")
    if asked not in set(Answer):
        raise Invalid(answer="Choose what to answer.")
    return Answer(asked), checked_reason(form.get("reason", ""))
