"""Wording of notifications about messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.notifications import Notification
from web.shared.context import dependencies, me
from web.shared.notices import NoticeLine, NoticeWords


async def _writers(entries: Sequence[Notification]) -> Mapping[str, str]:
    """The name of the other party of each entry's chat: two reads for all of them."""
    repositories, viewer = dependencies().store.repositories, me().id
    chats = await repositories.chats.many(sorted({each.subject for each in entries}))
    others: dict[str, str] = {
        chat.id: chat.other(viewer).account_id for chat in chats.values() if viewer in chat.accounts
    }
    people = await repositories.accounts.many(sorted(set(others.values())))
    return {
        each.id: people[others[each.subject]].name
        for each in entries
        if each.subject in others and others[each.subject] in people
    }


def _unread_messages(entry: Notification, name: str) -> NoticeLine:
    return NoticeLine(
        f"{name} wrote to you", "You had not read it a while later.", f"/messages/{entry.subject}",
        "message-square",
    )  # fmt: skip


NOTICES = NoticeWords({"unread_messages": _unread_messages}, _writers)
