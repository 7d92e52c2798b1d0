"""Chats: one conversation for each pair of a client and a developer."""

from pathlib import Path

from core.chats import TooManyMessages
from core.chats_messages import ReleaseFiles, SummariseChat, TellUnread
from core.chats_policy import ChatPolicy
from core.policy import MINUTE
from services.chats.attached import MessageFiles
from services.chats.messages import MessageService
from services.chats.personal_data import ChatData
from services.chats.presence import PRESENCE, PresenceService
from services.chats.reports import REPORTS, ChatReportService
from services.chats.service import ChatService
from services.chats.summaries import ChatSummaries
from services.chats.unread import NOTICES, UnreadNotices
from services.chats.writing import MessageWriter
from services.files import Attachments, UploadService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.rates import RateLimit

__all__ = [
    "CAPABILITY",
    "ChatReportService",
    "ChatService",
    "ChatSummaries",
    "MessageFiles",
    "MessageService",
    "PresenceService",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    policy = d.policies[ChatPolicy]
    summaries = ChatSummaries(store=d.store, live=d.live, clock=d.clock, policy=policy)
    service = ChatService(
        store=d.store, summaries=summaries, live=d.live, clock=d.clock, policy=policy
    )
    files = MessageFiles(
        store=d.store,
        attachments=built[Attachments],
        uploads=built[UploadService],
        clock=d.clock,
    )
    messages = MessageService(
        store=d.store,
        writer=MessageWriter(store=d.store, clock=d.clock),
        files=files,
        summaries=summaries,
        sending=_typed(policy),
        typing=_typed(policy),
        live=d.live,
        clock=d.clock,
        policy=policy,
    )
    notices = UnreadNotices(store=d.store, clock=d.clock, policy=policy)
    return {
        "chat_reports": ChatReportService(store=d.store, clock=d.clock, ids=d.ids),
        "presence": PresenceService(store=d.store, live=d.live, clock=d.clock),
        "chats": service,
        "messages": messages,
        "message_files": files,
        "chat_summaries": summaries,
        "chat_notices": notices,
    }


def _typed(policy: ChatPolicy) -> RateLimit:
    return RateLimit(at_most=policy.messages_per_minute, within=MINUTE, error=TooManyMessages)


CAPABILITY = Capability(
    name="chats",
    build=build,
    repositories=("chats", "messages"),
    documents=(REPORTS, PRESENCE),
    messages=(SummariseChat, TellUnread, ReleaseFiles),
    notices=NOTICES,
    templates=Path(__file__).parent / "templates",
    policy=ChatPolicy,
    personal_data=ChatData(),
)
