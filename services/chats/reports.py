"""Reports of conversations: made by a party, read and closed by administrators."""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts import Account, AccountActivity
from core.audit import audit_message
from core.chat_reports import AlreadyReported, ChatReport, checked_reason
from core.chats import Chat, ChatId
from core.errors import NotFound
from core.sessions import Caller
from ports.clock import Clock, Ids
from ports.documents import Documents, DocumentType, Order, Unique
from ports.store import Repositories, Store
from services.chats.access import chat_of_party
from services.shared.transactions import transact

REPORTS = DocumentType(
    "chat_reports",
    ChatReport,
    unique=(Unique(("chat", "reporter", "closed_at"), AlreadyReported),),
    orders=(
        Order("open", equals=("closed_at",), by=("at",)),
        Order("of_chat", equals=("chat",), by=("at",)),
        Order("of_reporter", equals=("reporter",), by=("at",)),
    ),
)
OF_CHAT_AT_MOST = 20
"""Reports of one conversation whose readings are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReportService:
    store: Store
    clock: Clock
    ids: Ids

    async def report(self, chat: ChatId, *, by: str, reason: str) -> ChatReport:
        """Report a conversation of the account. Raises `NotFound` for others, `Invalid`, and
        `AlreadyReported` while an own report is open."""
        text = checked_reason(reason)
        found = await chat_of_party(self.store.repositories, chat, by)
        made = ChatReport(self.ids.new("rep"), found.id, by, text, self.clock.now())
        return await self._documents(self.store.repositories).add(made)

    async def open_of(self, chat: ChatId, *, by: str) -> ChatReport | None:
        """The own report of the conversation that is open. Raises `NotFound` for others than the
        parties."""
        found = await chat_of_party(self.store.repositories, chat, by)
        return await self._open(self.store.repositories, found.id, by)

    async def take_back(self, chat: ChatId, *, by: str) -> ChatReport:
        """Close the own report of the conversation. Raises `NotFound` without an open one."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> ChatReport:
            found = await chat_of_party(repositories, chat, by)
            report = await self._open(repositories, found.id, by)
            if report is None:
                raise NotFound
            return await self._documents(repositories).save(report.close(by=by, now=now))

        return await transact(self.store, step)

    async def _open(self, repositories: Repositories, chat: str, by: str) -> ChatReport | None:
        reports = self._documents(repositories).each(chat=chat, reporter=by, closed_at=None)
        return await anext(reports, None)

    async def open_reports(
        self, *, limit: int, cursor: str | None = None
    ) -> tuple[tuple[ChatReport, ...], str | None]:
        """A page of the open reports, earliest first, for administrators."""
        documents = self._documents(self.store.repositories)
        return await documents.page("open", equals={"closed_at": None}, limit=limit, cursor=cursor)

    async def of_chat(self, chat: str) -> tuple[ChatReport, ...]:
        """The reports of a conversation, earliest first."""
        documents = self._documents(self.store.repositories)
        found, _ = await documents.page("of_chat", equals={"chat": chat}, limit=OF_CHAT_AT_MOST)
        return found

    async def read(self, report_id: str, *, by: Account, caller: Caller) -> tuple[ChatReport, Chat]:
        """The report and its conversation, for an administrator. That it was read is recorded with
        the report and in the audit trails of both parties. Raises `NotFound`."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> tuple[ChatReport, Chat]:
            documents = self._documents(repositories)
            report = await documents.get(report_id)
            chat = await repositories.chats.get(ChatId(report.chat))
            saved = await documents.save(report.read(now=now))
            entries = (
                audit_message(
                    AccountActivity.ADMIN_READ,
                    f"{saved.id}:{saved.version}",
                    account=account,
                    actor=by.id,
                    at=now,
                    address=caller.place,
                    device=caller.device,
                    chat=chat.id,
                )
                for account in chat.accounts
            )
            await repositories.outbox.add(*entries)
            return saved, chat

        return await transact(self.store, step)

    async def chat_of(self, report_id: str) -> ChatId:
        """The reported conversation, for administrators. Raises `NotFound`."""
        return ChatId((await self._documents(self.store.repositories).get(report_id)).chat)

    async def close(self, report_id: str, *, by: str) -> ChatReport:
        """The report needs no more work. Raises `NotFound`."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> ChatReport:
            documents = self._documents(repositories)
            report = await documents.get(report_id)
            closed = report.close(by=by, now=now)
            return await documents.save(closed) if closed != report else report

        return await transact(self.store, step)

    @staticmethod
    def _documents(repositories: Repositories) -> Documents[ChatReport]:
        return repositories.documents(REPORTS)
