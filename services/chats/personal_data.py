"""The messages of a person: exported; erased from the chats, which the other parties keep."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import ClassVar

from core.chat_reports import ChatReport
from core.chats import Chat
from core.messages import Message
from ports.store import Repositories, Store
from services.chats.presence import PRESENCE
from services.chats.reports import REPORTS
from services.shared.personal_data import PAGE, PersonalData, Subject, every
from services.shared.transactions import transact


class ChatData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {}
    withheld: ClassVar[Mapping[str, str]] = {
        "chats.last.text": "a copy of the newest message",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        account = subject.account.id
        chats = [chat async for chat in _chats(repositories, account)]
        messages = [
            message for chat in chats async for message in _sent_by(repositories, chat, account)
        ]
        presence = await repositories.documents(PRESENCE).find(account)
        return {
            "chats": chats,
            "messages": messages,
            "chat_reports": [each async for each in _reports(repositories, account)],
            "chat_presence": [presence] if presence else [],
        }

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        account = subject.account.id
        await repositories.documents(PRESENCE).remove(account)
        for report in [each async for each in _reports(repositories, account)]:
            await repositories.documents(REPORTS).remove(report.id)

    async def erase_history(self, store: Store, account_id: str) -> bool:
        async for chat in _chats(store.repositories, account_id):
            messages = store.repositories.messages
            last = [message async for message in _sent_by(store.repositories, chat, account_id)]
            if last:
                now = last[-1].at
                await messages.erase_sent_by(chat.id, account_id, now=now)
            await _erase_preview(store, chat)
        return False


async def _sent_by(repositories: Repositories, chat: Chat, account: str) -> AsyncIterator[Message]:
    after = 0
    while found := await repositories.messages.sent_by(chat.id, account, after=after, limit=PAGE):
        for message in found:
            yield message
        after = found[-1].seq


def _reports(repositories: Repositories, account: str) -> AsyncIterator[ChatReport]:
    return repositories.documents(REPORTS).each(reporter=account)


def _chats(repositories: Repositories, account: str) -> AsyncIterator[Chat]:
    return every(lambda cursor: repositories.chats.of_account(account, limit=PAGE, cursor=cursor))


async def _erase_preview(store: Store, chat: Chat) -> None:
    async def step(repositories: Repositories) -> None:
        current = await repositories.chats.get(chat.id)
        await repositories.chats.save(current.without_preview())

    await transact(store, step)
