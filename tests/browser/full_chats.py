"""Conversations of the full site: with code, an answer, an edited and a deleted message, a warning,
files, unread messages, and one that is blocked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO

from PIL import Image

from core.accounts import Account
from core.chats import Chat, ChatId
from core.developers import Developer
from core.files import Purpose
from tests.app import MemoryApp
from tests.builders.files import final

MINUTE = timedelta(minutes=1)
PLAN = """Good morning. Please run this before we meet, it **changes nothing**:

```sql
EXPLAIN (ANALYZE, BUFFERS)
SELECT date_trunc('month', placed_at), sum(total) -- months of one shop, as reported
  FROM orders
 WHERE shop_id = 42
 GROUP BY 1;
```"""
STEPS = """Thank you. It reads 40 million rows to keep 90,000 of them:

1. an index on `shop_id` and the month
2. the filter *before* the join

See https://www.postgresql.org/docs/current/using-explain.html"""


async def say(
    app: MemoryApp,
    chat: Chat,
    by: str,
    body: str,
    *,
    reply_to: int | None = None,
    files: Sequence[str] = (),
) -> int:
    """The number of the message."""
    app.clock.advance(MINUTE)
    sent = await app.services.messages.send(
        chat.id,
        by=by,
        body=body,
        client_id=app.ids.new("local"),
        reply_to=reply_to,
        files=files,
    )
    await app.services.chat_summaries.settle()
    return sent.seq


async def write_chats(
    app: MemoryApp, people: dict[str, Account], developers: dict[str, Developer]
) -> tuple[dict[str, ChatId], str]:
    """The ids of the conversations by a short name, and that of a report."""
    meera, lucia = people["Meera"].id, developers["Lucía"]
    chats = app.services.chats
    long = await chats.open_with_developer(lucia.id, by=meera)
    await _long(app, long, meera, lucia.account_id)
    asked = await chats.open_with_developer(developers["Arjun"].id, by=meera)
    await say(app, asked, meera, "Do you also know Django 5? Write to meera@example.com.")
    await _files(app, asked, meera)
    for text in ("Yes, since the first beta.", "Which part is it about?"):
        await say(app, asked, developers["Arjun"].account_id, text, reply_to=2)
    blocked = await chats.open_with_developer(lucia.id, by=people["Rohan"].id)
    await say(app, blocked, people["Rohan"].id, "Are you there?")
    await chats.block(blocked.id, by=lucia.account_id)
    report = await app.services.chat_reports.report(
        blocked.id, by=people["Rohan"].id, reason="Does not answer, and has blocked me."
    )
    return {"long": long.id, "asked": asked.id, "blocked": blocked.id}, report.id


async def _files(app: MemoryApp, chat: Chat, by: str) -> None:
    """A message that is only a picture, and one with a text and a file."""
    picture = BytesIO()
    Image.new("RGB", (900, 500), "teal").save(picture, "PNG")
    drawn = await final(app, by, picture.getvalue(), purpose=Purpose.CHAT, name="queries.png")
    plan = await final(app, by, purpose=Purpose.CHAT, name="report-plan-of-the-slow-month.txt")
    await say(app, chat, by, "", files=[drawn.id])
    await say(app, chat, by, "And the plan.", files=[plan.id])


async def _long(app: MemoryApp, chat: Chat, meera: str, lucia: str) -> None:
    question = "The slow part is the monthly report. Shall I prepare something?"
    asked = await say(app, chat, meera, question)
    await say(app, chat, lucia, PLAN)
    await say(app, chat, meera, "It takes 38 seconds.")
    await app.services.messages.edit(chat.id, 3, by=meera, body="It takes 38 seconds, always.")
    await say(app, chat, lucia, STEPS, reply_to=asked)
    wrong = await say(app, chat, meera, "Wrong window.")
    await app.services.messages.delete(chat.id, wrong, by=meera)
    await say(app, chat, meera, "A staging copy from last week. Is that enough?")
    await say(app, chat, lucia, "Yes, the staging copy is enough.")
    await app.services.chats.read(chat.id, 7, by=meera)
