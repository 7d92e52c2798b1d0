"""Links in mails that were sent before work while the plugin is switched off."""

from __future__ import annotations

import pytest

from plugins.campaigns.consents import Topic
from tests.app import CALLER
from tests.plugins.campaigns.world import World, a_world
from tests.web.site import Browser


@pytest.fixture
async def world() -> World:
    """Priya has got a mail before the plugin was switched off."""
    world = await a_world()
    await world.person("Priya Raman", Topic.NEWS, clicks=True)
    await world.sent()
    states = world.app.services.plugin_states
    await states.switch("campaigns", on=False, by=world.admin, caller=CALLER)
    return world


async def priya(world: World) -> tuple[str, str]:
    """Her account and the token of her mail."""
    (mail,) = [mail for mail in world.app.mailer.sent if mail.unsubscribe]
    account = await world.app.store.repositories.accounts.find_by_email(mail.to)
    assert account
    return account.id, mail.unsubscribe.rpartition("/")[2]


@pytest.mark.parametrize("path", ["/mail/unsubscribe/", "/api/v1/mail/unsubscribe/"])
async def test_one_post_still_stops_the_mails(world: World, path: str) -> None:
    account, token = await priya(world)
    anybody = Browser(world.site())

    shown = await anybody.ask("GET", f"{path}{token}")
    one_click = {"List-Unsubscribe": "One-Click"}
    stopped = await anybody.ask("POST", f"{path}{token}", form=one_click)

    assert shown.status_code == 200 and stopped.status_code in (200, 204)
    assert not (await world.consents.find(account)).topics


async def test_the_choices_and_the_button_of_a_mail_still_work(world: World) -> None:
    account, token = await priya(world)
    anybody = Browser(world.site())

    chosen = await anybody.ask("POST", f"/mail/choices/{token}", form={"again": "on"})
    clicked = await anybody.ask("GET", f"/mail/click/{token}")

    assert (chosen.status_code, clicked.status_code) == (303, 303)
    assert (await world.consents.find(account)).topics == (Topic.AGAIN,)
    assert clicked.headers["Location"].endswith("/developers")


async def test_its_other_pages_are_not_found(world: World) -> None:
    admin = await world.browser(world.admin)

    assert (await admin.ask("GET", "/admin/campaigns")).status_code == 404
    assert (await admin.ask("GET", "/api/v1/admin/campaigns")).status_code == 503
