"""Files of messages. A message is stored outside of transactions, so its files are attached to the
chat before; those of a message that never followed are removed later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.chats import ChatId
from core.chats_messages import ReleaseFiles
from core.files import Purpose, StoredFile
from core.messages import Draft
from core.outbox import NotDueYet, OutboxMessage, message
from ports.clock import Clock
from ports.store import Repositories, Store
from services.chats.access import chat_of_party
from services.files import Attachments, UploadService
from services.shared.outbox import handles
from services.shared.transactions import transact


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFiles:
    store: Store
    attachments: Attachments
    uploads: UploadService
    clock: Clock

    def check_count(self, files: Sequence[str]) -> None:
        """Raises `Invalid` for more files than a message may have, or the same one twice."""
        self.attachments.check_count(files, Purpose.CHAT)

    async def attach(self, draft: Draft) -> Draft:
        """Attach the files of the draft to its chat, before the message is stored; the draft with
        their names. It can be repeated, also for another message when the first one was not stored.
        A message that is stored has its files already.

        Raises `NotFound` for a sender who is no party, `Blocked`, and what `Attachments.attach`
        raises.
        """
        chat, by = ChatId(draft.chat), draft.sender
        messages = self.store.repositories.messages
        if await messages.sent_as(chat, by, [draft.client_id]):
            return draft
        found = await self.attachments.of(self.store.repositories, draft.files)
        unsent = await self._unsent(chat, by, tuple(found.values()))

        async def step(repositories: Repositories) -> None:
            (await chat_of_party(repositories, chat, by)).check_open()
            await self.attachments.attach(
                repositories,
                draft.files,
                by=by,
                purpose=Purpose.CHAT,
                to=chat,
                message=draft.client_id,
                unsent=[file.message for file in unsent],
            )
            await repositories.outbox.add(self._release_later(draft))

        await transact(self.store, step)
        return replace(draft, file_names=tuple(found[each].name for each in draft.files))

    async def unsent(self, chat: ChatId, *, by: str) -> tuple[StoredFile, ...]:
        """The files that the account can attach to its next message in the chat: uploaded ones, and
        those attached for a message that was not stored."""
        uploaded = await self.uploads.unused(by=by, purpose=Purpose.CHAT)
        attached = await self.attachments.latest(self.store.repositories, by=by, to=chat)
        return (*uploaded, *await self._unsent(chat, by, attached))

    @handles(ReleaseFiles)
    async def release(self, payload: ReleaseFiles) -> None:
        """Remove the files if the message was not stored. Raises `NotDueYet` if they have been
        attached again meanwhile."""
        chat, ids = ChatId(payload.chat), payload.files.split()
        messages = self.store.repositories.messages
        if await messages.sent_as(chat, payload.sender, [payload.client_id]):
            return

        async def step(repositories: Repositories) -> None:
            found = (await self.attachments.of(repositories, ids)).values()
            own = [each for each in found if each.message == payload.client_id]
            due = max((self._due(each.attached_at) for each in own), default=self.clock.now())
            if due > self.clock.now():
                raise NotDueYet(due)
            await self.attachments.remove(repositories, [file.id for file in own])

        await transact(self.store, step)

    async def _unsent(
        self, chat: ChatId, by: str, files: tuple[StoredFile, ...]
    ) -> tuple[StoredFile, ...]:
        """Those that are attached to the chat for a message that is not stored: one query."""
        attached = [file for file in files if file.owner == by and file.attached_to == chat]
        if not attached:
            return ()
        stored = await self.store.repositories.messages.sent_as(
            chat, by, [file.message for file in attached]
        )
        return tuple(file for file in attached if file.message not in stored)

    def _release_later(self, draft: Draft) -> OutboxMessage:
        payload = ReleaseFiles(draft.chat, draft.sender, draft.client_id, " ".join(draft.files))
        now = self.clock.now()
        key = f"{draft.chat}:{draft.sender}:{draft.client_id}:{now:%Y%m%d%H%M%S%f}"
        return message(payload, key, due_at=self._due(now))

    def _due(self, attached_at: datetime | None) -> datetime:
        return (attached_at or self.clock.now()) + self.attachments.policy.unused_life
