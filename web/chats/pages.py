"""The pages of chats: the list of conversations, one conversation, and its forms."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from typing import Any

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import Account
from core.chats import Chat, ChatId, TooManyMessages
from core.errors import Conflict, Forbidden, Invalid, OneHourError
from core.messages import ABOVE_ALL
from web.chats.excerpts import excerpt
from web.chats.history import History
from web.chats.reading import Conversation, conversation, other_of, rows
from web.chats.rendering import rendered
from web.chats.schemas import CONTACT_WARNING
from web.chats.statuses import bookings_of, current_booking
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.errors import status_of
from web.shared.forms import FormFields, field_values, read_form, typed
from web.shared.kept_forms import refilled, resumed, resumed_values
from web.shared.paging import next_cursor, page_cursor

blueprint = Blueprint("chats", __name__, template_folder="templates")

FOUND_AT_MOST = 30
"""Messages that a search shows at once."""


@blueprint.get("/messages")
@allow(Who.SIGNED_IN)
async def index() -> str:
    listed, following = await rows(page_cursor())
    return await render_template(
        "chats/index.html",
        rows=listed,
        following=next_cursor(following),
        later="cursor" in request.args,
    )


@blueprint.get("/messages/list")
@allow(Who.SIGNED_IN)
async def listing() -> str:
    """The latest conversations as an HTML fragment, with the number of those that have unread
    messages; `current` is the id of the one that is shown."""
    listed, following = await rows(None)
    return await render_template(
        "chats/_rows.html",
        rows=listed,
        following=next_cursor(following),
        current=request.args.get("current", ""),
    )


@blueprint.get("/messages/<chat_id>")
@allow(Who.PARTY)
async def show(chat_id: str) -> str:
    chat = await services().chats.get(ChatId(chat_id), by=me().id)
    return await chat_page(chat)


@blueprint.post("/messages/<chat_id>")
@allow(Who.PARTY, label="Send this message")
async def send(chat_id: str) -> ResponseReturnValue:
    """Send a message; of a form sent twice, once. After an error the text is shown again."""
    chat = await services().chats.get(ChatId(chat_id), by=me().id)
    form = await read_form()
    try:
        await deliver(chat, form)
    except (Invalid, Conflict, Forbidden) as error:
        return await refused(error, chat, form=form)
    return redirect(_back(chat_id, form), 303)


async def refused(error: OneHourError, chat: Chat, **page: Any) -> tuple[str, int]:
    """The page with the form again, and the reason."""
    fields = error.fields if isinstance(error, Invalid) else {}
    html = await chat_page(chat, errors=fields, problem="" if fields else error.message, **page)
    return html, 429 if isinstance(error, TooManyMessages) else status_of(error)


async def deliver(chat: Chat, form: FormFields) -> None:
    """Send the message of a form. Raises as `MessageService.send`."""
    files = await field_values("files")
    await services().messages.send(
        chat.id,
        by=me().id,
        body=form.get("body", ""),
        client_id=form.get("client_id") or new_client_id(),
        reply_to=number(form.get("reply_to")) or None,
        files=files,
    )


def _back(chat_id: str, form: FormFields) -> str:
    """The page with the form: the conversation, or the booking that shows it."""
    booking = form.get("booking", "")
    if booking:
        return url_for("bookings.show", booking_id=booking) + "#chat"
    return url_for(".show", chat_id=chat_id)


@blueprint.post("/messages/<chat_id>/<int:seq>/edit")
@allow(Who.PARTY, page="chats.show", label="Change this message")
async def edit(chat_id: str, seq: int) -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().messages.edit(ChatId(chat_id), seq, by=me().id, body=form.get("body", ""))
    except (Invalid, Conflict, Forbidden) as error:
        chat = await services().chats.get(ChatId(chat_id), by=me().id)
        return await refused(error, chat, form=form, editing=seq)
    return _to_message(chat_id, seq)


@blueprint.post("/messages/<chat_id>/<int:seq>/delete")
@allow(Who.PARTY, page="chats.show", label="Delete this message")
async def delete(chat_id: str, seq: int) -> ResponseReturnValue:
    try:
        await services().messages.delete(ChatId(chat_id), seq, by=me().id)
    except (Conflict, Forbidden) as error:
        return await refused(error, await services().chats.get(ChatId(chat_id), by=me().id))
    return _to_message(chat_id, seq)


@blueprint.post("/messages/<chat_id>/read")
@allow(Who.PARTY, page="chats.show", keeps=False)
async def read(chat_id: str) -> ResponseReturnValue:
    seq = number((await read_form()).get("seq"))
    await services().chats.read(ChatId(chat_id), seq, by=me().id)
    return redirect(url_for(".show", chat_id=chat_id), 303)


@blueprint.post("/messages/<chat_id>/block")
@allow(Who.PARTY, page="chats.show", label="Block this person")
async def block(chat_id: str) -> ResponseReturnValue:
    await services().chats.block(ChatId(chat_id), by=me().id)
    return redirect(url_for(".show", chat_id=chat_id), 303)


@blueprint.post("/messages/<chat_id>/unblock")
@allow(Who.PARTY, page="chats.show", label="End your block")
async def unblock(chat_id: str) -> ResponseReturnValue:
    await services().chats.unblock(ChatId(chat_id), by=me().id)
    return redirect(url_for(".show", chat_id=chat_id), 303)


@blueprint.get("/messages/<chat_id>/lines")
@allow(Who.PARTY)
async def lines(chat_id: str) -> str:
    """A part of the history as an HTML fragment: the messages after or before a number, or one.
    With `statuses`, also what happened to bookings."""
    chat = await services().chats.get(ChatId(chat_id), by=me().id)
    other = await other_of(chat)
    args = request.args
    history = await History.of(chat, other, with_statuses="before" in args or "statuses" in args)
    if "seq" in args:
        window = await history.one(number(args["seq"]))
    elif "before" in args:
        window = await history.before(number(args["before"]))
    else:
        window = await history.after(number(args.get("after")))
    shown = Conversation(chat=chat, other=other, window=window)
    return await render_template("chats/_lines.html", **words(shown))


@blueprint.get("/messages/<chat_id>/booking")
@allow(Who.PARTY)
async def booking(chat_id: str) -> str:
    """What the conversation is about now, as an HTML fragment."""
    chat = await services().chats.get(ChatId(chat_id), by=me().id)
    other = await other_of(chat)
    current = await current_booking(await bookings_of(chat), me())
    shown = Conversation(chat=chat, other=other, booking=current)
    return await render_template("chats/_aside.html", **words(shown))


async def chat_page(
    chat: Chat,
    *,
    form: FormFields | None = None,
    errors: FormFields | None = None,
    problem: str = "",
    editing: int = 0,
    other: Account | None = None,
    opens: str = "",
    action: str = "",
) -> str:
    """The page of a conversation. `problem` is the reason why an action failed; `action` is where
    the form is sent to while the conversation is not stored, and `opens` what the API opens it
    with."""
    other = other or await other_of(chat)
    history = await History.of(chat, other)
    args = request.args
    at, before, text = number(args.get("at")), number(args.get("before")), args.get("q", "")
    if at:
        window = await history.around(at)
    else:
        window = await (history.before(before) if before else history.newest())
    listed, following = await rows(None)
    action = action or url_for("chats.send", chat_id=chat.id)
    editing = editing or number(args.get("edit")) or _kept_edit(chat)
    editor = url_for("chats.edit", chat_id=chat.id, seq=editing)
    form = form or refilled(action, editor, *_first_actions(), place="compose") or {}
    answering = number(form.get("reply_to") or args.get("reply"))
    return await render_template(
        "chats/show.html",
        rows=listed,
        following=next_cursor(following),
        action=action,
        form=typed(form),
        errors=errors or {},
        problem=problem,
        searched=text,
        reported="reported" in args,
        searching="q" in args and not opens,
        excerpt=excerpt,
        found=await _found(history, text) if not opens else [],
        **words(
            replace(
                await conversation(history, other, window),
                answered=await history.quote(answering),
                edited=await history.own(editing),
                unsent=await services().message_files.unsent(chat.id, by=me().id),
                chosen=await _chosen(),
                opens=opens,
            )
        ),
    )


async def _chosen() -> list[str]:
    """The ids of the files that a form had chosen, which is shown again."""
    if request.method == "POST":
        return await field_values("files")
    return resumed_values("files")


def _kept_edit(chat: Chat) -> int:
    """The number of the message whose change was not accepted yet (`web/shared/kept_forms.py`)."""
    kept = resumed()
    path = re.fullmatch(rf"/messages/{chat.id}/(\d+)/edit", kept.kept.action) if kept else None
    return number(path[1]) if path else 0


def _first_actions() -> list[str]:
    """Where a kept first message was sent to, before the conversation was stored."""
    kept = resumed()
    first = kept and re.fullmatch(
        r"/messages/with/[^/]+|/bookings/[^/]+/messages", kept.kept.action
    )
    return [first[0]] if first else []


async def _found(history: History, text: str) -> list[Any]:
    if not text.strip():
        return []
    messages = await services().messages.search(
        history.chat.id, text, by=me().id, before=ABOVE_ALL, limit=FOUND_AT_MOST
    )
    return [history.reader.line_of(each, history.chat, {}, {}) for each in messages]


def words(shown: Conversation) -> dict[str, Any]:
    """What the templates of a conversation need."""
    return {
        "conversation": shown,
        "chat": shown.chat,
        "rendered": rendered,
        "client_id": new_client_id(),
        "contact_warning": CONTACT_WARNING,
        "message_maximum": services().chats.policy.message_maximum,
    }


def number(text: str | None) -> int:
    """The number of a message in a query or a form; 0 for any other text."""
    typed = text or ""
    is_number = typed.isascii() and typed.isdecimal() and len(typed) < 11
    return min(int(typed), ABOVE_ALL - 1) if is_number else 0


def new_client_id() -> str:
    """The id of the next message of a form, so that it is stored once when it is sent twice."""
    return f"form-{secrets.token_urlsafe(12)}"


def _to_message(chat_id: str, seq: int) -> ResponseReturnValue:
    return redirect(url_for(".show", chat_id=chat_id) + f"#m{seq}", 303)
