"""A site configured as in production, on https, and users with a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from quart import Blueprint, Quart, Response
from werkzeug.routing import Rule

from adapters.cashfree.checkout import checkout
from core.accounts import Account
from core.bookings import Booking
from core.codes import Purpose
from core.dispute_parts import Evidence, Offer, OfferId, Reason, Statement, Wish, WishKind
from core.disputes import Dispute, DisputeId
from core.files import Purpose as FilePurpose
from core.money import Money
from core.policy import DAY
from core.timeline import Actor
from onehour.testing.browser import HOST, text_of
from onehour.testing.browser import Browser as SimpleBrowser
from ports.payments import Checkout
from services.accounts.codes import hourly_keys
from services.disputes import DISPUTES
from tests.app import MemoryApp
from tests.builders.chargebacks import stored_chargeback
from tests.builders.files import final
from tests.builders.findings import stored_finding
from tests.builders.settlements import stored_settlement
from tests.builders.withdrawals import stored_withdrawal
from tests.web.observatory import Page
from tests.web.route_samples import all_samples
from web.app import create_app
from web.shared.access import Access, Who, access_of, allow
from web.shared.capabilities import WebCapability
from web.shared.context import Site, WebDependencies
from web.shared.cookies import SAFE

URL = "https://onehour.test"
SCRIPT = "https://sdk.cashfree.com/js/v3/cashfree.js"


@dataclass
class SiteWithBooking:
    """A site with a client, a developer, a booking of theirs that is confirmed, a message in their
    chat with a file, which is reported, and another file of the client."""

    app: MemoryApp
    quart_app: Quart
    client: Account
    developer: Account
    admin: Account
    booking: Booking
    developer_id: str
    job_id: str
    report_id: str
    file_id: str
    chat_file_id: str
    dispute_id: str
    withdrawal_id: str
    chargeback_id: str

    @property
    def people(self) -> dict[Who, Account]:
        return {
            Who.DEVELOPER: self.developer,
            Who.PENDING: self.developer,
            Who.ADMIN: self.admin,
        }

    @property
    def changes(self) -> int:
        """Grows with every row that is written."""
        return self.app.store._tables.changes  # type: ignore[attr-defined, no-any-return]

    def rules(self) -> Iterator[tuple[Rule, Access]]:
        for rule in self.quart_app.url_map.iter_rules():
            access = access_of(self.quart_app, rule.endpoint)
            assert access
            yield rule, access

    def routes(self, *, safe: bool) -> Iterator[tuple[str, str, Access]]:
        """Method, path and callers of every route, with an example in each variable's place."""
        for rule, access in self.rules():
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                if (method in SAFE) is safe:
                    yield method, self.path(rule), access

    def path(self, rule: Rule) -> str:
        """The path of the route, with an example in each variable's place."""
        variables = all_samples().variables
        return "".join(
            variables[part].example(self) if is_variable else part
            for is_variable, part in rule._trace
        ).removeprefix("|")

    async def browser_for(self, access: Access | Who = Who.ANYONE) -> Browser:
        """A browser that may use the route: logged in if required, and with a fresh code."""
        who = access.who if isinstance(access, Access) else access
        browser = Browser(self.quart_app)
        await browser.look("/login")
        if who in (Who.ANYONE, Who.GATEWAY):
            return browser
        person = self.people.get(who, self.client)
        await self.app.store.repositories.throttles.clear(*hourly_keys(Purpose.LOG_IN, person))
        await browser.log_in(person)
        if who is not Who.PENDING:
            await self._finish(browser, person)
        return browser

    async def _finish(self, browser: Browser, account: Account) -> None:
        """The second factor, and a code entered just now."""
        await self.app.run()
        if account.factor:
            form = {"code": self.app.code_for(account.email), "csrf_token": browser.token}
            answer = await browser.ask("POST", "/login/code", form=form)
            assert answer.status_code == 303
        sessions = self.app.store.repositories.sessions
        for session in await sessions.of_account(account.id):
            await sessions.verify(session.id, now=self.app.clock.now())


