"""A site on which everybody is in the middle of something: who asks in the matrix, and for what.

It is built once. Every question is asked of the same state: `restore` puts back what the one
before has changed, so no cell of the table depends on another.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from quart import Blueprint, Quart, Response

from core.accounts import Account, AccountId, Role
from core.bookings import Booking
from core.developers import Developer
from core.identities import LinkedIdentity
from plugins.api import Who, allow, implements
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.plugins.site import switched_on
from tests.web.bodies import CONFIRMED, DELIVERED, HELD, PICTURE, REQUESTED
from tests.web.site import URL, Browser, checkouts
from web.app import create_app
from web.shared.access import Access
from web.shared.capabilities import WebCapability
from web.shared.context import Site, WebDependencies
from web.shared.cookies import HEADER, SAFE

State = dict[str, dict[Any, Any]]
LETTER: dict[str, object] = {"to": "a@example.com", "subject": "A", "text": "", "html": ""}


class Diary:
    """A plugin with a page for developers, and one that wants a fresh code."""

    @implements
    def onehour_blueprints(self) -> list[Blueprint]:
        pages = Blueprint("diary", __name__, url_prefix="/diary")

        @pages.get("")
        @allow(Who.DEVELOPER)
        async def show() -> str:
            return "Today: nothing."

        @pages.post("")
        @allow(Who.SIGNED_IN, fresh=True)
        async def write() -> str:
            return "Written."

        return [pages]


@dataclass
class Person:
    """One column of the matrix. `token`: a program, which sends it instead of cookies.

    `deals` are the bookings it has a part in, by state; `work` those in which it is the
    developer, where it can be both. `own` are its other things, by the name of their variable.
    """

    name: str
    browser: Browser
    account: Account | None = None
    token: str = ""
    deals: dict[str, Booking] = field(default_factory=dict)
    work: dict[str, Booking] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, **more: Any) -> Response:
        """With everything that is asked of a well-behaved browser or program."""
        headers: dict[str, str] = dict(more.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        elif method not in SAFE:
            headers[HEADER] = self.browser.token
        return await self.browser.ask(method, path, headers=headers, **more)

    def deal(self, state: str, access: Access) -> Booking | None:
        of_developers = self.work if access.who is Who.DEVELOPER else {}
        return of_developers.get(state) or self.deals.get(state)


@dataclass
class Cast:
    """`people` in the order of the columns; `facts` are what the questions are made of."""

    app: MemoryApp
    quart_app: Quart
    people: dict[str, Person] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    _states: dict[bool, State] = field(default_factory=dict)
    _jars: dict[str, dict[str, str]] = field(default_factory=dict)
    _orders: dict[str, Any] = field(default_factory=dict)

    def keep(self) -> None:
        """What is now is what `restore` leads back to, with and without fresh codes."""
        now = self.app.clock.now()
        for fresh in (True, False):
            state = _copied(self._rows)
            state["sessions"] = {
                name: replace(session, verified_at=now if fresh else None)
                for name, session in state["sessions"].items()
            }
            self._states[fresh] = state
        self._jars = {name: dict(person.browser.jar) for name, person in self.people.items()}
        self._orders = _copied_orders(self.app.gateway._accounts)

    def restore(self, *, fresh: bool) -> None:
        """`fresh`: everybody has just entered a code; else nobody has."""
        self.app.store._tables.rows = _copied(self._states[fresh])  # type: ignore[attr-defined]
        self.app.gateway._accounts = _copied_orders(self._orders)
        for name, person in self.people.items():
            person.browser.jar = dict(self._jars[name])

    @property
    def _rows(self) -> State:
        return self.app.store._tables.rows  # type: ignore[attr-defined, no-any-return]

    def close_deals(self) -> None:
        """As if all had been done and paid out, so that anybody may leave."""
        for table in ("bookings", "transactions"):
            self._rows[table].clear()


def _copied(rows: State) -> State:
    return defaultdict(dict, {name: dict(table) for name, table in rows.items()})


def _copied_orders(orders: dict[str, Any]) -> dict[str, Any]:
    return {
        name: replace(order, attempts=dict(order.attempts), refunds=dict(order.refunds))
        for name, order in orders.items()
    }


async def cast() -> Cast:
    app = MemoryApp()
    made = Cast(app, _site(app))
    meera, rohan = [(await app.client(name))[0] for name in ("Meera", "Rohan")]
    lucia, arjun, draft = [await app.developer(name) for name in ("Lucía", "Arjun", "Dita")]
    asha = await app.admin()
    both = {name: await _both(app, asha, name) for name in ("Bo", "Sam", "Pia")}
    await app.store.repositories.developers.save(
        replace(await app.store.repositories.developers.get(draft.id), published=False)
    )
    made.facts["draft"] = draft.id

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
        made.people[name] = Person(name, Browser(made.quart_app), account)
    await _deals(made, developers)
    await _things(made, developers)
    for person in made.people.values():
        await _come_in(made, person)
    await _suspend(made, asha)
    app.clock.advance(timedelta(minutes=2))  # every code may be sent again, and still counts
    await app.run()
    made.keep()
    return made


def _site(app: MemoryApp) -> Quart:
    site = Site(
        base_url=URL,
        secret_key="a secret for tests, long enough",
        checkouts=checkouts(app.gateway.name),
        caught_mail=lambda to: [dict(LETTER)],
    )
    diary = WebCapability(name="diary", pages=tuple(switched_on(Diary).blueprints()))
    return create_app(
        WebDependencies(app.services, app.store, app.clock, site, app.formats), added=[diary]
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


async def _deals(made: Cast, developers: dict[str, Developer]) -> None:
    """Everybody's bookings in every state. In `bothC` Bo is the client, in `bothD` he works."""
    people = made.people
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
    for client, developer, parties, workers in pairs:
        for state in (HELD, REQUESTED, CONFIRMED, DELIVERED):
            hours += 3
            account = people[client].account
            assert account
            booking = await _booking(made.app, account, developers[developer], state, hours)
            for name in parties:
                people[name].deals[state] = booking
            for name in workers:
                people[name].work[state] = booking


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
    return await app.booking((await app.delivered(client, developer, **starts)).booking_id)


