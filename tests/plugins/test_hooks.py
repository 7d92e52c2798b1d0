"""Each hook, used by a small plugin, and its effect in the application."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic_settings import BaseSettings, SettingsConfigDict
from quart import Blueprint, render_template_string

from adapters.memory.clock import FixedClock
from adapters.memory.payments import MemoryGateway
from onehour.api import (
    AccountId,
    AdapterOffer,
    Booking,
    Link,
    PaymentGateway,
    Resources,
    WebCapability,
    Who,
    allow,
    allow_source,
    implements,
    me,
)
from onehour.chosen import gateways
from onehour.plugins import all_offers
from onehour.settings import Settings, WrongSetting
from onehour.testing.plugins import Browser, signed_in
from plugins.manager import Plugins
from ports.extensions import Vetoed
from services.shared.capabilities import WrongCapability
from tests.app import MONDAY, MemoryApp, memory_app
from tests.plugins.site import site_with, switched_on
from web.shared.access import Undeclared


class Pages:
    """One page for all visitors, one for signed-in users."""

    @implements
    def onehour_web(self) -> list[WebCapability]:
        pages = Blueprint("hello", __name__)

        @pages.get("/hello")
        @allow(Who.ANYONE)
        async def hello() -> str:
            return "Hello!"

        @pages.get("/hello/me")
        @allow(Who.SIGNED_IN)
        async def hello_me() -> str:
            return f"Hello {me().name}!"

        return [WebCapability(name="hello", pages=(pages,))]


class Map:
    """A page with its own script and a frame from another site."""

    @implements
    def onehour_web(self) -> list[WebCapability]:
        pages = Blueprint("map", __name__)

        @pages.get("/map")
        @allow(Who.ANYONE)
        async def show() -> str:
            allow_source("frame-src", "https://maps.example")
            allow_source("object-src", "https://maps.example")
            return await render_template_string("{{ nonce() }}")

        return [WebCapability(name="map", pages=(pages,))]


class Undecided:
    """A page without a declaration of who may use it."""

    @implements
    def onehour_web(self) -> list[WebCapability]:
        pages = Blueprint("undecided", __name__)

        @pages.get("/undecided")
        async def undecided() -> str:
            return "For whom?"

        return [WebCapability(name="undecided", pages=(pages,))]


class Links:
    @implements
    def onehour_web(self) -> list[WebCapability]:
        links = (Link("Hello", "/hello"), Link("News", "/news"))
        return [WebCapability(name="links", navigation=links)]


class Paper(MemoryGateway):
    """A payment gateway with the settings of a bank."""

    def __init__(self, bank: str) -> None:
        super().__init__(FixedClock(MONDAY))
        self.bank = bank

    @property
    def name(self) -> str:
        return "paper"


class PaperSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ONEHOUR_PLUGIN_PAPER_", frozen=True)

    bank: str


class Gateways:
    @implements
    def onehour_adapters(self) -> list[AdapterOffer[Any, Any]]:
        def build(settings: PaperSettings, resources: Resources) -> PaymentGateway:
            return Paper(settings.bank)

        offer = AdapterOffer(
            port="payments",
            name="paper",
            settings=PaperSettings,
            build=build,
            configured=lambda settings: True,
        )
        return [offer]


class LongHoursOnly:
    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        return None if booking.hours > 1 else "Book two hours or more."


class Diary:
    def __init__(self) -> None:
        self.received: list[tuple[str, str]] = []

    @implements
    async def onehour_booking_event(self, event: str, facts: Mapping[str, str]) -> None:
        self.received.append((event, facts["booking"]))


async def test_hook_web_pages(app: MemoryApp) -> None:
    client = site_with(app, switched_on(Pages)).test_client()

    page = await client.get("/hello")
    for_members = await client.get("/hello/me")

    assert (page.status_code, await page.get_data(as_text=True)) == (200, "Hello!")
    assert "Content-Security-Policy" in page.headers
    assert for_members.status_code == 303
    assert for_members.headers["Location"].startswith("/login?next=/hello/me")


async def test_a_plugins_page_has_a_nonce_and_may_load_from_elsewhere(app: MemoryApp) -> None:
    page = await site_with(app, switched_on(Map)).test_client().get("/map")

    policy = page.headers["Content-Security-Policy"].split("; ")
    nonce = await page.get_data(as_text=True)
    assert f"script-src 'nonce-{nonce}' 'strict-dynamic' 'self'" in policy
    assert {"frame-src https://maps.example", "object-src https://maps.example"} <= set(policy)


async def test_a_page_without_declared_access_stops_the_start(app: MemoryApp) -> None:
    with pytest.raises(Undeclared, match="/undecided"):
        site_with(app, switched_on(Undecided))


class OnAllPages:
    """Would break every page."""

    @implements
    def onehour_web(self) -> list[WebCapability]:
        pages = Blueprint("greedy", __name__)

        @pages.before_app_request
        async def fail() -> None:
            raise ZeroDivisionError

        return [WebCapability(name="greedy", pages=(pages,))]


async def test_a_blueprint_that_acts_on_all_pages_stops_the_start(app: MemoryApp) -> None:
    with pytest.raises(WrongCapability, match="The blueprint greedy of the capability greedy acts"):
        site_with(app, switched_on(OnAllPages))


async def test_hook_web_navigation(app: MemoryApp) -> None:
    quart_app = site_with(app, switched_on(Links))

    links = quart_app.extensions["navigation"][-2:]
    assert links == [Link("Hello", "/hello"), Link("News", "/news")]


class ForSome:
    """Links to pages for different people."""

    @implements
    def onehour_web(self) -> list[WebCapability]:
        pages = Blueprint("some", __name__)
        readers = (Who.ANYONE, Who.SIGNED_IN, Who.CLIENT, Who.DEVELOPER, Who.ADMIN)
        for who in readers:

            @pages.get(f"/some/{who}", endpoint=who)
            @allow(who)
            async def show() -> str:
                return ""

        links = tuple(Link(who, f"/some/{who}?from=menu#top") for who in readers)
        return [WebCapability(name="some", pages=(pages,), navigation=links)]


async def test_a_link_is_shown_to_those_who_may_open_its_page(app: MemoryApp) -> None:
    plugins = switched_on(ForSome)
    quart_app = site_with(app, plugins)
    (client, _), developer = await app.client(), await app.developer()
    owner = await app.store.repositories.accounts.get(AccountId(developer.account_id))
    visitor = Browser(quart_app)

    seen = {
        name: re.findall(r"/some/(\w+)\?from", (await browser.look("/rules"))[1])
        for name, browser in {
            "visitor": visitor,
            "client": await signed_in(app, quart_app, client),
            "developer": await signed_in(app, quart_app, owner),
        }.items()
    }

    assert {name: sorted(set(paths)) for name, paths in seen.items()} == {
        "visitor": ["anyone"],
        "client": ["anyone", "client", "signed_in"],
        "developer": ["anyone", "developer", "signed_in"],
    }


async def test_hook_adapters(tmp_path: Path) -> None:
    plugins = switched_on(Gateways)

    settings = _paid_with("paper", tmp_path)
    found = gateways(settings, _lent(settings), all_offers(plugins))

    assert set(found) == {"paper"}, "the built-in gateway is neither chosen nor configured"
    gateway = found["paper"]
    assert isinstance(gateway, Paper)
    assert (gateway.name, gateway.bank) == ("paper", "First Bank of Paper")


async def test_a_gateway_that_no_plugin_offers_is_reported(tmp_path: Path) -> None:
    settings = _paid_with("gold", tmp_path)

    with pytest.raises(WrongSetting, match="ONEHOUR_PAYMENTS is gold; choose one of cashfree"):
        gateways(settings, _lent(settings), all_offers(Plugins()))


async def test_a_gateway_that_is_configured_is_there_beside_the_chosen_one(tmp_path: Path) -> None:
    account = {"ONEHOUR_CASHFREE_BASE_URL": "https://sandbox.cashfree.com/pg"}
    settings = _paid_with("paper", tmp_path, account)

    found = gateways(settings, _lent(settings), all_offers(switched_on(Gateways)))

    assert {name: gateway.name for name, gateway in found.items()} == {
        "paper": "paper", "cashfree": "cashfree"
    }  # fmt: skip


async def test_hook_may_book() -> None:
    app = memory_app(extensions=switched_on(LongHoursOnly))
    (client, _), developer = await app.client(), await app.developer()

    with pytest.raises(Vetoed, match="Book two hours or more"):
        await app.hold(client, developer, hours=1)
    booking = await app.hold(client, developer, hours=2)

    assert booking.hours == 2


async def test_hook_booking_event() -> None:
    diary = Diary()
    app = memory_app(extensions=switched_on(diary))
    (client, _), developer = await app.client(), await app.developer()

    booking = await app.confirmed(client, developer)

    assert set(diary.received) == {
        ("held", booking.id), ("paid", booking.id), ("accepted", booking.id)
    }  # fmt: skip


async def test_without_a_listener_no_event_message_is_created(app: MemoryApp) -> None:
    (client, _), developer = await app.client(), await app.developer()

    booking = await app.hold(client, developer)

    messages = await app.store.repositories.outbox.in_state("ready", limit=100)
    assert booking.id
    assert "plugins.news" not in {message.kind for message in messages}


def _paid_with(gateway: str, folder: Path, more: Mapping[str, str] | None = None) -> Settings:
    given = {
        "ONEHOUR_PAYMENTS": gateway,
        "ONEHOUR_PLUGINS": "paper",
        "ONEHOUR_PLUGIN_PAPER_BANK": "First Bank of Paper",
        "ONEHOUR_DATA_DIR": str(folder),
        **(more or {}),
    }
    return Settings.load(given, None)


def _lent(settings: Settings) -> Resources:
    """With a client that is never used: building an adapter does no I/O."""
    http = httpx.AsyncClient()
    return Resources(deployment=settings.deployment, http=http, clock=FixedClock(MONDAY))
