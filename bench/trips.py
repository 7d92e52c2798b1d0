"""How often a request of an account asks the database: counted, where others are timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
from pymongo import DESCENDING, monitoring

from bench.people import API, PASSWORD, WRONG, people
from bench.scenarios import Market
from bench.stage import Stage
from core.codes import Purpose
from onehour.application import Application
from onehour.settings import Settings
from services.accounts.codes import CodeGenerator

HEAD = f"{'round trips of':<44}{'in all':>7}  which"


class Ear(monitoring.CommandListener):
    """Hears every command that a driver made after it was registered sends."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        of = event.command.get(event.command_name)
        self.heard.append(f"{event.command_name} {of}" if isinstance(of, str) else "commit")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """How long it took is measured elsewhere."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """A command that failed was a round trip, too."""


class Visitor:
    """A browser, or a program that keeps no cookies, and what its requests ask the database."""

    def __init__(self, application: Application, base_url: str, ear: Ear, number: int) -> None:
        """Each `number` has a network address of its own, so none finds another's tries."""
        transport = httpx.ASGITransport(application.asgi, client=(f"192.0.2.{number}", 50_000))
        self._http = httpx.AsyncClient(transport=transport, base_url=f"{base_url}{API}")
        self._ear = ear
        self._form: dict[str, str] = {}

    async def load(self) -> None:
        self._form = {"X-CSRF-Token": (await self._http.get("/csrf")).json()["token"]}

    async def ask(
        self, name: str, method: str, path: str, body: object = None, *, bearer: str = ""
    ) -> Mapping[str, Any]:
        """The answer; one line is printed."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else self._form
        self._ear.heard.clear()
        answer = await self._http.request(method, path, json=body, headers=headers)
        heard = list(self._ear.heard)
        which = ", ".join(f"{times} {what}" for what, times in Counter(heard).items())
        print(f"{f'{name} ({answer.status_code})':<44}{len(heard):>7}  {which}")
        found: Mapping[str, Any] = answer.json()
        return found

    async def close(self) -> None:
        await self._http.aclose()


async def round_trips(stage: Stage, market: Market) -> None:
    """Prints the doors of an account, with one that has a second factor and one that has not."""
    (plain,) = await people(market.store, stage, "tripplain", 1, rounds=4)
    (careful,) = await people(market.store, stage, "tripfactor", 1, rounds=4, factor=True)
    ear = Ear()
    monitoring.register(ear)
    settings = Settings.load(stage.environ, None)
    application = Application(settings)
    code_generator = CodeGenerator(key=settings.secret_key.encode())
    visitors = [Visitor(application, stage.base_url, ear, n) for n in range(5)]
    print(f"\n{HEAD}\n{'-' * len(HEAD)}")
    try:
        await _client(visitors[0], plain)
        await _developer(visitors[1], careful, code_generator, market)
        await _program(visitors[2], plain)
        await _wrong(visitors[3], "log-in, wrong password", plain)
        await _wrong(visitors[4], "log-in, unknown address", "nobody@bench.example.com")
    finally:
        for visitor in visitors:
            await visitor.close()
        await application.stop()


async def _client(browser: Visitor, email: str) -> None:
    await browser.load()
    form = {"email": email, "password": PASSWORD}
    await browser.ask("log-in", "POST", "/auth/login", form)
    await browser.ask("who am I, by cookie", "GET", "/me")
    await browser.ask("log-out", "POST", "/auth/logout", {})


async def _wrong(browser: Visitor, name: str, email: str) -> None:
    await browser.load()
    await browser.ask(name, "POST", "/auth/login", {"email": email, "password": WRONG})


async def _developer(
    browser: Visitor, email: str, code_generator: CodeGenerator, market: Market
) -> None:
    await browser.load()
    form = {"email": email, "password": PASSWORD}
    await browser.ask("log-in, second factor owed", "POST", "/auth/login", form)
    code = await _mailed_code(market, code_generator, email)
    await browser.ask("its mailed code", "POST", "/auth/otp/verify", {"code": code})


async def _program(program: Visitor, email: str) -> None:
    form = {"email": email, "password": PASSWORD}
    tokens = await program.ask("tokens for a password", "POST", "/auth/token", form)
    await program.ask("who am I, by token", "GET", "/me", bearer=tokens["access_token"])
    renew = {"refresh_token": tokens["refresh_token"]}
    await program.ask("the next tokens", "POST", "/auth/token/refresh", renew)


async def _mailed_code(market: Market, code_generator: CodeGenerator, email: str) -> str:
    """What the mail would show, made from the row of the effect that is to send it."""
    wanted = {"kind": "accounts.mail", "payload.email": email, "payload.purpose": Purpose.LOG_IN}
    owed = await market.database["effects"].find_one(wanted, sort=[("due_at", DESCENDING)])
    assert owed is not None
    return code_generator.code(owed["payload"]["code"], owed["payload"]["nonce"])
