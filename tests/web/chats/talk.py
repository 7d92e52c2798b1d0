"""Two people on the pages of chats, without scripts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core.accounts import Account, AccountId
from core.chats import Chat
from core.developers import Developer
from tests.app import MemoryApp, memory_app
from tests.web.site import Browser, app_of


@dataclass
class Talk:
    app: MemoryApp
    meera: Account
    lucia: Developer
    chat: Chat
    client: Browser
    developer: Browser

    @property
    def path(self) -> str:
        return f"/messages/{self.chat.id}"

    async def say(self, by: str, body: str, **more: Any) -> int:
        self.app.clock.advance(timedelta(seconds=10))
        sent = await self.app.services.messages.send(
            self.chat.id, by=by, body=body, client_id=self.app.ids.new("local"), **more
        )
        await self.app.services.chat_summaries.settle()
        return sent.seq


async def two_people() -> Talk:
    """A client and a developer, both logged in, with a chat."""
    app = memory_app()
    meera, _ = await app.client("Meera Krishnan")
    lucia = await app.developer("Lucía Fernández")
    accounts = app.store.repositories.accounts
    found = await accounts.get(AccountId(lucia.account_id))
    account = await accounts.save(replace(found, two_factor=False))
    chat = await app.services.chats.open_with_developer(lucia.id, by=meera.id)
    quart_app = app_of(app)
    browsers = [Browser(quart_app), Browser(quart_app)]
    for browser, person in zip(browsers, (meera, account), strict=True):
        await browser.look("/login")
        await browser.log_in(person)
    return Talk(app, meera, lucia, chat, *browsers)


async def send(browser: Browser, path: str, **form: str) -> tuple[int, str, str]:
    """Status, target and page of a form sent from the page with the token."""
    answer = await browser.ask("POST", path, form={**form, "csrf_token": browser.token})
    target = answer.headers.get("Location", "")
    return answer.status_code, target, await answer.get_data(as_text=True)


async def log_in_admin(talk: Talk, asha: Account) -> Browser:
    admin = Browser(talk.client.quart_app)
    await admin.look("/login")
    await admin.log_in(asha)
    await talk.app.run()
    code = talk.app.code_for(asha.email)
    await admin.ask("POST", "/login/code", form={"code": code, "csrf_token": admin.token})
    return admin
