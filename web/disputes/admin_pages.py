"""One dispute for administrators: the case, and the decision in two steps."""

from __future__ import annotations

from datetime import datetime

from quart import Blueprint, Response, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.dispute_parts import REASON_MAXIMUM, TEXT_MAXIMUM
from core.disputes import Dispute, DisputeId
from core.errors import Conflict, Errors, Invalid
from core.files import FileId
from core.jobs import Job, JobId
from core.jobs import Status as JobStatus
from core.messages import ABOVE_ALL
from core.money import Money
from core.timeline import Actor
from web.chats import Reader, files_of, rendered, with_days
from web.disputes.reading import CaseView, view_of
from web.disputes.wording import (
    BADGES,
    HOW,
    OFFERS,
    REASONS,
    earlier_words,
    lacking,
    wish_words,
)
from web.files import to_link
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, now, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, rupees, typed
from web.shared.kept_forms import refilled
from web.shared.templating import zone
from web.shared.timeline import readable

blueprint = Blueprint("cases", __name__, template_folder="templates", url_prefix="/admin/disputes")

SHOWN = 100
"""Messages of one page of the conversation."""


@blueprint.get("/<dispute_id>")
@allow(Who.ADMIN)
async def show(dispute_id: str) -> str:
    """The case. Opening it is recorded, and both sides see it."""
    dispute = await _opened(dispute_id)
    confirmed = refilled(url_for(".settle", dispute_id=dispute_id))
    if confirmed and dispute.open:
        return await _confirm(dispute, _refund(confirmed), confirmed.get("reason", ""))
    ask, decide = (url_for(f".{name}", dispute_id=dispute_id) for name in ("ask", "decide"))
    return await _case(dispute, refilled(ask, decide, place="decide") or {})


@blueprint.get("/<dispute_id>/messages")
@allow(Who.ADMIN)
async def messages(dispute_id: str) -> str:
    """The conversation of the two sides. Reading it is recorded, and both sides see it."""
    view = await view_of(await _opened(dispute_id), Actor.ADMIN)
    repositories = dependencies().store.repositories
    chat = await repositories.chats.find(view.chat)
    people = await repositories.accounts.many(
        [view.dispute.client.account_id, view.dispute.developer.account_id]
    )
    asked = request.args.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 10 else ABOVE_ALL
    found = await repositories.messages.before(view.chat, before, limit=SHOWN) if chat else ()
    reader = Reader(
        account=view.dispute.client.account_id,
        zone=zone(),
        names={account: person.name for account, person in people.items()},
        since=now(),
    )
    known = {message.seq: message for message in found}
    files = await files_of(found)
    lines = [reader.line_of(message, chat, known, files) for message in found] if chat else []
    return await render_template(
        "disputes/messages.html",
        dispute=view.dispute,
        lines=with_days(reader, lines, previous=None),
        earlier=found[0].seq if found and found[0].seq > 1 else 0,
        rendered=rendered,
    )


@blueprint.get("/<dispute_id>/messages/files/<chat_file_id>")
@allow(Who.ADMIN)
async def download(dispute_id: str, chat_file_id: str) -> Response:
    """A file of the conversation. Its owner sees that it was read."""
    view = await view_of(await _opened(dispute_id), Actor.ADMIN)
    link = await services().files.link_in(
        FileId(chat_file_id), attached_to=view.chat, by=me(), caller=caller()
    )
    return to_link(link)


@blueprint.post("/<dispute_id>/ask")
@allow(Who.ADMIN, page="cases.show")
async def ask(dispute_id: str) -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().decisions.ask(
            DisputeId(dispute_id), by=me(), text=form.get("question", "")
        )
    except Invalid as error:
        errors = {"question": next(iter(error.fields.values()))}
        return await _case(await _opened(dispute_id), form, errors=errors), 422
    except Conflict as error:
        return await _case(await _opened(dispute_id), form, problem=error.message), 409
    return redirect(url_for(".show", dispute_id=dispute_id), 303)


