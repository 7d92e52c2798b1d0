"""A plugin that fails repeatedly is switched off, for all processes, until an administrator
switches it on again. Meanwhile its data is kept, exported and erased."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from core.accounts import Account
from core.errors import NotFound
from core.extensions import ExtensionActivity
from core.policy import MINUTE
from onehour.api import Booking, implements
from onehour.testing.extensions import a_booking
from plugins.manager import Plugins
from ports.extensions import Vetoed
from tests.app import CALLER, MemoryApp
from tests.plugins import notes
from tests.plugins.notes.model import NOTES
from tests.plugins.notes.service import NoteService
from tests.plugins.site import app_with, switched_on
from tests.web.site import Browser, app_of, build_site_with_booking
from web.extensions.wording import NOTICES
from web.shared.access import Who

FAILURES = 5


class Moody:
    """Fails as long as it is told to."""

    def __init__(self) -> None:
        self.fails = True
        self.asked = 0
        self.received: list[str] = []

    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        self.asked += 1
        if self.fails:
            raise ZeroDivisionError("no mood")
        return "Not today."

    @implements
    async def onehour_booking_event(self, event: str, facts: Mapping[str, str]) -> None:
        self.received.append(event)


class World:
    """An application with the moody plugin, and its people."""

    def __init__(self) -> None:
        self.moody = Moody()
        self.plugins = switched_on(self.moody, "moody")
        self.app = app_with(self.plugins)

    async def ask(self, times: int = 1, plugins: Plugins | None = None) -> None:
        """Ask as for so many bookings."""
        for _ in range(times):
            await (plugins or self.plugins).may_book(a_booking())
            await self.plugins.health.told()

    def another_process(self) -> tuple[Moody, Plugins, MemoryApp]:
        """With the same database; also what a process is after a restart."""
        moody = Moody()
        plugins = switched_on(moody, "moody")
        app = app_with(plugins, store=self.app.store, clock=self.app.clock)
        return moody, plugins, app

    async def switch(self, by: Account, *, on: bool) -> None:
        states = self.app.services.plugin_states
        await states.switch("moody", on=on, by=by, caller=CALLER)


@pytest.fixture
def world() -> World:
    return World()


async def test_the_fifth_failure_switches_it_off_and_administrators_are_told(
    world: World,
) -> None:
    admin = await world.app.admin()

    await world.ask(FAILURES - 1)
    before = world.app.services.plugin_states.is_on("moody")
    await world.ask(3)
    await world.app.run()

    assert (before, world.moody.asked) == (True, FAILURES)
    (mail,) = [each for each in world.app.mailer.to(admin.email) if "moody" in each.subject]
    assert mail.subject == "The plugin moody is switched off"
    assert "onehour_may_book: ZeroDivisionError('no mood')" in mail.text
    listed = await world.app.services.notifications.page(by=admin.id)
    (told,) = [each for each in listed.items if each.notice == "plugin_switched_off"]
    line = NOTICES.words[told.notice](told, None)
    assert (line.heading, line.path) == ("The plugin moody is switched off", "/admin/plugins")


async def test_failures_long_ago_do_not_count(world: World) -> None:
    await world.ask(FAILURES - 1)
    world.app.clock.advance(11 * MINUTE)
    await world.ask(FAILURES - 1)

    assert world.app.services.plugin_states.is_on("moody")


async def test_other_processes_know_within_seconds_and_after_a_restart(world: World) -> None:
    moody, plugins, _ = world.another_process()
    await world.ask(plugins=plugins)
    await world.ask(FAILURES)

    world.app.clock.advance(timedelta(seconds=6))
    await world.ask(plugins=plugins)
    restarted, after_restart, _ = world.another_process()
    await world.ask(plugins=after_restart)

    assert (moody.asked, restarted.asked) == (1, 0)


async def test_its_events_wait_until_an_administrator_switches_it_on(world: World) -> None:
    app, admin = world.app, await world.app.admin()
    await world.switch(admin, on=False)
    client, developer = (await app.client())[0], await app.developer()
    await app.paid(client, developer)

    while_off = list(world.moody.received)
    await app.pass_time(timedelta(hours=1))
    await world.switch(admin, on=True)
    await app.pass_time(5 * MINUTE)

    assert while_off == []
    assert {"held", "paid"} <= set(world.moody.received)
    world.moody.fails = False
    with pytest.raises(Vetoed, match="Not today"):
        await world.ask()
    activity, _ = await app.services.audit.recent(by=admin.id, limit=2)
    assert [(each.what, each.detail["plugin"]) for each in activity] == [
        (ExtensionActivity.SWITCHED_ON, "moody"),
        (ExtensionActivity.SWITCHED_OFF, "moody"),
    ]


async def test_a_plugin_that_is_not_enabled_cannot_be_switched(world: World) -> None:
    admin = await world.app.admin()

    with pytest.raises(NotFound):
        await world.app.services.plugin_states.switch("gone", on=False, by=admin, caller=CALLER)


class NotesWorld:
    """A site with the plugin of notes, in which a client has written one."""

    plugins: Plugins
    app: MemoryApp
    client: Account
    admin: Account
    developer_id: str

    async def populate(self) -> NotesWorld:
        self.plugins = switched_on(notes.Notes, "notes", {"ONEHOUR_PLUGIN_NOTES_KEEP_DAYS": "30"})
        self.app = app_with(self.plugins)
        self.client = (await self.app.client())[0]
        self.admin = await self.app.admin()
        developer = await self.app.developer()
        self.developer_id = developer.id
        service = self.app.services.built[NoteService]
        await service.write(developer.id, "Knows indexes.", by=self.client.id, avoid=True)
        return self

    async def switch(self, *, on: bool) -> None:
        states = self.app.services.plugin_states
        await states.switch("notes", on=on, by=self.admin, caller=CALLER)

    async def browser(self) -> Browser:
        browser = Browser(app_of(self.app, added=self.plugins.web))
        await browser.look("/login")
        await browser.log_in(self.client)
        return browser


async def test_switched_off_it_is_gone_from_the_site_and_its_work_waits() -> None:
    world = await NotesWorld().populate()
    browser = await world.browser()
    await world.switch(on=False)
    await world.app.run()

    statuses = [
        (await browser.ask("GET", path)).status_code for path in ("/notes", "/api/v1/notes")
    ]
    _, profile = await browser.look(f"/developers/{world.developer_id}")
    periodic = world.app.services.periodic
    world.app.clock.advance(timedelta(days=31))
    await periodic.ensure()
    for task in await periodic.start_due():
        await task
    kept = [each async for each in world.app.store.repositories.documents(NOTES).each()]

    assert statuses == [404, 503]
    assert "Your note" not in profile and 'href="/notes"' not in profile
    assert [each for each in world.app.live.published if each.event == "notes:changed"] == []
    assert len(kept) == 1
    await world.switch(on=True)
    await world.app.pass_time(5 * MINUTE)
    assert [each for each in world.app.live.published if each.event == "notes:changed"]


async def test_its_data_is_exported_and_erased_all_the_same() -> None:
    world = await NotesWorld().populate()
    await world.switch(on=False)

    exported = await world.app.services.personal_data.export(world.client, CALLER)
    await world.app.services.personal_data.erase(world.client, CALLER)

    assert [note["text"] for note in exported["notes"]] == ["Knows indexes."]
    assert [each async for each in world.app.store.repositories.documents(NOTES).each()] == []


async def test_administrators_see_plugins_and_switch_them() -> None:
    settings = {"ONEHOUR_PLUGIN_NOTES_KEEP_DAYS": "30"}
    plugins = switched_on(notes.Notes, "notes", settings)
    site = await build_site_with_booking(app=app_with(plugins), added=plugins.web)
    admin = await site.browser_for(Who.ADMIN)

    _, overview = await admin.look("/admin")
    _, page = await admin.look("/admin/plugins")
    form = {"do": "off", "csrf_token": admin.token}
    switched = await admin.ask("POST", "/admin/plugins/notes", form=form)
    _, after = await admin.look(switched.headers["Location"])
    unknown = await admin.ask("POST", "/admin/plugins/gone", form=form)

    assert 'href="/admin/plugins"' in overview
    for shown in ("notes", "onehour_may_book", "keep_days", "30", "Switched on"):
        assert shown in page
    assert "notes is switched off." in after and "by an administrator" in after
    assert not site.app.services.plugin_states.is_on("notes")
    assert unknown.status_code == 404
