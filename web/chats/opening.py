"""The first message to somebody: from a profile, or from a booking. Nothing is stored before it is
sent."""

from __future__ import annotations

from quart import Blueprint, redirect, request, url_for
from quart.typing import ResponseReturnValue

from core.bookings import Booking, BookingId
from core.chats import Chat, ChatId, chat_id
from core.developers import DeveloperId
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages import checked_body
from services.shared.ownership import booking_of_party
from web.chats.pages import chat_page, deliver, refused
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, now, services
from web.shared.forms import FormFields, field_values, read_form
from web.shared.kept_forms import PARAMETER

blueprint = Blueprint("chat_opening", __name__, template_folder="templates")


@blueprint.get("/messages/with/<developer_id>")
@allow(Who.CLIENT)
async def with_developer(developer_id: str) -> ResponseReturnValue:
    """The conversation of a client with a developer, also before its first message."""
    chat, is_stored = await _with_developer(developer_id)
    return _to(chat) if is_stored else await chat_page(chat, opens=opens(chat), action=request.path)


@blueprint.post("/messages/with/<developer_id>")
@allow(Who.CLIENT, label="Send this message")
async def write_to_developer(developer_id: str) -> ResponseReturnValue:
    form = await read_form()
    chat, _ = await _with_developer(developer_id)
    try:
        await _check(form)
        chat = await services().chats.open_with_developer(DeveloperId(developer_id), by=me().id)
        await deliver(chat, form)
    except (Conflict, Invalid, Forbidden) as error:
        return await refused(error, chat, form=form, opens=opens(chat), action=request.path)
    return _to(chat)


@blueprint.get("/bookings/<booking_id>/messages")
@allow(Who.PARTY)
async def of_booking(booking_id: str) -> ResponseReturnValue:
    """The conversation of the parties of a booking, also before its first message."""
    chat, is_stored = await for_booking(booking_id)
    return _to(chat) if is_stored else await chat_page(chat, opens=opens(chat), action=request.path)


@blueprint.post("/bookings/<booking_id>/messages")
@allow(Who.PARTY, label="Send this message")
async def write_for_booking(booking_id: str) -> ResponseReturnValue:
    form = await read_form()
    chat, _ = await for_booking(booking_id)
    try:
        await _check(form)
        chat = await services().chats.open_for_booking(BookingId(booking_id), by=me().id)
        await deliver(chat, form)
    except (Conflict, Invalid, Forbidden) as error:
        return await refused(error, chat, form=form, opens=opens(chat), action=request.path)
    return _to(chat)


async def _check(form: FormFields) -> None:
    """Raises `Invalid` for a form that could not be sent, before the conversation is opened."""
    files = await field_values("files")
    checked_body(form.get("body", ""), services().chats.policy, files=files)


async def _with_developer(developer_id: str) -> tuple[Chat, bool]:
    """The chat, and whether it is stored. Raises `NotFound` for a profile that is not published,
    and `OwnProfile`."""
    found = await stored(chat_id(me().id, DeveloperId(developer_id)))
    if found:
        return found, True
    developer = await dependencies().store.repositories.developers.get(DeveloperId(developer_id))
    if not developer.published:
        raise NotFound
    return Chat.of(me().id, developer.id, developer.account_id, now=now()), False


async def for_booking(booking_id: str) -> tuple[Chat, bool]:
    """The chat of the parties of a booking, and whether it is stored. Raises `NotFound` for others
    than the parties."""
    repositories = dependencies().store.repositories
    return await of_parties(await booking_of_party(repositories, BookingId(booking_id), me().id))


async def of_parties(booking: Booking) -> tuple[Chat, bool]:
    """As `for_booking`, of a booking that is already loaded."""
    client, developer = booking.client.account_id, DeveloperId(booking.developer.id)
    found = await stored(chat_id(client, developer))
    made = Chat.of(client, developer, booking.developer.account_id, now=now())
    return (found, True) if found else (made, False)


async def stored(chat: ChatId) -> Chat | None:
    return await dependencies().store.repositories.chats.find(chat)


def opens(chat: Chat) -> str:
    """What the API needs to open the chat: the id of the other party (`ChatRequest.with`)."""
    is_client = chat.client.account_id == me().id
    return chat.developer_id if is_client else chat.client.account_id


def _to(chat: Chat) -> ResponseReturnValue:
    """With the form that was kept at a log-in, if there is one."""
    resume = request.args.get(PARAMETER)
    return redirect(url_for("chats.show", chat_id=chat.id, resume=resume), 303)
