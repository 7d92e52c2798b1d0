"""A site with a user of every role, each with bookings in every state: the access matrix uses it.

It is built once. Every request meets the same state: `restore` undoes what the request before
has changed, so no cell of the matrix depends on another.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from quart import Blueprint, Quart, Response

from adapters.memory.clock import FixedClock
from adapters.memory.video import MemoryVideo
from core.accounts import Account, AccountId, Role
from core.bookings import Booking
from core.codes import Purpose
from core.developers import Developer
from core.dispute_parts import Reason, WishKind
from core.money import Money
from onehour.api import Who, allow, implements
from services.accounts.codes import hourly_keys
from tests.app import CALLER, MONDAY, PASSWORD, MemoryApp
from tests.plugins.site import switched_on
from tests.web.route_samples import (
    CONFIRMED,
    DELIVERED,
    DISPUTED,
    HELD,
    REQUESTED,
    samples_by_module,
)
from tests.web.site import URL, Browser, checkouts
from web.app import create_app
from web.shared.access import Access
from web.shared.capabilities import WebCapability
from web.shared.context import Site, WebDependencies
from web.shared.cookies import HEADER, SAFE

State = dict[str, dict[Any, Any]]
CAUGHT_MAIL: dict[str, object] = {"to": "a@example.com", "subject": "A", "text": "", "html": ""}


class Diary:
    """A plugin with a page for developers, and one that needs a fresh code."""

    @implements
    def onehour_web(self) -> list[WebCapability]:
        pages = Blueprint("diary", __name__, url_prefix="/diary")

        @pages.get("")
        @allow(Who.DEVELOPER)
        async def show() -> str:
            return "Today: nothing."

        @pages.post("")
        @allow(Who.SIGNED_IN, step_up=True)
        async def write() -> str:
            return "Written."

        return [WebCapability(name="diary", pages=(pages,))]


@dataclass
class Person:
    """One column of the matrix. `token`: a program, which sends it instead of cookies.

    `bookings` are the bookings it has a part in, by state; `work_bookings` those in which it is the
    developer, where it can be both. `own` are its other things, by the name of their variable.
    """

    name: str
    browser: Browser
    account: Account | None = None
    token: str = ""
    bookings: dict[str, Booking] = field(default_factory=dict)
    work_bookings: dict[str, Booking] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, **more: Any) -> Response:
        """With everything that a well-behaved browser or program sends."""
        headers: dict[str, str] = dict(more.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        elif method not in SAFE:
            headers[HEADER] = self.browser.token
        return await self.browser.ask(method, path, headers=headers, **more)

    def booking_in(self, state: str, access: Access) -> Booking | None:
        of_developers = self.work_bookings if access.who is Who.DEVELOPER else {}
        return of_developers.get(state) or self.bookings.get(state)


@dataclass
class SiteWithEveryRole:
    """`people` in the order of the columns; `facts` are values that requests need."""

    app: MemoryApp
    quart_app: Quart
    people: dict[str, Person] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    _states: dict[bool, State] = field(default_factory=dict)
    _cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    _orders: dict[str, Any] = field(default_factory=dict)

    def keep(self) -> None:
        """The present state is what `restore` goes back to, with and without fresh codes."""
        now = self.app.clock.now()
        for fresh in (True, False):
            state = _copied(self._rows)
            state["sessions"] = {
                name: replace(session, verified_at=now if fresh else None)
                for name, session in state["sessions"].items()
            }
            self._states[fresh] = state
        self._cookies = {name: dict(person.browser.jar) for name, person in self.people.items()}
        self._orders = _copied_orders(self.app.gateway._orders)

    def restore(self, *, fresh: bool) -> None:
        """`fresh`: all users have just entered a code; otherwise none has."""
        self.app.store._tables.rows = _copied(self._states[fresh])  # type: ignore[attr-defined]
        self.app.gateway._orders = _copied_orders(self._orders)
        for name, person in self.people.items():
            person.browser.jar = dict(self._cookies[name])

    @property
    def _rows(self) -> State:
        return self.app.store._tables.rows  # type: ignore[attr-defined, no-any-return]

    def account(self, name: str) -> Account:
        """The account of the person of this name, who has one."""
        account = self.people[name].account
        assert account, name
        return account

    def close_bookings(self) -> None:
        """As if every booking had ended and been paid out, so that any account may be erased."""
        for table in ("bookings", "transactions", "documents:balances"):
            self._rows[table].clear()


def _copied(rows: State) -> State:
    return defaultdict(dict, {name: dict(table) for name, table in rows.items()})


def _copied_orders(orders: dict[str, Any]) -> dict[str, Any]:
    return {
        name: replace(order, attempts=dict(order.attempts), refunds=dict(order.refunds))
        for name, order in orders.items()
    }


async def build_site_with_every_role() -> SiteWithEveryRole:
    clock = FixedClock(MONDAY)
    app = MemoryApp(clock=clock, video=MemoryVideo(clock))  # its webhooks are signed
    site = SiteWithEveryRole(app, _quart_app(app))
    meera, rohan = [(await app.client(name))[0] for name in ("Meera", "Rohan")]
    lucia, arjun, draft = [await app.developer(name) for name in ("Lucía", "Arjun", "Dita")]
    asha = await app.admin()
    both = {name: await _both(app, asha, name) for name in ("Bo", "Sam", "Pia")}
    await app.store.repositories.developers.save(
        replace(await app.store.repositories.developers.get(draft.id), published=False)
    )
    site.facts["draft"] = draft.id

    people = {
        "anon": None, "unver": None, "pend": both["Pia"][0], "susp": both["Sam"][0],
        "client": meera, "client2": rohan,
        "dev": await _account(app, lucia), "dev2": await _account(app, arjun),
        "bothC": both["Bo"][0], "bothD": both["Bo"][0], "admin": asha, "token": meera,
    }  # fmt: skip
    developers = {
        "dev": lucia, "dev2": arjun, "pend": both["Pia"][1], "susp": both["Sam"][1],
        "bothC": both["Bo"][1], "bothD": both["Bo"][1],
    }  # fmt: skip
    for name, account in people.items():
        site.people[name] = Person(name, Browser(site.quart_app), account)
    await _bookings(site, developers)
    await _prepare(site, developers)
    for person in site.people.values():
        await _sign_in(site, person)
    await _suspend(site, asha)
    app.clock.advance(timedelta(minutes=2))  # every code may be sent again, and still counts
    await app.run()
    site.keep()
    return site


def _quart_app(app: MemoryApp) -> Quart:
    site = Site(
        base_url=URL,
        secret_key="a secret for tests, long enough",
        checkouts=checkouts(app.gateway.name),
        caught_mail=lambda to: [dict(CAUGHT_MAIL)],
    )
    return create_app(
        WebDependencies(app.services, app.store, app.clock, site, app.formats),
        added=switched_on(Diary).web,
    )


async def _both(app: MemoryApp, admin: Account, name: str) -> tuple[Account, Developer]:
    developer = await app.developer(name)
    account = await app.services.administration.change(
        AccountId(developer.account_id), by=admin, caller=CALLER,
        roles=frozenset({Role.CLIENT, Role.DEVELOPER}),
    )  # fmt: skip
    return account, developer


async def _account(app: MemoryApp, developer: Developer) -> Account:
    return await app.store.repositories.accounts.get(AccountId(developer.account_id))


async def _bookings(site: SiteWithEveryRole, developers: dict[str, Developer]) -> None:
    """Bookings of everybody in every state. Bo is the client in `bothC` and the
    developer in `bothD`."""
    people = site.people
    pairs = (
        ("client", "dev", ("client", "dev", "token"), ()),
        ("client2", "dev2", ("client2", "dev2"), ()),
        ("bothC", "dev", ("bothC",), ()),
        ("client", "bothD", ("bothD",), ()),
        ("pend", "dev2", ("pend",), ()),
        ("susp", "dev2", ("susp",), ()),
        ("client2", "pend", (), ("pend",)),
        ("client2", "susp", (), ("susp",)),
    )
    hours = 24
    states = [(pair, state) for pair in pairs for state in (HELD, REQUESTED, CONFIRMED, DELIVERED)]
    for (client, developer, parties, workers), state in (
        *states, *((pair, DISPUTED) for pair in pairs),
    ):  # fmt: skip
        hours += 3
        account = people[client].account
        assert account
        booking = await _booking(site.app, account, developers[developer], state, hours)
        for name in parties:
            people[name].bookings[state] = booking
        for name in workers:
            people[name].work_bookings[state] = booking


async def _booking(
    app: MemoryApp, client: Account, developer: Developer, state: str, hours: int
) -> Booking:
    starts = {"starts_in": timedelta(hours=hours)}
    if state == HELD:
        booking = await app.hold(client, developer, starts_in=starts["starts_in"])
        await app.run()
        return await app.booking(booking.id)
    if state == REQUESTED:
        return await app.paid(client, developer, **starts)
    if state == CONFIRMED:
        return await app.confirmed(client, developer, **starts)
    if state == DISPUTED:
        return await _disputed(app, client, developer, **starts)
    return await app.booking((await app.delivered(client, developer, **starts)).booking_id)


async def _disputed(
    app: MemoryApp, client: Account, developer: Developer, **starts: timedelta
) -> Booking:
    """Delivered, with a case and an offer of the developer. Rohan has opened his cases, and the
    other clients can answer theirs."""
    job = await app.delivered(client, developer, **starts)
    by = client.id if client.name == "Rohan" else developer.account_id
    dispute = await app.services.disputes.open(
        job.id, by=by, reason=Reason.OTHER, wish=WishKind.CHANGES, text="It is wrong."
    )
    await app.services.offers.offer(dispute.id, by=developer.account_id, refund=Money(10_000))
    await app.run()
    return await app.booking(job.booking_id)


async def _prepare(site: SiteWithEveryRole, developers: dict[str, Developer]) -> None:
    """What people own beside bookings, as the samples of each capability create it."""
    for name, developer in developers.items():
        site.people[name].own["developer_id"] = developer.id
    for _, samples in samples_by_module():
        if samples.prepare:
            await samples.prepare(site)


async def _sign_in(site: SiteWithEveryRole, person: Person) -> None:
    """With a cookie or a token, and the second factor where it is asked for."""
    app, browser = site.app, person.browser
    await browser.look("/login")
    if person.name == "unver":
        await _register(site, person)
    if person.account is None:
        return
    account = person.account
    if person.name == "token":
        tokens = await app.services.tokens.issue(
            email=account.email, password=PASSWORD, otp=None, caller=CALLER
        )
        person.token, site.facts["refresh"] = tokens.access, tokens.refresh
        person.browser = Browser(site.quart_app)
        return
    await browser.log_in(account)
    await app.run()
    if person.name == "pend":
        site.facts["pending code"] = app.code_for(account.email)
    elif account.factor:
        form = {"code": app.code_for(account.email), "csrf_token": browser.token}
        assert (await browser.ask("POST", "/login/code", form=form)).status_code == 303
        await app.store.repositories.throttles.clear(*hourly_keys(Purpose.LOG_IN, account))
        await app.store.repositories.codes.remove(f"codes:log-in:{account.id}")


async def _register(site: SiteWithEveryRole, person: Person) -> None:
    email = "una@example.com"
    form = {
        "name": "Una", "email": email, "password": PASSWORD, "timezone": "Asia/Kolkata",
        "csrf_token": person.browser.token,
    }  # fmt: skip
    assert (await person.browser.ask("POST", "/sign-up/client", form=form)).status_code == 200
    await site.app.run()
    site.facts |= {"unverified": email, "address code": site.app.code_for(email)}
    form = {"email": email, "password": PASSWORD, "csrf_token": person.browser.token}
    assert (await person.browser.ask("POST", "/login", form=form)).status_code == 200


async def _suspend(site: SiteWithEveryRole, admin: Account) -> None:
    """The sessions are put back, as after a crash half-way: the account alone must refuse."""
    sam = site.people["susp"].account
    assert sam
    sessions = await site.app.store.repositories.sessions.of_account(sam.id)
    await site.app.services.administration.change(sam.id, by=admin, caller=CALLER, suspended=True)
    await site.app.run()
    for session in sessions:
        await site.app.store.repositories.sessions.add(session)
