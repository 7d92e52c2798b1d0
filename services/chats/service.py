"""The use cases of chats: open one, list them, mark them as read, block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.bookings import BookingId
from core.chats import Chat, ChatId, TooManyChats, chat_id
from core.chats_policy import ChatPolicy
from core.developers import DeveloperId
from core.errors import Forbidden, NotFound
from core.messages import ABOVE_ALL
from ports.clock import Clock
from ports.live import Live
from ports.store import Duplicate, Repositories, Store
from services.chats.access import chat_of_party
from services.chats.summaries import ChatSummaries
from services.shared.ownership import booking_of_party
from services.shared.transactions import transact

UNREAD_AT_MOST = 100
"""Chats with unread messages are counted up to this number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatService:
    """`by` is the acting account. Methods raise `NotFound` for one that is no party of the chat."""

    store: Store
    summaries: ChatSummaries
    live: Live
    clock: Clock
    policy: ChatPolicy

    async def open_with_developer(self, developer_id: DeveloperId, *, by: str) -> Chat:
        """The chat of a client with a developer, made if there is none. Raises `NotFound` for a
        profile that is not published, `Forbidden` for an account that is no client, `OwnProfile`
        and `TooManyChats`."""
        found = await self.store.repositories.chats.find(chat_id(by, developer_id))
        if found:
            return found
        developer = await self.store.repositories.developers.get(developer_id)
        if not developer.published:
            raise NotFound
        chat = Chat.of(by, developer_id, developer.account_id, now=self.clock.now())
        if await self.store.repositories.clients.find_by_account(by) is None:
            raise Forbidden("Only clients can write to a developer first.")
        await self._count_new(by)
        return await self._add(chat)

    async def open_for_booking(self, booking_id: BookingId, *, by: str) -> Chat:
        """The chat of the two parties of a booking, made if there is none."""
        booking = await booking_of_party(self.store.repositories, booking_id, by)
        developer = DeveloperId(booking.developer.id)
        client = booking.client.account_id
        found = await self.store.repositories.chats.find(chat_id(client, developer))
        now = self.clock.now()
        made = Chat.of(client, developer, booking.developer.account_id, now=now)
        return found or await self._add(made)

    async def open_with_client(self, client_account: str, *, by: str) -> Chat:
        """The chat of a developer with a client who has booked or written before. Raises `NotFound`
        for others."""
        developer = await self.store.repositories.developers.find_by_account(by)
        if developer is None:
            raise NotFound
        found = await self.store.repositories.chats.find(chat_id(client_account, developer.id))
        if found:
            return found
        bookings = await self.store.repositories.bookings.of_pair(
            client_account, developer.id, limit=1
        )
        if not bookings:
            raise NotFound
        return await self.open_for_booking(bookings[0].id, by=by)

    async def get(self, chat: ChatId, *, by: str) -> Chat:
        return await chat_of_party(self.store.repositories, chat, by)

    async def page(
        self, *, by: str, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Chat, ...], str | None]:
        """Chats of the account with messages, latest message first, and the next cursor."""
        return await self.store.repositories.chats.of_account(by, limit=limit, cursor=cursor)

    async def unread_count(self, *, by: str) -> int:
        """How many chats have unread messages, at most `UNREAD_AT_MOST`."""
        return await self.store.repositories.chats.unread_count(by, at_most=UNREAD_AT_MOST)

    async def read(self, chat: ChatId, seq: int, *, by: str) -> Chat:
        """Mark everything up to `seq` as read, in all tabs and devices. Marks never go back."""

        async def step(repositories: Repositories) -> tuple[Chat, bool]:
            found = await chat_of_party(repositories, chat, by)
            if seq > found.last_seq:  # the summary is a moment behind
                found = await self._up_to_date(repositories, found)
            marked = found.read_up_to(seq, by)
            if marked.member(by) == found.member(by):
                return found, False
            return await repositories.chats.save(marked), True

        found, is_new = await transact(self.store, step)
        if is_new:
            data = {"chat": chat, "account": by, "seq": found.member(by).read}
            await self.live.publish(f"chat:{chat}", "chat:read", data)
            await self.summaries.publish(found)
        return found

    async def block(self, chat: ChatId, *, by: str) -> Chat:
        """Nobody can write in the chat until `unblock`."""
        return await self._save(chat, by, lambda found: found.block(by))

    async def unblock(self, chat: ChatId, *, by: str) -> Chat:
        """Without effect on a block by the other party."""
        return await self._save(chat, by, lambda found: found.unblock(by))

    async def _add(self, chat: Chat) -> Chat:
        try:
            return await self.store.repositories.chats.add(chat)
        except Duplicate:  # the other party, or another request, was first
            return await self.store.repositories.chats.get(chat.id)

    async def _count_new(self, by: str) -> None:
        """Raises `TooManyChats`."""
        count = await self.store.repositories.throttles.increment(
            f"new-chats:{by}", window=self.policy.new_chats_window, now=self.clock.now()
        )
        if count > self.policy.new_chats:
            raise TooManyChats

    async def _save(self, chat: ChatId, by: str, change: Callable[[Chat], Chat]) -> Chat:
        async def step(repositories: Repositories) -> Chat:
            found = await chat_of_party(repositories, chat, by)
            changed = change(found)
            return await repositories.chats.save(changed) if changed != found else found

        saved = await transact(self.store, step)
        await self.summaries.publish(saved)
        return saved

    async def _up_to_date(self, repositories: Repositories, chat: Chat) -> Chat:
        newest = await repositories.messages.before(
            chat.id, ABOVE_ALL, limit=1, known=chat.last_seq
        )
        return chat.with_newest(newest[0], sent={}) if newest else chat
