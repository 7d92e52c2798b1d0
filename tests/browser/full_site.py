"""A site with users and bookings in every state that a page can show, served on a port."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pyotp
import socketio
from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart

from adapters.cashfree.checkout import checkout
from core.accounts import Account, AccountId, Role
from core.bookings import Booking
from core.chats import ChatId
from core.developers import Developer
from core.dispute_parts import Reason, WishKind
from core.factors import Factor
from core.files import Purpose
from core.money import Money
from core.sessions import Caller
from core.weekly_hours import Window
from tests.app import CALLER, PASSWORD, MemoryApp, memory_app
from tests.browser.full_chats import write_chats
from tests.builders.files import final
from web.app import WEB, create_app
from web.shared.capabilities import WebCapability
from web.shared.context import Site, WebDependencies
from web.shared.live import LocalManager, SocketLive
from web.shared.records import events_of
from web.shared.sockets import Sockets, create_sockets

SCRIPT = "/static/shared/js/menu.js"
"""Replaces the provider's script: is served from here and does nothing."""
HOUR = timedelta(hours=1)
LONG_NAME = "Venkatanarasimharajuvaripeta Subramanian-Chattopadhyay de la Cruz"
APP_STEP = timedelta(seconds=30)
EVENT_INTERVAL_S = 0.05