async def _things(made: Cast, developers: dict[str, Developer]) -> None:
    """What else somebody owns: an account, a profile, another session, a sign-in elsewhere."""
    services, repositories = made.app.services, made.app.store.repositories
    for name, person in made.people.items():
        account = person.account
        if account is None:
            continue
        person.own["account_id"] = account.id
        if name in developers:
            person.own["developer_id"] = developers[name].id
        await services.sessions.open_confirmed(account, CALLER, how="elsewhere")
        person.own["session_id"] = (await services.sessions.of(account))[0].name
        who = made.app.elsewhere.person(name)
        if not await repositories.identities.of_account(account.id):
            now = made.app.clock.now()
            await repositories.identities.add(
                LinkedIdentity(who.issuer, who.subject, account.id, "memory", who.email, now)
            )
    meera = made.people["client"].account
    assert meera
    avatar = await services.avatars.change(by=meera.id, upload=PICTURE)
    made.facts["avatar"] = avatar.rpartition("/")[2].removesuffix(".webp")
    await services.passwords.forgot(email=meera.email, caller=CALLER)
    await made.app.run()
    letter = made.app.mailer.to(meera.email)[-1].text
    made.facts["link"] = letter.partition("/reset/")[2].split()[0]


async def _come_in(made: Cast, person: Person) -> None:
    """By the door of each: cookie or token, and the second factor where it is asked for."""
    app, browser = made.app, person.browser
    await browser.look("/login")
    if person.name == "unver":
        await _register(made, person)
    if person.account is None:
        return
    account = person.account
    if person.name == "token":
        tokens = await app.services.tokens.issue(
            email=account.email, password=PASSWORD, otp=None, caller=CALLER
        )
        person.token, made.facts["refresh"] = tokens.access, tokens.refresh
        person.browser = Browser(made.quart_app)
        return
    await browser.log_in(account)
    await app.run()
    if person.name == "pend":
        made.facts["pending code"] = app.code_for(account.email)
    elif account.factor:
        form = {"code": app.code_for(account.email), "csrf_token": browser.token}
        assert (await browser.ask("POST", "/login/code", form=form)).status_code == 303
        hour = f"codes:log-in:{account.id}"
        await app.store.repositories.throttles.clear(hour)
        await app.store.repositories.codes.remove(hour)


async def _register(made: Cast, person: Person) -> None:
    email = "una@example.com"
    form = {
        "name": "Una", "email": email, "password": PASSWORD, "timezone": "Asia/Kolkata",
        "csrf_token": person.browser.token,
    }  # fmt: skip
    assert (await person.browser.ask("POST", "/sign-up/client", form=form)).status_code == 200
    await made.app.run()
    made.facts |= {"unverified": email, "address code": made.app.code_for(email)}
    form = {"email": email, "password": PASSWORD, "csrf_token": person.browser.token}
    assert (await person.browser.ask("POST", "/login", form=form)).status_code == 200


async def _suspend(made: Cast, admin: Account) -> None:
    """The rows of the sessions stay, as after a crash half-way: the account alone must do."""
    sam = made.people["susp"].account
    assert sam
    sessions = await made.app.store.repositories.sessions.of_account(sam.id)
    await made.app.services.administration.change(sam.id, by=admin, caller=CALLER, suspended=True)
    await made.app.run()
    for session in sessions:
        await made.app.store.repositories.sessions.add(session)
