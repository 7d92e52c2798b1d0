"""What the pages of chats show: the list of conversations, and one conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.accounts import Account, AccountId, first_name
from core.chats import Chat
from core.files import StoredFile
from core.messages import Message
from core.presence import Presence
from web.chats.history import History, Window
from web.chats.lines import Quote
from web.chats.statuses import CurrentBooking, current_booking
from web.shared.context import dependencies, me, services


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation of the list."""

    chat: Chat
    other: Account
    unread: int
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation for one of its parties. `opens` is what the API needs to open it, while it is
    not stored yet. `answered` is the message that the composer answers, `edited` the one that it
    changes. `unsent` are sent files that no message has, `chosen` the ids of those that its form
    without scripts has chosen."""

    chat: Chat
    other: Account
    window: Window = field(default_factory=Window)
    booking: CurrentBooking | None = None
    opens: str = ""
    answered: Quote | None = None
    edited: Message | None = None
    presence: Presence | None = None
    unsent: Sequence[StoredFile] = ()
    chosen: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The first name of the other party."""
        return first_name(self.other.name)

    @property
    def read(self) -> int:
        return self.chat.member(me().id).read

    @property
    def blocked_by_me(self) -> bool:
        return me().id in self.chat.blocked_by


async def rows(cursor: str | None) -> tuple[list[Row], str | None]:
    """A page of the viewer's conversations with messages, latest first: two reads."""
    found, following = await services().chats.page(by=me().id, cursor=cursor)
    others = [chat.other(me().id).account_id for chat in found]
    people = await dependencies().store.repositories.accounts.many(sorted(set(others)))
    listed = [
        Row(
            chat,
            people[other],
            chat.unread(me().id),
            chat.last is not None and chat.last.sender == me().id,
        )
        for chat, other in zip(found, others, strict=True)
    ]
    return listed, following


async def other_of(chat: Chat) -> Account:
    other = AccountId(chat.other(me().id).account_id)
    return await dependencies().store.repositories.accounts.get(other)


async def conversation(history: History, other: Account, window: Window) -> Conversation:
    """Two reads for the booking, and one for the presence of the other party."""
    booking = await current_booking(history.bookings or (), me())
    presence = await services().presence.of_account(other.id)
    return Conversation(
        chat=history.chat, other=other, window=window, booking=booking, presence=presence
    )
