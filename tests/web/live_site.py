"""The site with a user of every role behind a real HTTP server, for programs that test it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from hypercorn.asyncio import serve
from hypercorn.config import Config

from services.accounts import OtpNeeded
from tests.app import CALLER, PASSWORD
from tests.servers import free_port
from tests.web.every_role import SiteWithEveryRole, build_site_with_every_role

ROLES = ("client", "dev", "bothC", "admin")


@dataclass
class LiveSite:
    """`tokens` are access tokens by role, of sessions with a code entered just now."""

    url: str
    tokens: dict[str, str] = field(default_factory=dict)


@contextmanager
def live_site() -> Iterator[LiveSite]:
    """Served by a thread with a loop of its own until the end of the block."""
    site = LiveSite(f"http://127.0.0.1:{free_port()}")
    ready, stopped = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(site, ready, stopped)))
    thread.start()
    try:
        assert ready.wait(timeout=120), "the site did not start"
        yield site
    finally:
        stopped.set()
        thread.join()


async def _serve(site: LiveSite, ready: threading.Event, stopped: threading.Event) -> None:
    built = await build_site_with_every_role()
    built.restore(fresh=True)
    for role in ROLES:
        site.tokens[role] = await _token(built, role)
    config = Config()
    config.bind = [site.url.removeprefix("http://")]
    config.errorlog = None

    async def until_stopped() -> None:
        ready.set()
        while not stopped.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.05)

    await serve(built.quart_app, config, shutdown_trigger=until_stopped)


async def _token(built: SiteWithEveryRole, role: str) -> str:
    app, account = built.app, built.account(role)
    tokens = app.services.tokens
    otp = None
    if account.factor:
        app.clock.advance(timedelta(minutes=2))  # the next code may be sent
        with suppress(OtpNeeded):
            await tokens.issue(email=account.email, password=PASSWORD, otp=None, caller=CALLER)
        await app.run()
        otp = app.code_for(account.email)
    issued = await tokens.issue(email=account.email, password=PASSWORD, otp=otp, caller=CALLER)
    sessions = app.store.repositories.sessions
    for session in await sessions.of_account(account.id):
        await sessions.verify(session.id, now=app.clock.now())
    return issued.access
