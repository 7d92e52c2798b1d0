"""Tells people about messages that they have not read."""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts import AccountId
from core.chats import Chat, ChatId
from core.chats_messages import TellUnread
from core.chats_policy import ChatPolicy
from core.notifications import NotifyAccount
from core.outbox import NotDueYet, message
from ports.clock import Clock
from ports.store import Repositories, Store
from services.shared.notices import MESSAGES, Notice, NoticeReader
from services.shared.outbox import handles
from services.shared.transactions import transact


@dataclass(frozen=True, slots=True)
class UnreadMessages:
    """What the e-mail shows: `name` has written `count` messages, the newest of which begins with
    `text`, or has `files`; `url` is the page of the chat."""

    name: str
    count: int
    text: str
    files: int
    url: str


async def unread_messages(
    repositories: Repositories, reader: NoticeReader
) -> UnreadMessages | None:
    """None if everything has been read meanwhile."""
    chat = await repositories.chats.find(ChatId(reader.delivery.subject))
    if chat is None or chat.last is None or not chat.unread(reader.account.id):
        return None
    other = await repositories.accounts.get(AccountId(chat.other(reader.account.id).account_id))
    url = f"{reader.site}/messages/{chat.id}"
    count = chat.unread(reader.account.id)
    return UnreadMessages(other.name, count, chat.last.text, chat.last.files, url)


NOTICES = (
    Notice(
        "unread_messages",
        "chats/unread_messages",
        MESSAGES,
        context=unread_messages,
        unless_read=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadNotices:
    """An outbox handler, once for messages that stay unread for a while."""

    store: Store
    clock: Clock
    policy: ChatPolicy

    @handles(TellUnread)
    async def tell(self, payload: TellUnread) -> None:
        """Send one notice about everything unread, unless it has been read. Raises `NotDueYet`."""
        await transact(self.store, lambda repositories: self._tell(repositories, payload))

    async def _tell(self, repositories: Repositories, payload: TellUnread) -> Chat | None:
        chat, now = await repositories.chats.get(ChatId(payload.chat)), self.clock.now()
        if chat.tell_at(payload.account, chat.listed_at, self.policy) is None:
            return None
        told_at = chat.member(payload.account).told_at
        if told_at and now < told_at + self.policy.digest_again_after:
            raise NotDueYet(told_at + self.policy.digest_again_after)
        fact = f"{chat.id}:{chat.last_seq}"
        notice = NotifyAccount("unread_messages", payload.account, fact=fact, subject=chat.id)
        await repositories.outbox.add(message(notice, f"{fact}:{payload.account}", due_at=now))
        return await repositories.chats.save(chat.tell(payload.account, now=now))
