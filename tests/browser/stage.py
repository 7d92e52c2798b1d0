"""A house full of people for the walks through the site: every state a page can show."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import socketio
from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart

from core.accounts import Account, AccountId
from core.availability import Window
from core.developers import Developer
from tests.house import MemoryHouse, memory_house
from web.app import create_app, seal
from web.context import CheckoutPage, House, Site
from web.live import create_sockets

SCRIPT = "/static/js/menu.js"
"""Stands for the provider's script: loads from here and opens nothing."""
HOUR = timedelta(hours=1)


@dataclass
class Stage:
    """`bookings` names one booking per state; `people` are who can log in."""

    house: MemoryHouse
    url: str = ""
    people: dict[str, Account] = field(default_factory=dict)
    developers: dict[str, Developer] = field(default_factory=dict)
    bookings: dict[str, str] = field(default_factory=dict)


async def build_stage() -> Stage:
    stage = Stage(memory_house())
    for name, timezone, skills in (
        ("Lucía Fernández", "Europe/Madrid", ("PostgreSQL", "Performance")),
        ("Arjun Nair", "Asia/Kolkata", ("Django", "PostgreSQL")),
        ("Tomasz Kowalczyk", "Europe/Warsaw", ("Rust",)),
    ):
        await _developer(stage, name, timezone, skills)
    for name in ("Meera Krishnan", "Rohan Deshpande", "Nils Aasen"):
        stage.people[name.split()[0]], _ = await stage.house.client(name)
    await _past(stage)
    await _present(stage)
    return stage


async def _developer(stage: Stage, name: str, timezone: str, skills: tuple[str, ...]) -> None:
    house = stage.house
    made = await house.developer(name, skills=skills, bio="Nine years of it.\n\nBring a query.")
    week = [Window(day, 9 * 60, 21 * 60) for day in range(7)]
    await house.services.developers.offer(
        by=made.account_id, timezone=timezone, weekly=week, notice_hours=4, horizon_days=60
    )
    await house.run()
    found = await house.store.books.developers.get(made.id)
    face = f"{name.split()[0].lower().replace('í', 'i')}.svg"
    saved = await house.store.books.developers.save(replace(found, avatar=face))
    first = name.split()[0]
    stage.developers[first] = saved
    accounts = house.store.books.accounts
    account = await accounts.get(AccountId(saved.account_id))
    stage.people[first] = await accounts.save(replace(account, timezone=timezone))


async def _past(stage: Stage) -> None:
    house, people, lucia = stage.house, stage.people, stage.developers["Lucía"]
    by = lucia.account_id
    done = await house.confirmed(people["Rohan"], lucia, starts_in=26 * HOUR, hours=1)
    seen = await house.confirmed(people["Meera"], lucia, starts_in=28 * HOUR, hours=2)
    again = await house.confirmed(people["Rohan"], lucia, starts_in=31 * HOUR, hours=1)
    await house.pass_time(48 * HOUR)
    job = await house.services.jobs.deliver((await house.job(done)).id, by=by, note="Done.")
    await house.services.jobs.approve(job.id, by=people["Rohan"].id)
    for booking in (seen, again):
        job = await house.services.jobs.deliver((await house.job(booking)).id, by=by, note="First.")
        client = booking.client.account_id
        await house.services.jobs.request_changes(job.id, by=client, notes="Explain step 3.")
    note = "The index now covers the month.\nhttps://example.com/pull/42"
    await house.services.jobs.deliver((await house.job(seen)).id, by=by, note=note)
    await house.run()
    stage.bookings |= {"completed": done.id, "delivered": seen.id, "changes": again.id}


async def _present(stage: Stage) -> None:
    house, people, all_of_them = stage.house, stage.people, stage.developers
    meera, rohan = people["Meera"], people["Rohan"]
    lucia, arjun, tomasz = (all_of_them[n] for n in ("Lucía", "Arjun", "Tomasz"))
    house.gateway.refunds_succeed_at_once = False
    confirmed = await house.confirmed(meera, lucia, starts_in=30 * HOUR, hours=2)
    requested = await house.paid(meera, arjun, starts_in=50 * HOUR, hours=1)
    asked = await house.paid(rohan, lucia, starts_in=6 * HOUR, hours=1)
    declined = await house.paid(meera, arjun, starts_in=53 * HOUR, hours=1)
    await house.services.answers.decline(declined.id, by=arjun.account_id, reason="I travel.")
    held = await house.hold(meera, tomasz, starts_in=27 * HOUR, hours=1)
    failed = await house.hold(rohan, tomasz, starts_in=29 * HOUR, hours=1)
    await house.pay(failed, "failed")
    given = await house.hold(rohan, tomasz, starts_in=31 * HOUR, hours=1)
    await house.services.bookings.release(given.id, by=rohan.id)
    await house.run()
    stage.bookings |= {
        "confirmed": confirmed.id,
        "requested": requested.id,
        "asked": asked.id,
        "declined": declined.id,
        "held": held.id,
        "failed": failed.id,
        "given_back": given.id,
    }


@asynccontextmanager
async def on_air(stage: Stage) -> AsyncIterator[Stage]:
    """The site on a free port of this machine, sockets and all, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stage.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = Config()
        config.bind = [f"fd://{os.dup(listener.fileno())}"]  # Hypercorn closes what it is given
        config.errorlog = None
        config.graceful_timeout = 0.5
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(_app(stage), config, shutdown_trigger=stop.wait))
        try:
            yield stage
        finally:
            stop.set()
            await serving


def _app(stage: Stage) -> Quart:
    house = stage.house
    site = Site(
        base_url=stage.url,
        secret_key="a key for tests, long enough",
        checkout=CheckoutPage(SCRIPT, "sandbox"),
        caught_mail=lambda to: _caught(house, to),
    )
    app = create_app(House(house.services, house.store, house.clock, site))
    seal(app)
    sockets = create_sockets(socketio.AsyncManager(), house.services.accounts, cookie=site.cookie)
    app.asgi_app = socketio.ASGIApp(sockets, app.asgi_app)  # type: ignore[method-assign]
    return app


def _caught(house: MemoryHouse, to: str | None) -> list[dict[str, object]]:
    return [
        {"to": m.to, "subject": m.subject, "text": m.text, "html": m.html, "at": "2026-11-23"}
        for m in reversed(house.mailer.sent)
        if not to or m.to == to
    ]