@blueprint.post("/<dispute_id>/decide")
@allow(Who.ADMIN, page="cases.show")
async def decide(dispute_id: str) -> ResponseReturnValue:
    """The first step: shows what would be booked. Nothing changes."""
    form = await read_form()
    dispute = await _opened(dispute_id)
    try:
        refund, reason = await _decision(dispute, form)
    except Invalid as error:
        return await _case(dispute, form, errors=error.fields), 422
    return await _confirm(dispute, refund, reason)


@blueprint.post("/<dispute_id>/settle")
@allow(Who.ADMIN, step_up=True, page="cases.show", label="Settle the case")
async def settle(dispute_id: str) -> ResponseReturnValue:
    """The second step: books it. It needs a fresh code."""
    form = await read_form()
    try:
        await services().decisions.settle(
            DisputeId(dispute_id),
            by=me(),
            caller=caller(),
            refund=_refund(form),
            reason=form.get("reason", ""),
        )
    except Invalid as error:
        return await _case(await _opened(dispute_id), form, errors=error.fields), 422
    except Conflict as error:
        return await _case(await _opened(dispute_id), form, problem=error.message), 409
    return redirect(url_for(".show", dispute_id=dispute_id), 303)


async def _confirm(dispute: Dispute, refund: Money, reason: str) -> str:
    """The second step, also after the code was entered."""
    view = await view_of(dispute, Actor.ADMIN)
    return await render_template(
        "disputes/decide.html", view=view, dispute=dispute, refund=refund, reason=reason
    )


async def _opened(dispute_id: str) -> Dispute:
    return await services().decisions.open(DisputeId(dispute_id), by=me(), caller=caller())


async def _decision(dispute: Dispute, form: FormFields) -> tuple[Money, str]:
    """The refund, and the reason as it would be stored. Raises `Invalid` with all wrong fields."""
    errors, refund, written = Errors(), Money(0), form.get("reason", "")
    with errors:
        refund = _refund(form)
    with errors:
        written = await services().decisions.check(dispute.id, refund=refund, reason=written)
    if form.get("read") != "yes":
        errors.add(read="Read the case first, then confirm it here.")
    errors.check()
    return refund, written


def _refund(form: FormFields) -> Money:
    """One of the suggested amounts in paise, or the one that was typed. Raises `Invalid`."""
    chosen = form.get("back", "other")
    if chosen.isdecimal() and len(chosen) < 13:
        return Money(int(chosen))
    return rupees(form.get("refund", ""), field="refund")


def _suggested(view: CaseView) -> list[tuple[Money, str]]:
    """The amounts that were named, each once, with whose they are."""
    held, client, developer = view.dispute.held, view.client, view.developer
    found = {held * 0: "nothing"}
    for side, name in ((Actor.DEVELOPER, developer), (Actor.CLIENT, client)):
        asked = view.dispute.asked_by(side)
        if asked is not None:
            found.setdefault(asked, f"named by {name}")
    found.setdefault(held, "all")
    return sorted(found.items())


def _stopped(job: Job) -> datetime | None:
    """When the money would have been released, had nobody opened the case."""
    return job.approve_by if job.frozen_from is JobStatus.DELIVERED else None


async def _case(
    dispute: Dispute,
    form: FormFields,
    *,
    errors: FormFields | None = None,
    problem: str = "",
) -> str:
    view = await view_of(dispute, Actor.ADMIN)
    reports = await services().chat_reports.of_chat(view.chat)
    earlier = await services().decisions.earlier(dispute)
    return await render_template(
        "disputes/case.html",
        view=view,
        dispute=dispute,
        badge=BADGES[dispute.status],
        reasons=REASONS,
        offers=OFFERS,
        how=HOW,
        wish_words=wish_words,
        suggested=_suggested(view),
        reports=len(reports),
        earlier={side: earlier_words(found) for side, found in earlier.items()},
        check=await services().bundles.last_check(dispute),
        lacks=lacking,
        stopped=_stopped(await dependencies().store.repositories.jobs.get(JobId(dispute.job_id))),
        readable=readable,
        form=typed(form),
        errors=errors or {},
        problem=problem,
        reason_maximum=REASON_MAXIMUM,
        text_maximum=TEXT_MAXIMUM,
    )
