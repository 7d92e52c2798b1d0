"""Links in mails that were sent before work also when the plugin is not enabled any more."""

from __future__ import annotations

import pytest

from onehour.plugins import load_plugins, reading
from onehour.settings import Settings
from plugins.campaigns import Campaigns
from plugins.campaigns.consents import CONSENTS, Topic, Way
from plugins.manager import Plugins
from tests.app import CALLER, MemoryApp
from tests.plugins.campaigns.world import a_world
from tests.plugins.site import app_with, site_with
from tests.web.site import Browser


def without() -> Plugins:
    plugins = reading({})
    plugins.add(Campaigns.lasting, "campaigns", lasting=True)
    return plugins


@pytest.fixture
async def left() -> tuple[MemoryApp, str, str]:
    """The application without the plugin, the account of Priya, and the token of her mail."""
    world = await a_world()
    person = await world.person("Priya Raman", Topic.NEWS, clicks=True)
    await world.sent()
    (mail,) = [mail for mail in world.app.mailer.sent if mail.unsubscribe]
    app = app_with(without(), clock=world.app.clock, store=world.app.store)
    return app, person.id, mail.unsubscribe.rpartition("/")[2]


def browser(app: MemoryApp) -> Browser:
    assert isinstance(app.extensions, Plugins)
    return Browser(site_with(app, app.extensions))


@pytest.mark.parametrize("path", ["/mail/unsubscribe/", "/api/v1/mail/unsubscribe/"])
async def test_one_post_still_stops_the_mails(left: tuple[MemoryApp, str, str], path: str) -> None:
    app, account, token = left
    anybody = browser(app)

    shown = await anybody.ask("GET", f"{path}{token}")
    one_click = {"List-Unsubscribe": "One-Click"}
    stopped = await anybody.ask("POST", f"{path}{token}", form=one_click)

    consent = await app.store.repositories.documents(CONSENTS).get(account)
    assert shown.status_code == 200 and stopped.status_code in (200, 204)
    assert not consent.allows(Topic.NEWS)
    assert consent.changes[-1].way == (Way.LINK if path.startswith("/api") else Way.BUTTON)


async def test_nobody_is_asked_to_agree(left: tuple[MemoryApp, str, str]) -> None:
    app, account, token = left
    anybody = browser(app)

    html = await (await anybody.ask("GET", f"/mail/unsubscribe/{token}")).get_data(as_text=True)
    chosen = await anybody.ask("POST", f"/mail/choices/{token}", form={"again": "on"})

    assert "Stop news and offers" in html and "checkbox" not in html
    assert chosen.status_code == 404
    assert (await app.store.repositories.documents(CONSENTS).get(account)).topics == (Topic.NEWS,)


async def test_the_button_still_leads_somewhere(left: tuple[MemoryApp, str, str]) -> None:
    app, _, token = left

    clicked = await browser(app).ask("GET", f"/mail/click/{token}")

    assert (clicked.status_code, clicked.headers["Location"][-11:]) == (303, "/developers")


async def test_what_is_stored_is_exported_and_erased(left: tuple[MemoryApp, str, str]) -> None:
    app, account, _ = left
    person = await app.store.repositories.accounts.get(account)  # type: ignore[arg-type]

    exported = await app.services.personal_data.export(person, CALLER)
    await app.services.personal_data.erase(person, CALLER)

    assert exported["campaign_consent"]["topics"] == ["news"]
    assert await app.store.repositories.documents(CONSENTS).find(account) is None


def test_it_is_loaded_unless_the_plugin_is_enabled() -> None:
    off = load_plugins(Settings.load({}, None))
    on = load_plugins(Settings.load({"ONEHOUR_PLUGINS": "campaigns,feedback"}, None))

    assert (off.names, off.enabled, off.listeners, off.adapters) == ((), [], [], ())
    assert {each.name for each in off.capabilities} == {"campaigns", "feedback"}
    assert not any(each.messages or each.rates_developers for each in off.capabilities)
    (web,) = off.web
    assert [each.name for each in web.pages] == ["campaigns_mails"]
    assert not web.navigation and not web.panels and not web.administration
    assert on.names == ("campaigns", "feedback") and on.web[0].administration
