"""How many database commands the requests of signing in make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
from pymongo import DESCENDING, monitoring

from bench.accounts import API, PASSWORD, WRONG, add_accounts
from bench.scenarios import Dataset
from bench.system import SystemUnderTest
from core.codes import Purpose
from onehour.application import Application
from onehour.settings import Settings
from services.accounts.codes import CodeGenerator

HEAD = f"{'round trips of':<44}{'total':>7}  commands"


class CommandLog(monitoring.CommandListener):
    """Records the commands of every driver that is created after the listener is registered."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        of = event.command.get(event.command_name)
        self.commands.append(f"{event.command_name} {of}" if isinstance(of, str) else "commit")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Does nothing: times are in the other tables."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Does nothing: `started` has counted the round trip."""


class CountedClient:
    """A browser, or a program without cookies, that counts the commands of its requests."""

    def __init__(
        self, application: Application, base_url: str, log: CommandLog, number: int
    ) -> None:
        """Each `number` has its own network address, so that rate limits are separate."""
        transport = httpx.ASGITransport(application.asgi, client=(f"192.0.2.{number}", 50_000))
        self._http = httpx.AsyncClient(transport=transport, base_url=f"{base_url}{API}")
        self._log = log
        self._form: dict[str, str] = {}

    async def load(self) -> None:
        self._form = {"X-CSRF-Token": (await self._http.get("/csrf")).json()["token"]}

    async def ask(
        self, name: str, method: str, path: str, body: object = None, *, bearer: str = ""
    ) -> Mapping[str, Any]:
        """Sends the request, prints its commands, and returns the response."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else self._form
        self._log.commands.clear()
        answer = await self._http.request(method, path, json=body, headers=headers)
        commands = list(self._log.commands)
        which = ", ".join(f"{times} {what}" for what, times in Counter(commands).items())
        print(f"{f'{name} ({answer.status_code})':<44}{len(commands):>7}  {which}")
        found: Mapping[str, Any] = answer.json()
        return found

    async def close(self) -> None:
        await self._http.aclose()


async def round_trips(system: SystemUnderTest, dataset: Dataset) -> None:
    """Prints one line per request of signing in, without and with a second factor."""
    (plain,) = await add_accounts(dataset.store, system, "tripplain", 1, rounds=4)
    (careful,) = await add_accounts(dataset.store, system, "tripfactor", 1, rounds=4, factor=True)
    log = CommandLog()
    monitoring.register(log)
    settings = Settings.load(system.environ, None)
    application = Application(settings)
    code_generator = CodeGenerator(key=settings.secret_key.encode())
    clients = [CountedClient(application, system.base_url, log, n) for n in range(5)]
    print(f"\n{HEAD}\n{'-' * len(HEAD)}")
    try:
        await _client(clients[0], plain)
        await _developer(clients[1], careful, code_generator, dataset)
        await _program(clients[2], plain)
        await _wrong(clients[3], "log-in, wrong password", plain)
        await _wrong(clients[4], "log-in, unknown address", "nobody@bench.example.com")
    finally:
        for client in clients:
            await client.close()
        await application.stop()


async def _client(browser: CountedClient, email: str) -> None:
    await browser.load()
    form = {"email": email, "password": PASSWORD}
    await browser.ask("log-in", "POST", "/auth/login", form)
    await browser.ask("own account, by cookie", "GET", "/me")
    await browser.ask("log-out", "POST", "/auth/logout", {})


async def _wrong(browser: CountedClient, name: str, email: str) -> None:
    await browser.load()
    await browser.ask(name, "POST", "/auth/login", {"email": email, "password": WRONG})


async def _developer(
    browser: CountedClient, email: str, code_generator: CodeGenerator, dataset: Dataset
) -> None:
    await browser.load()
    form = {"email": email, "password": PASSWORD}
    await browser.ask("log-in, second factor missing", "POST", "/auth/login", form)
    code = await _mailed_code(dataset, code_generator, email)
    await browser.ask("second factor, e-mailed code", "POST", "/auth/otp/verify", {"code": code})


async def _program(program: CountedClient, email: str) -> None:
    form = {"email": email, "password": PASSWORD}
    tokens = await program.ask("access and refresh token", "POST", "/auth/token", form)
    await program.ask("own account, by token", "GET", "/me", bearer=tokens["access_token"])
    renew = {"refresh_token": tokens["refresh_token"]}
    await program.ask("refreshed tokens", "POST", "/auth/token/refresh", renew)


async def _mailed_code(dataset: Dataset, code_generator: CodeGenerator, email: str) -> str:
    """The code in the e-mail, computed from the outbox message that sends it."""
    wanted = {"kind": "accounts.mail", "payload.email": email, "payload.purpose": Purpose.LOG_IN}
    message = await dataset.database["effects"].find_one(wanted, sort=[("due_at", DESCENDING)])
    assert message is not None
    return code_generator.code(message["payload"]["code"], message["payload"]["nonce"])