@dataclass
class FullSite:
    """`bookings` has one booking per state, `chats` conversations by a short name, `report` that of
    one; `people` are the users who can log in."""

    app: MemoryApp
    url: str = ""
    sockets: Sockets = field(init=False)
    people: dict[str, Account] = field(default_factory=dict)
    developers: dict[str, Developer] = field(default_factory=dict)
    bookings: dict[str, str] = field(default_factory=dict)
    chats: dict[str, ChatId] = field(default_factory=dict)
    report: str = ""
    dispute: str = ""
    jobs: dict[str, str] = field(default_factory=dict)
    app_keys: dict[str, str] = field(default_factory=dict)
    added: tuple[WebCapability, ...] = ()
    """The web records of plugins."""
    _running: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Run everything that is due, also what has begun by itself where the site is alive."""
        async with self._running:
            await self.app.run()

    async def second_factor(self, account: Account) -> str:
        """The code that the person types after the password: of the app, or the mailed one."""
        if account.factor is Factor.TOTP:
            return self.app_code(self.app_keys[account.id])
        await self.run()
        return self.app.code_for(account.email)

    def app_code(self, key: str) -> str:
        """What an authenticator app with this key shows now."""
        return pyotp.TOTP(key).at(self.app.clock.now())

    async def make_fresh(self, account: Account) -> None:
        """As if the user had just entered a code in each browser."""
        sessions = self.app.store.repositories.sessions
        for session in await sessions.of_account(account.id):
            await sessions.verify(session.id, now=self.app.clock.now())


async def build_full_site() -> FullSite:
    site = FullSite(memory_app())
    for name, timezone, skills in (
        ("Lucía Fernández", "Europe/Madrid", ("PostgreSQL", "Performance")),
        ("Arjun Nair", "Asia/Kolkata", ("Django", "PostgreSQL")),
        ("Tomasz Kowalczyk", "Europe/Warsaw", ("Rust",)),
    ):
        await _developer(site, name, timezone, skills)
    for name in ("Meera Krishnan", "Rohan Deshpande", "Nils Aasen"):
        site.people[name.split()[0]], _ = await site.app.client(name)
    await _past(site)
    await _present(site)
    await _accounts(site)
    site.chats, site.report = await write_chats(site.app, site.people, site.developers)
    return site


async def _developer(site: FullSite, name: str, timezone: str, skills: tuple[str, ...]) -> None:
    app = site.app
    made = await app.developer(name, skills=skills, bio="Nine years of it.\n\nBring a query.")
    week = [Window(day, 9 * 60, 21 * 60) for day in range(7)]
    await app.services.developers.update_availability(
        by=made.account_id, timezone=timezone, weekly=week, notice_hours=4, horizon_days=60
    )
    await app.run()
    found = await app.store.repositories.developers.get(made.id)
    avatar = f"{name.split()[0].lower().replace('í', 'i')}.svg"
    saved = await app.store.repositories.developers.save(replace(found, avatar=avatar))
    first = name.split()[0]
    site.developers[first] = saved
    accounts = app.store.repositories.accounts
    account = await accounts.get(AccountId(saved.account_id))
    site.people[first] = await accounts.save(
        replace(account, timezone=timezone, two_factor=False, avatar=avatar)
    )


async def _past(site: FullSite) -> None:
    app, people, lucia = site.app, site.people, site.developers["Lucía"]
    by = lucia.account_id
    done = await app.confirmed(people["Rohan"], lucia, starts_in=26 * HOUR, hours=1)
    seen = await app.confirmed(people["Meera"], lucia, starts_in=28 * HOUR, hours=2)
    again = await app.confirmed(people["Rohan"], lucia, starts_in=31 * HOUR, hours=1)
    late = await app.confirmed(
        people["Meera"], site.developers["Tomasz"], starts_in=61 * HOUR, hours=1
    )
    await app.pass_time(48 * HOUR)
    await app.services.answers.cancel(late.id, by=people["Meera"].id, reason="I travel.")
    job = await app.services.jobs.deliver((await app.job(done)).id, by=by, note="Done.")
    await app.services.jobs.approve(job.id, by=people["Rohan"].id)
    for booking in (seen, again):
        job = await app.services.jobs.deliver((await app.job(booking)).id, by=by, note="First.")
        client = booking.client.account_id
        await app.services.jobs.request_changes(job.id, by=client, notes="Explain step 3.")
    note = "The index now covers the month.\nhttps://example.com/pull/42"
    await app.services.jobs.deliver((await app.job(seen)).id, by=by, note=note)
    await app.run()
    site.bookings |= {
        "completed": done.id,
        "delivered": seen.id,
        "changes": again.id,
        "cancelled_late": late.id,
    }


async def _dispute(site: FullSite, booking: Booking) -> None:
    """About a delivery with a file; both sides have told theirs, and one has made an offer."""
    app, rohan, developer = site.app, site.people["Rohan"], booking.developer.account_id
    report = await final(app, developer, name="report.txt")
    job = await app.services.jobs.deliver(
        (await app.job(booking)).id, by=developer, note="The report.", files=[report.id]
    )
    log = await final(app, rohan.id, purpose=Purpose.EVIDENCE, name="uptime.txt")
    disputes = app.services.disputes
    opened = await disputes.open(
        job.id, by=rohan.id, reason=Reason.OTHER, wish=WishKind.ALL, text="See.", files=[log.id]
    )
    await disputes.answer(opened.id, by=developer, wish=WishKind.CHANGES, text="It is up.")
    await disputes.add_evidence(opened.id, by=developer, text="See https://example.com/log")
    await app.services.offers.offer(opened.id, by=developer, refund=Money(100_000), note="Half.")
    site.dispute, site.jobs["disputed"] = opened.id, job.id


async def _present(site: FullSite) -> None:
    app, people, all_of_them = site.app, site.people, site.developers
    meera, rohan = people["Meera"], people["Rohan"]
    lucia, arjun, tomasz = (all_of_them[n] for n in ("Lucía", "Arjun", "Tomasz"))
    app.gateway.refunds_succeed_at_once = False
    confirmed = await app.confirmed(meera, lucia, starts_in=30 * HOUR, hours=2)
    requested = await app.paid(meera, arjun, starts_in=50 * HOUR, hours=1)
    files = [(await final(app, rohan.id, purpose=Purpose.BRIEF)).id for _ in range(2)]
    asked = await app.paid(rohan, lucia, starts_in=6 * HOUR, hours=1, files=files)
    declined = await app.paid(meera, arjun, starts_in=53 * HOUR, hours=1)
    await app.services.answers.decline(declined.id, by=arjun.account_id, reason="I travel.")
    held = await app.hold(meera, tomasz, starts_in=27 * HOUR, hours=1)
    failed = await app.hold(rohan, tomasz, starts_in=29 * HOUR, hours=1)
    await app.pay(failed, "failed")
    given = await app.hold(rohan, tomasz, starts_in=31 * HOUR, hours=1)
    await app.services.bookings.release(given.id, by=rohan.id)
    early = await app.confirmed(rohan, lucia, starts_in=80 * HOUR, hours=1)
    approved = await app.confirmed(rohan, lucia, starts_in=82 * HOUR, hours=1)
    for booking in (early, approved):
        job = await app.job(booking)
        await app.services.jobs.deliver(job.id, by=lucia.account_id, note="Done already.")
    await app.services.jobs.approve((await app.job(approved)).id, by=rohan.id)
    disputed = await app.confirmed(rohan, tomasz, starts_in=82 * HOUR, hours=1)
    await _dispute(site, disputed)
    await app.run()
    site.jobs["confirmed"] = (await app.job(confirmed)).id
    site.bookings |= {
        "disputed": disputed.id,
        "delivered_early": early.id,
        "approved_early": approved.id,
        "confirmed": confirmed.id,
        "requested": requested.id,
        "asked": asked.id,
        "declined": declined.id,
        "held": held.id,
        "failed": failed.id,
        "given_back": given.id,
    }


async def _accounts(site: FullSite) -> None:
    """An administrator, somebody with an authenticator app, a developer who has just signed up,
    a person with a long address, one who is suspended, and a session on another device."""
    app, people = site.app, site.people
    people["Asha"] = await app.admin("Asha Admin")
    kavya = await app.account(Role.CLIENT, "Kavya Ramesh")
    key = (await app.services.factors.start_app_setup(kavya.id)).secret
    await app.services.factors.confirm_app(kavya.id, code=site.app_code(key), caller=CALLER)
    people["Kavya"] = await app.store.repositories.accounts.get(kavya.id)
    site.app_keys[kavya.id] = key
    app.clock.advance(APP_STEP)  # the app's codes are accepted only once
    people["Sana"] = await app.account(Role.DEVELOPER, "Sana Qureshi")
    long = await app.account(Role.CLIENT, LONG_NAME)
    address = f"{'a.very.long.address.' * 3}of@{'sub.' * 8}example.com"
    people["Long"] = await app.store.repositories.accounts.save(replace(long, email=address))
    gone = await app.account(Role.CLIENT, "Oliver Brandt")
    await app.services.feeds.renew(by=people["Lucía"].id)
    people["Oliver"] = await app.services.administration.change(
        gone.id, by=people["Asha"], caller=CALLER, suspended=True
    )
    elsewhere = Caller("elsewhere", "198.51.100.20", "Safari on iPhone")
    await app.services.sessions.log_in(
        email=people["Meera"].email, password=PASSWORD, caller=elsewhere
    )
    await app.run()


@asynccontextmanager
async def serve_site(
    site: FullSite, *, alive: bool = False, port: int = 0
) -> AsyncIterator[FullSite]:
    """The site on a free port of this machine (or that one), with sockets, until the block
    ends. If it is `alive`, due messages run and browsers receive events, as in production."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        site.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        site.app.storage.links = replace(site.app.storage.links, base_url=site.url)
        config = Config()
        config.bind = [
            f"fd://{os.dup(listener.fileno())}"
        ]  # Hypercorn closes the descriptor it gets
        config.errorlog = None
        config.graceful_timeout = 0.5
        stop = asyncio.Event()
        manager = LocalManager()
        quart_app = _app(site, manager)
        serving = asyncio.create_task(serve(quart_app, config, shutdown_trigger=stop.wait))
        relaying = asyncio.create_task(_relay(site, SocketLive(manager))) if alive else None
        try:
            yield site
        finally:
            if relaying:
                relaying.cancel()
                with suppress(asyncio.CancelledError):
                    await relaying
            stop.set()
            await serving


