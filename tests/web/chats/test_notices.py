"""The notification about messages that were not read."""

from __future__ import annotations

from datetime import timedelta

from core.accounts import AccountId
from tests.app import MemoryApp
from tests.web.notifications.lists import browser_of, listed


async def test_it_names_the_writer_and_opens_the_chat(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    chat = await app.services.chats.open_with_developer(lucia.id, by=meera.id)
    await app.services.messages.send(chat.id, by=meera.id, body="Hello.", client_id="m-1")
    await app.services.chat_summaries.settle()

    await app.pass_time(timedelta(minutes=16))

    reader = await app.store.repositories.accounts.get(AccountId(lucia.account_id))
    (entry,) = (await listed(await browser_of(app, reader)))["items"]
    assert (entry["kind"], entry["heading"]) == ("unread_messages", "Meera Krishnan wrote to you")
    assert entry["detail"] == "You had not read it a while later."
    assert entry["url"] == f"{app.site}/messages/{chat.id}"