class Browser(SimpleBrowser):
    """One whose pages the Observatory examines."""

    async def page(self, method: str, path: str, **more: Any) -> tuple[Response, Page]:
        """The page as the Observatory examines it, requested from another site."""
        origin = {"Origin": "https://evil.example"} if method == "GET" else {}
        answer = await self.ask(method, path, headers=origin, **more)
        html = await text_of(answer)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer, Page(HOST, headers, html, tuple(self.set_cookies))


async def build_site_with_booking(
    base_url: str = URL, app: MemoryApp | None = None, added: Sequence[WebCapability] = ()
) -> SiteWithBooking:
    app = app or MemoryApp()
    client, _ = await app.client()
    developer = await app.developer()
    booking = await app.confirmed(client, developer)
    chat = await app.services.chats.open_for_booking(booking.id, by=client.id)
    sent = await final(app, client.id, purpose=FilePurpose.CHAT)
    await app.services.messages.send(
        chat.id, by=client.id, body="Hello.", client_id="m-1", files=[sent.id]
    )
    await app.services.chat_summaries.settle()
    report = await app.services.chat_reports.report(chat.id, by=client.id, reason="Spam.")
    job = await app.job(booking)
    file = await final(app, client.id)
    await stored_finding(app, resolved=True)
    await stored_settlement(app)
    quart_app = app_of(app, base_url, added)
    account = await app.store.repositories.accounts.get(developer.account_id)  # type: ignore[arg-type]
    return SiteWithBooking(
        app,
        quart_app,
        client,
        account,
        await app.admin(),
        booking,
        developer.id,
        job.id,
        report.id,
        file.id,
        sent.id,
        await _dispute_of(app, booking, job.id),
        (await stored_withdrawal(app, developer)).id,
        (await stored_chargeback(app, booking)).id,
    )


async def _dispute_of(app: MemoryApp, booking: Booking, job_id: str) -> str:
    """A case as it would be, without its effect on the job, which other tests need as it is."""
    now = app.clock.now()
    wish = Wish(WishKind.PART, Money(100_000))
    dispute = Dispute(
        id=DisputeId(f"dsp_{'1' * 26}"), booking_id=booking.id, booking_number=booking.number,
        job_id=job_id, client=booking.client, developer=booking.developer,
        held=booking.price, opened_by=Actor.DEVELOPER, reason=Reason.NOT_AS_AGREED,
        statements=(Statement(Actor.DEVELOPER, now, "It is <b>wrong</b>.", wish),),
        opened_at=now, answer_by=now + 5 * DAY, ends_at=now + 60 * DAY,
        offers=(Offer(OfferId("ofr_1"), Actor.DEVELOPER, now, Money(50_000), "A <share>."),),
        evidence=(Evidence(Actor.CLIENT, now, "See https://example.com/<log>"),),
    )  # fmt: skip
    await app.store.repositories.documents(DISPUTES).add(dispute)
    return dispute.id


def app_of(app: MemoryApp, base_url: str = URL, added: Sequence[WebCapability] = ()) -> Quart:
    """The site as one process serves it."""
    site = Site(
        base_url=base_url,
        secret_key="a secret for tests, long enough",
        checkouts=checkouts(app.gateway.name),
        caught_mail=lambda to: _caught(app),
    )
    broken = WebCapability(name="broken", pages=(broken_pages(),))
    return create_app(
        WebDependencies(
            app.services, app.store, app.clock, site, app.formats, telemetry=app.telemetry
        ),
        added=[broken, *added],
    )


def checkouts(*more: str) -> dict[str, Checkout]:
    """Cashfree's checkout page, under its own name and under `more`."""
    page = checkout(script=SCRIPT, mode="production", site=URL)
    return {name: page for name in ("cashfree", *more)}


def broken_pages() -> Blueprint:
    """A page of a plugin that fails with an unexpected exception."""
    blueprint = Blueprint("broken", __name__)

    @blueprint.get("/broken")
    @allow(Who.ANYONE)
    async def broken() -> str:
        raise RuntimeError("a secret that must not be shown")

    return blueprint


def _caught(app: MemoryApp) -> list[dict[str, object]]:
    return [
        {"to": m.to, "subject": m.subject, "text": m.text, "html": m.html, "at": "now"}
        for m in reversed(app.mailer.sent)
    ]
