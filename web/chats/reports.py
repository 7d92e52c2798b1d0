"""Reports of conversations: the form of a party, and the pages of administrators."""

from __future__ import annotations

from contextlib import suppress

from quart import Blueprint, Response, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.chat_reports import REASON_MAXIMUM, AlreadyReported
from core.chats import ChatId
from core.errors import Invalid, NotFound
from core.files import FileId
from core.messages import ABOVE_ALL
from services.chats import ChatReportService
from web.chats.history import files_of
from web.chats.lines import Reader, with_days
from web.chats.pages import number
from web.chats.reading import other_of
from web.chats.rendering import rendered
from web.files import to_link
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, now, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled
from web.shared.paging import next_cursor, page_cursor
from web.shared.templating import zone

blueprint = Blueprint("chat_reports", __name__, template_folder="templates")

PER_PAGE = 50
SHOWN = 100
"""Messages of one page of a reported conversation."""


@blueprint.get("/messages/<chat_id>/report")
@allow(Who.PARTY)
async def show(chat_id: str) -> str:
    return await _page(chat_id, form=refilled(request.path) or {})


@blueprint.post("/messages/<chat_id>/report")
@allow(Who.PARTY, label="Report this conversation")
async def report(chat_id: str) -> ResponseReturnValue:
    form = await read_form()
    try:
        await _reports().report(ChatId(chat_id), by=me().id, reason=form.get("reason", ""))
    except Invalid as error:
        return await _page(chat_id, form=form, errors=error.fields), 422
    except AlreadyReported as error:
        return await _page(chat_id, form=form, problem=error.message), 409
    return redirect(url_for("chats.show", chat_id=chat_id, reported="yes"), 303)


@blueprint.post("/messages/<chat_id>/report/take-back")
@allow(Who.PARTY, page="chat_reports.show", label="Take back your report")
async def take_back(chat_id: str) -> ResponseReturnValue:
    """Nothing to do for one that an administrator has closed meanwhile."""
    with suppress(NotFound):
        await _reports().take_back(ChatId(chat_id), by=me().id)
    return redirect(url_for("chats.show", chat_id=chat_id), 303)


async def _page(
    chat_id: str,
    *,
    form: FormFields,
    errors: FormFields | None = None,
    problem: str = "",
) -> str:
    chat = await services().chats.get(ChatId(chat_id), by=me().id)
    return await render_template(
        "chats/report.html",
        chat=chat,
        other=await other_of(chat),
        open_report=await _reports().open_of(chat.id, by=me().id),
        form=typed(form),
        errors=errors or {},
        problem=problem,
        reason_maximum=REASON_MAXIMUM,
    )


@blueprint.get("/admin/reports")
@allow(Who.ADMIN)
async def index() -> str:
    """The open reports, earliest first."""
    found, following = await _reports().open_reports(limit=PER_PAGE, cursor=page_cursor())
    people = await dependencies().store.repositories.accounts.many(
        sorted({report.reporter for report in found})
    )
    return await render_template(
        "chats/reports.html", items=found, people=people, following=next_cursor(following)
    )


@blueprint.get("/admin/reports/<report_id>")
@allow(Who.ADMIN)
async def read(report_id: str) -> str:
    """The report and its conversation. Reading it is recorded, and both parties see it."""
    found, chat = await _reports().read(report_id, by=me(), caller=caller())
    repositories = dependencies().store.repositories
    people = await repositories.accounts.many(sorted(chat.accounts))
    before = number(request.args.get("before")) or ABOVE_ALL
    messages = await repositories.messages.before(chat.id, before, limit=SHOWN)
    reader = Reader(
        account=chat.client.account_id,
        zone=zone(),
        names={account: person.name for account, person in people.items()},
        since=now(),
    )
    known = {message.seq: message for message in messages}
    files = await files_of(messages)
    lines = [reader.line_of(message, chat, known, files) for message in messages]
    return await render_template(
        "chats/reported.html",
        report=found,
        people=people,
        lines=with_days(reader, lines, previous=None),
        earlier=messages[0].seq if messages and messages[0].seq > 1 else 0,
        rendered=rendered,
    )


@blueprint.get("/admin/reports/<report_id>/files/<chat_file_id>")
@allow(Who.ADMIN)
async def download(report_id: str, chat_file_id: str) -> Response:
    """A file of the reported conversation. Its owner sees that it was read."""
    chat = await _reports().chat_of(report_id)
    link = await services().files.link_in(
        FileId(chat_file_id), attached_to=chat, by=me(), caller=caller()
    )
    return to_link(link)


@blueprint.post("/admin/reports/<report_id>/close")
@allow(Who.ADMIN, page="chat_reports.read", label="Close this report")
async def close(report_id: str) -> ResponseReturnValue:
    await _reports().close(report_id, by=me().id)
    return redirect(url_for(".index"), 303)


def _reports() -> ChatReportService:
    return services().chat_reports
