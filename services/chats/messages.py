"""The use cases of messages: send, read, change, search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.bookings import Status
from core.chats import Chat, ChatId, TooManyMessages
from core.chats_policy import ChatPolicy
from core.contact_data import has_contact_data
from core.errors import Errors, Invalid, NotFound
from core.messages import Draft, Message, checked_body, checked_client_id
from ports.clock import Clock
from ports.live import Live
from ports.store import Repositories, Store
from services.chats.access import chat_of_party
from services.chats.attached import MessageFiles
from services.chats.events import changed_event, message_event
from services.chats.summaries import ChatSummaries
from services.chats.writing import MessageWriter
from services.shared.rates import RateLimit
from services.shared.transactions import transact

PAID = frozenset({Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED})
WORDS_AT_MOST = 10
"""Words of one search."""
RECENT_BOOKINGS = 20
"""Bookings of a pair among which a paid one is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageService:
    """`by` is the acting account. Methods raise `NotFound` for one that is no party of the chat."""

    store: Store
    writer: MessageWriter
    files: MessageFiles
    summaries: ChatSummaries
    sending: RateLimit
    typing: RateLimit
    live: Live
    clock: Clock
    policy: ChatPolicy

    async def send(
        self,
        chat: ChatId,
        *,
        by: str,
        body: str,
        client_id: str,
        reply_to: int | None = None,
        files: Sequence[str] = (),
    ) -> Message:
        """Store a message and publish it. A `client_id` sent before returns the stored message.
        `files` are ids of own uploaded files; the body may be empty beside them.

        Durable when it returns. Raises `Invalid`, also for files that cannot be used,
        `FilesNotReady`, `TooManyMessages`, `Blocked` and `Unavailable`.
        """
        text = self._checked(body, client_id, files)
        now = self.clock.now()
        self.sending.count(by, now=now)
        flagged = has_contact_data(text) and await self._warns(chat, by)
        if reply_to is not None:
            await self._check_reply(chat, reply_to, by)
        draft = Draft(chat, client_id, by, text, now, reply_to, flagged, tuple(files))
        if files:
            draft = await self.files.attach(draft)
        stored = await self.writer.write(draft)
        await self.live.publish(f"chat:{chat}", "chat:message", message_event(stored))
        self.summaries.include(stored)
        return stored

    def _checked(self, body: str, client_id: str, files: Sequence[str]) -> str:
        """The text as it is stored. Raises `Invalid` with all wrong fields."""
        errors = Errors()
        with errors:
            text = checked_body(body, self.policy, files=files)
        with errors:
            checked_client_id(client_id)
        with errors:
            self.files.check_count(files)
        errors.check()
        return text

    async def after(self, chat: ChatId, seq: int, *, by: str, limit: int) -> tuple[Message, ...]:
        """The first messages after the number `seq`."""
        await chat_of_party(self.store.repositories, chat, by)
        return await self.store.repositories.messages.after(chat, seq, limit=limit)

    async def before(self, chat: ChatId, seq: int, *, by: str, limit: int) -> tuple[Message, ...]:
        """The last messages before the number `seq`, by number."""
        found = await chat_of_party(self.store.repositories, chat, by)
        messages = self.store.repositories.messages
        return await messages.before(chat, seq, limit=limit, known=found.last_seq)

    async def changed(
        self, chat: ChatId, after: int, *, by: str, limit: int
    ) -> tuple[Message, ...]:
        """Messages that were edited or deleted after the change number `after`, by change."""
        last = (await chat_of_party(self.store.repositories, chat, by)).changes
        changed = list[Message]()
        while after < last and len(changed) < limit:
            numbers = range(after + 1, min(last, after + limit) + 1)
            changed += await self._changed_by(chat, numbers)
            after = numbers[-1]
        return tuple(changed[:limit])

    async def _changed_by(self, chat: ChatId, numbers: range) -> list[Message]:
        """The messages whose last change is one of these, by change. One that has been changed
        again since the chat was read comes with that change, so that no other is passed over."""
        messages = self.store.repositories.messages
        seqs = await messages.changes(chat, numbers)
        found = await messages.many(chat, set(seqs.values()))
        changed = (message for message in found.values() if message.change in numbers)
        return sorted(changed, key=lambda message: message.change)

    async def last_seq(self, chat: Chat) -> int:
        """The number of the newest message, 0 without any: the summary may be a moment behind."""
        return await self.store.repositories.messages.last_seq(chat.id, known=chat.last_seq)

    def may_show_typing(self, *, by: str) -> bool:
        """Whether the other party is told that the account is typing: not more often than it could
        send messages."""
        try:
            self.typing.count(by, now=self.clock.now())
        except TooManyMessages:
            return False
        return True

    async def search(
        self, chat: ChatId, text: str, *, by: str, before: int, limit: int
    ) -> tuple[Message, ...]:
        """Messages with all words of the text, in their own text or in the names of their files,
        latest first; none without words."""
        await chat_of_party(self.store.repositories, chat, by)
        words = text.split()[:WORDS_AT_MOST]
        if not words:
            return ()
        messages = self.store.repositories.messages
        return await messages.search(chat, words, before=before, limit=limit)

    async def edit(self, chat: ChatId, seq: int, *, by: str, body: str) -> Message:
        """Change the text of an own message. Raises `TooLateToChange`, `MessageDeleted`,
        `Blocked` and `Invalid`."""
        now = self.clock.now()
        return await self._change(
            chat,
            seq,
            by,
            lambda found, change: found.edit(
                body, by=by, now=now, change=change, policy=self.policy
            ),
        )

    async def delete(self, chat: ChatId, seq: int, *, by: str) -> Message:
        """Delete the text and the files of an own message. Raises as `edit`."""
        now = self.clock.now()
        return await self._change(
            chat,
            seq,
            by,
            lambda found, change: found.delete(by=by, now=now, change=change, policy=self.policy),
        )

    async def _change(
        self, chat: ChatId, seq: int, by: str, change: Callable[[Message, int], Message]
    ) -> Message:
        async def step(repositories: Repositories) -> tuple[Message, Chat]:
            found = await chat_of_party(repositories, chat, by)
            found.check_open()
            message = await repositories.messages.get(chat, seq)
            changed = change(message, found.changes + 1)
            removed = set(message.files) - set(changed.files)
            await self.files.attachments.remove(repositories, sorted(removed))
            saved = await repositories.chats.save(found.with_change(changed))
            await repositories.messages.save(changed)
            return changed, saved

        changed, updated = await transact(self.store, step)
        event = "chat:deleted" if changed.deleted_at else "chat:edited"
        await self.live.publish(f"chat:{chat}", event, changed_event(changed))
        await self.summaries.publish(updated)
        return changed

    async def _warns(self, chat: ChatId, by: str) -> bool:
        """Whether the pair is warned about contact data: until a booking is paid."""
        if not self.policy.warn_before_payment:
            return False
        found = await chat_of_party(self.store.repositories, chat, by)
        bookings = await self.store.repositories.bookings.of_pair(
            found.client.account_id, found.developer_id, limit=RECENT_BOOKINGS
        )
        return not any(booking.status in PAID for booking in bookings)

    async def _check_reply(self, chat: ChatId, seq: int, by: str) -> None:
        await chat_of_party(self.store.repositories, chat, by)
        try:
            await self.store.repositories.messages.get(chat, seq)
        except NotFound as error:
            raise Invalid(reply_to="The message you answer does not exist.") from error
