"""Chats and messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.chats import Chat, ChatId, Last, Member, chat_id
from core.developers import DeveloperId
from core.messages import Draft, Message
from core.policy import HOUR, MINUTE
from onehour.testing.samples.sample import NOW, Sample

CLIENT, DEVELOPER = "acc_1", "acc_2"


def a_chat(number: int = 1, **changes: Any) -> Chat:
    """A chat of `CLIENT` with a developer; `number` tells several apart."""
    profile = DeveloperId(f"dev_{number}")
    values: dict[str, Any] = {
        "id": chat_id(CLIENT, profile),
        "client": Member(CLIENT, read=2, told=1, told_at=NOW),
        "developer": Member(f"acc_{number + 1}", read=1, told=1, told_at=NOW),
        "developer_id": profile,
        "opened_at": NOW,
        "last_seq": 2,
        "last": Last(CLIENT, "The second message.", NOW + number * MINUTE, files=2),
        "changes": 3,
        "blocked_by": (DEVELOPER,),
    }
    return Chat(**{**values, **changes})


def a_draft(number: int = 1, *, chat: str = "cht_1", sender: str = CLIENT) -> Draft:
    at = NOW + number * MINUTE
    name, text = f"local-{number}", f"Text {number}."
    return Draft(chat, name, sender, text, at, files=("fil_1",), file_names=("plan.txt",))


def a_message() -> Message:
    return replace(
        Message.of(a_draft(), 1),
        reply_to=7,
        flagged=True,
        edited_at=NOW + HOUR,
        deleted_at=NOW + 2 * HOUR,
        change=3,
        files=("fil_1",),
        file_names=("plan.txt",),
    )


async def _write(repositories: Any) -> None:
    await repositories.messages.append([a_draft()], newest={})
    await repositories.messages.save(a_message())


SAMPLES = (
    Sample(
        "chats",
        a_chat(),
        lambda repositories: repositories.chats.add(a_chat()),
        lambda repositories: repositories.chats.get(ChatId(a_chat().id)),
    ),
    Sample(
        "messages",
        a_message(),
        _write,
        lambda repositories: repositories.messages.get("cht_1", 1),
    ),
    Sample(
        "message_changes",
        {3: 1},
        _write,
        lambda repositories: repositories.messages.changes("cht_1", [3]),
    ),
)