async def _relay(site: FullSite, live: SocketLive) -> None:
    events = site.app.live.published
    while True:
        await site.run()
        while events:
            event = events.pop(0)
            await live.publish(event.room, event.event, event.data)
        await asyncio.sleep(EVENT_INTERVAL_S)


def _app(site: FullSite, manager: LocalManager) -> Quart:
    app = site.app
    settings = Site(
        base_url=site.url,
        secret_key="a key for tests, long enough",
        checkouts={"cashfree": checkout(script=SCRIPT, mode="sandbox", site=site.url)},
        caught_mail=lambda to: _caught(app, to),
    )
    dependencies = WebDependencies(app.services, app.store, app.clock, settings, app.formats)
    quart_app = create_app(dependencies, added=site.added)
    site.sockets = sockets = create_sockets(
        manager, app.services, site=settings, events=events_of((*WEB, *site.added))
    )
    quart_app.asgi_app = socketio.ASGIApp(sockets.server, quart_app.asgi_app)  # type: ignore[method-assign]
    return quart_app


def _caught(app: MemoryApp, to: str | None) -> list[dict[str, object]]:
    return [
        {
            "to": m.to,
            "subject": m.subject,
            "text": m.text,
            "html": m.html,
            "at": "2026-11-23",
            "files": [
                {"name": f.name, "type": f.media_type, "text": f.content.decode()}
                for f in m.attachments
            ],
        }
        for m in reversed(app.mailer.sent)
        if not to or m.to == to
    ]
