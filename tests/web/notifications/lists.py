"""The list of a person as the API shows it."""

from __future__ import annotations

from typing import Any

from core.accounts import Account
from tests.app import MemoryApp
from tests.web.site import Browser, app_of


async def browser_of(app: MemoryApp, person: Account) -> Browser:
    """Logged in, with the code if the person needs one."""
    browser = Browser(app_of(app))
    await browser.look("/login")
    await browser.log_in(person)
    if person.factor:
        await app.run()
        form = {"code": app.code_for(person.email), "csrf_token": browser.token}
        answer = await browser.ask("POST", "/login/code", form=form)
        assert answer.status_code == 303
    return browser


async def listed(browser: Browser, query: str = "") -> dict[str, Any]:
    answer = await browser.ask("GET", f"/api/v1/notifications{query}")
    assert answer.status_code == 200, await answer.get_data(as_text=True)
    found: dict[str, Any] = await answer.get_json()
    return found
