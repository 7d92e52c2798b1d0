"""A browser without scripts, for the site in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from typing import Any

from quart import Quart, Response

from core.accounts import Account
from onehour.testing.steps.parts import PASSWORD

HOST = "onehour.test"
TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')


@dataclass
class Browser:
    """With cookies, and the last page's token for forms; requests use https."""

    quart_app: Quart
    jar: dict[str, str] = field(default_factory=dict)
    set_cookies: list[str] = field(default_factory=list)
    token: str = ""

    async def ask(self, method: str, path: str, **more: Any) -> Response:
        """Send a request: `form`, `json`, `data` and `headers` as in Quart's test client."""
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.jar.items())}
        headers |= more.pop("headers", {})
        client = self.quart_app.test_client(use_cookies=False)
        answer: Response = await client.open(
            path, method=method, headers={"Host": HOST, **headers}, scheme="https", **more
        )
        for line in answer.headers.getlist("Set-Cookie"):
            self.set_cookies.append(line)
            self.jar |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer

    async def look(self, path: str) -> tuple[Response, str]:
        """The page of this path, and its HTML."""
        answer = await self.ask("GET", path)
        html = await text_of(answer)
        if found := TOKEN.search(html):
            self.token = unescape(found[1])
        return answer, html

    async def send(self, path: str, **form: str) -> tuple[Response, str]:
        """Send a form with the token of the last page: the answer, and its HTML."""
        answer = await self.ask("POST", path, form={"csrf_token": self.token, **form})
        return answer, await text_of(answer)

    async def log_in(self, account: Account) -> None:
        """With the password of all accounts in tests, on the log-in page that was looked at."""
        answer, html = await self.send("/login", email=account.email, password=PASSWORD)
        assert answer.status_code in (302, 303), html


async def text_of(answer: Response) -> str:
    """The text of an answer; empty for a ZIP."""
    if answer.mimetype in ("application/zip", "application/pdf"):
        return ""
    return await answer.get_data(as_text=True)
