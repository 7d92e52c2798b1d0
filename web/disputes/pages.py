"""The case for its two sides: what both say, evidence, offers, and what comes next."""

from __future__ import annotations

from collections.abc import Awaitable

from quart import Blueprint, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from core.dispute_parts import (
    NOTE_MAXIMUM,
    TEXT_MAXIMUM,
    OfferId,
    WishKind,
    checked_offer_note,
    checked_refund,
)
from core.disputes import DisputeId
from core.errors import Conflict, Errors, Invalid
from core.files import Purpose, StoredFile
from core.money import Money
from web.bookings import picture_of
from web.disputes.problem import fields_of_page, read_wish
from web.disputes.reading import view_of
from web.disputes.wording import BADGES, HOW, OFFERS, REASONS, wish_words
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.forms import FormFields, read_form, rupees, sent_file_ids, typed
from web.shared.kept_forms import refilled
from web.shared.sides import Side

blueprint = Blueprint("disputes", __name__, template_folder="templates")

ANSWERS = (WishKind.PART, WishKind.ALL, WishKind.NOTHING_BACK, WishKind.CHANGES, WishKind.OTHER)
FORMS = ("answer", "evidence", "offer")


@blueprint.get("/disputes/<dispute_id>")
@allow(Who.PARTY)
async def show(dispute_id: str) -> str:
    actions = [url_for(f".{name}", dispute_id=dispute_id) for name in FORMS]
    return await _page(dispute_id, form=refilled(*actions, place="case") or {})


@blueprint.post("/disputes/<dispute_id>/answer")
@allow(Who.PARTY, page="disputes.show")
async def answer(dispute_id: str) -> ResponseReturnValue:
    form = await read_form()

    async def act() -> None:
        wish, amount = read_wish(form, ANSWERS, Errors())
        with fields_of_page():
            await services().disputes.answer(
                DisputeId(dispute_id),
                by=me().id,
                wish=wish,
                amount=amount,
                text=form.get("text", ""),
                files=await sent_file_ids(),
            )

    return await _done(dispute_id, form, act())


@blueprint.post("/disputes/<dispute_id>/evidence")
@allow(Who.PARTY, page="disputes.show")
async def evidence(dispute_id: str) -> ResponseReturnValue:
    form = await read_form()

    async def act() -> None:
        with fields_of_page(text="evidence"):
            await services().disputes.add_evidence(
                DisputeId(dispute_id),
                by=me().id,
                text=form.get("evidence", ""),
                files=await sent_file_ids(),
            )

    return await _done(dispute_id, form, act())


@blueprint.post("/disputes/<dispute_id>/offers")
@allow(Who.PARTY, page="disputes.show")
async def offer(dispute_id: str) -> ResponseReturnValue:
    """Makes an offer. With `action=preview` it only shows how the amount would be divided."""
    form = await read_form()
    if form.get("action") == "preview":
        return await _page(dispute_id, form=form, preview=True)

    async def act() -> None:
        errors, note = Errors(), form.get("note", "")
        with errors:
            refund = rupees(form.get("refund", ""), field="refund")
        if errors.fields:
            with errors:
                checked_offer_note(note)
        errors.check()
        await services().offers.offer(DisputeId(dispute_id), by=me().id, refund=refund, note=note)

    return await _done(dispute_id, form, act())


@blueprint.post("/disputes/<dispute_id>/offers/<offer_id>/accept")
@allow(Who.PARTY, page="disputes.show", label="Accept the offer")
async def accept(dispute_id: str, offer_id: str) -> ResponseReturnValue:
    accepting = services().offers.accept(DisputeId(dispute_id), OfferId(offer_id), by=me().id)
    return await _done(dispute_id, {}, accepting)


@blueprint.post("/disputes/<dispute_id>/withdraw")
@allow(Who.PARTY, page="disputes.show", label="Take the case back")
async def withdraw(dispute_id: str) -> ResponseReturnValue:
    withdrawing = services().disputes.withdraw(DisputeId(dispute_id), by=me().id)
    return await _done(dispute_id, {}, withdrawing)


@blueprint.post("/disputes/<dispute_id>/deliver-once-more")
@allow(Who.DEVELOPER, page="disputes.show", label="Deliver once more")
async def deliver_once_more(dispute_id: str) -> ResponseReturnValue:
    resuming = services().disputes.deliver_once_more(DisputeId(dispute_id), by=me().id)
    return await _done(dispute_id, {}, resuming)


async def _done(dispute_id: str, form: FormFields, act: Awaitable[object]) -> ResponseReturnValue:
    """Back to the case; after an error with the input and the error."""
    try:
        await act
    except Invalid as error:
        return await _page(dispute_id, form=form, errors=error.fields), 422
    except Conflict as error:
        return await _page(dispute_id, form=form, problem=error.message), 409
    return redirect(url_for(".show", dispute_id=dispute_id), 303)


async def _page(
    dispute_id: str,
    *,
    form: FormFields,
    errors: FormFields | None = None,
    problem: str = "",
    preview: bool = False,
) -> str:
    dispute = await services().disputes.get(DisputeId(dispute_id), by=me().id)
    split, unclear = _split(form.get("refund", ""), held=dispute.held)
    view = await view_of(dispute, dispute.side(me().id))
    side = Side(view.booking, me())
    unused: tuple[StoredFile, ...] = ()
    if view.may_answer or view.may_add_evidence:
        unused = await services().uploads.unused(by=me().id, purpose=Purpose.EVIDENCE)
    return await render_template(
        "disputes/show.html",
        view=view,
        dispute=dispute,
        booking=view.booking,
        side=side,
        picture=await picture_of(side),
        badge=BADGES[dispute.status],
        reasons=REASONS,
        offers=OFFERS,
        how=HOW,
        wish_words=wish_words,
        split=split,
        preview=unclear if preview else "",
        unused=unused,
        form=typed(form),
        errors=errors or {},
        problem=problem,
        text_maximum=TEXT_MAXIMUM,
        note_maximum=NOTE_MAXIMUM,
    )


def _split(typed_amount: str, *, held: Money) -> tuple[Money | None, str]:
    """The amount of the form if it can be offered, or None and why not."""
    try:
        return checked_refund(rupees(typed_amount, field="refund"), held=held), ""
    except Invalid as error:
        return None, error.fields["refund"]
