"""The plugin that uses every contribution, on memory adapters and on a real database."""

from __future__ import annotations

import ast
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from quart import Quart

from adapters.memory.clock import FixedClock
from adapters.memory.live import PublishedEvent
from adapters.mongo.store import MongoStore
from core.accounts import Account
from core.developers import Developer, DeveloperId
from onehour.api import Repositories
from onehour.testing.scheduling import RecordedWakeUps
from plugins.manager import Plugins
from ports.extensions import Vetoed
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import CALLER, MONDAY, MemoryApp
from tests.plugins import notes
from tests.plugins.notes.model import NOTES, NoteExists, NoteWritten
from tests.plugins.notes.service import NoteService
from tests.plugins.site import app_with, switched_on
from tests.servers import start_mongo, stop
from tests.web.every_role import Person
from tests.web.site import Browser, app_of
from tests.web.sockets import open_socket
from web.app import records_of
from web.shared.live import LocalManager
from web.shared.records import events_of
from web.shared.sockets import create_sockets


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start_mongo(tmp_path_factory.mktemp("notes"))
    yield url
    stop(process)


@dataclass
class World:
    """The application with the plugin, a client and a developer."""

    app: MemoryApp
    plugins: Plugins
    client: Account
    developer: Developer

    @property
    def notes(self) -> NoteService:
        return self.app.services.built[NoteService]

    @property
    def developer_id(self) -> DeveloperId:
        return self.developer.id

    async def stored(self) -> list[str]:
        documents = self.app.store.repositories.documents(NOTES)
        return [note.text async for note in documents.each(account=self.client.id)]

    def site(self) -> Quart:
        return app_of(self.app, added=self.plugins.web)

    async def browser(self) -> Browser:
        """Of the client, logged in."""
        browser = Browser(self.site())
        await browser.look("/login")
        await browser.log_in(self.client)
        return browser


@pytest.fixture(params=["memory", "mongo"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    plugins = switched_on(notes.Notes, "notes", {"ONEHOUR_PLUGIN_NOTES_KEEP_DAYS": "30"})
    if request.param == "memory":
        yield await populated(app_with(plugins), plugins)
        return
    url, name = request.getfixturevalue("database_url"), f"notes_{uuid.uuid4().hex[:12]}"
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(url)
    clock = FixedClock(MONDAY)
    documents = documents_of((*CAPABILITIES, *plugins.capabilities))
    store = MongoStore(client, name, clock, RecordedWakeUps(), documents=documents)
    await store.prepare()
    yield await populated(app_with(plugins, clock=clock, store=store), plugins)
    await client.drop_database(name)
    client.close()


async def populated(app: MemoryApp, plugins: Plugins) -> World:
    client, _ = await app.client()
    return World(app, plugins, client, await app.developer())


async def test_a_client_writes_a_note_on_the_profile_and_reads_it_there(world: World) -> None:
    browser = await world.browser()
    _, profile = await browser.look(f"/developers/{world.developer_id}")
    form = {"text": "Knows indexes.", "csrf_token": browser.token}

    written = await browser.ask("POST", f"/notes/{world.developer_id}", form=form)
    _, profile_after = await browser.look(f"/developers/{world.developer_id}")
    _, index = await browser.look("/notes")

    assert written.status_code == 303
    assert "Your note" in profile and "Knows indexes." not in profile
    assert "Knows indexes." in profile_after and "Knows indexes." in index
    assert '<a href="/notes"' in index and "notes/js/changed.js" in index


async def test_others_see_neither_panel_nor_notes(world: World) -> None:
    await world.notes.write(world.developer_id, "Private.", by=world.client.id, avoid=False)
    visitor = Browser(world.site())

    _, profile = await visitor.look(f"/developers/{world.developer_id}")
    answer = await visitor.ask("GET", "/api/v1/notes")

    assert "Your note" not in profile and "Private." not in profile
    assert answer.status_code == 401 or answer.status_code == 403


async def test_the_api_writes_lists_and_refuses(world: World) -> None:
    browser = await world.browser()
    path = f"/api/v1/notes/{world.developer_id}"
    headers = {"X-CSRF-Token": browser.token}

    written = await browser.ask("PUT", path, json={"text": "Fast."}, headers=headers)
    again = await browser.ask("PUT", path, json={"text": "Faster."}, headers=headers)
    empty = await browser.ask("PUT", path, json={"text": ""}, headers=headers)
    large = await browser.ask("PUT", path, json={"text": 20_000 * "x"}, headers=headers)
    gone = await browser.ask(
        "PUT", "/api/v1/notes/dev_nobody", json={"text": "Who?"}, headers=headers
    )
    listed = await (await browser.ask("GET", "/api/v1/notes")).get_json()

    assert (written.status_code, again.status_code) == (200, 200)
    assert (empty.status_code, large.status_code, gone.status_code) == (422, 413, 404)
    assert [(note["text"], note["version"]) for note in listed["items"]] == [("Faster.", 1)]


async def test_one_note_for_each_developer_is_a_rule_of_the_database(world: World) -> None:
    note = await world.notes.write(world.developer_id, "First.", by=world.client.id, avoid=False)
    second = type(note)("note_2", note.account, note.developer, "Second.", note.written_at)

    async def step(repositories: Repositories) -> None:
        await repositories.documents(NOTES).add(second)

    with pytest.raises(NoteExists):
        await world.app.store.transact(step)
    assert await world.stored() == ["First."]


async def test_other_open_pages_hear_of_a_note(world: World) -> None:
    await world.notes.write(world.developer_id, "Fast.", by=world.client.id, avoid=False)

    await world.app.run()

    told = PublishedEvent(
        f"account:{world.client.id}", "notes:changed", {"developer": world.developer_id}
    )
    assert told in world.app.live.published
    assert not await world.app.store.repositories.outbox.in_state("dead", limit=1)


async def test_the_socket_event_counts_my_notes(world: World) -> None:
    browser = await world.browser()
    await world.notes.write(world.developer_id, "Fast.", by=world.client.id, avoid=False)
    dependencies = browser.quart_app.extensions["dependencies"]
    sockets = create_sockets(
        LocalManager(),
        world.app.services,
        site=dependencies.site,
        events=events_of(records_of(dependencies, world.plugins.web)),
    )

    async with open_socket(sockets, Person("client", browser, world.client)) as opened:
        counted = await opened.send("notes:count", {})
    async with open_socket(sockets, Person("visitor", Browser(browser.quart_app))) as opened:
        refused = await opened.send("notes:count", {})

    assert counted == {"ok": True, "count": 1}
    assert (refused["ok"], refused["code"]) == (False, "sign_in_first")
    if sockets.server.eio.service_task_handle:
        await sockets.server.shutdown()


async def test_a_note_to_avoid_somebody_refuses_the_booking(world: World) -> None:
    await world.notes.write(world.developer_id, "Late.", by=world.client.id, avoid=True)

    with pytest.raises(Vetoed, match="You noted to avoid this developer"):
        await world.app.hold(world.client, world.developer)
    await world.notes.write(world.developer_id, "Better.", by=world.client.id, avoid=False)

    assert (await world.app.hold(world.client, world.developer)).status == "held"


async def test_after_the_work_the_client_is_invited_once_by_mail_and_timeline(
    world: World,
) -> None:
    job = await world.app.delivered(world.client, world.developer)
    await world.app.services.jobs.approve(job.id, by=world.client.id)
    await world.app.run()
    await world.plugins.deliver("notes", "approved", {"booking": job.booking_id})
    await world.app.run()

    subjects = [message.subject for message in world.app.mailer.to(world.client.email)]
    assert subjects.count("A note on Lucía?") == 1
    browser = await world.browser()
    _, page = await browser.look(f"/bookings/{job.booking_id}")
    assert page.count("A note was suggested") == 2, "in the history, and in the conversation"


async def test_the_channel_of_the_plugin_rings_for_those_who_turned_it_on(world: World) -> None:
    app, meera, lucia = world.app, world.client, world.developer.account_id
    await app.services.notice_preferences.change({("bookings", "ring"): True}, None, by=meera.id)
    booking = await app.paid(meera, world.developer)
    await app.services.answers.accept(booking.id, by=lucia)
    await app.run()

    rings = [each for each in app.live.published if each.event == "notes:ring"]
    key = f"{booking.id}.accepted.{meera.id}"
    assert rings == [PublishedEvent(f"account:{meera.id}", "notes:ring", {"id": key})]


async def test_old_notes_are_removed_by_the_periodic_job(world: World) -> None:
    periodic = world.app.services.periodic
    await world.notes.write(world.developer_id, "Old.", by=world.client.id, avoid=False)
    world.app.clock.advance(timedelta(days=31))

    await periodic.ensure()
    for task in await periodic.start_due():
        await task

    assert "notes.remove_old" in periodic.tasks
    assert await periodic.failing() == []
    assert await world.stored() == []


async def test_notes_are_exported_and_erased_with_the_account(world: World) -> None:
    await world.notes.write(world.developer_id, "Fast.", by=world.client.id, avoid=False)

    exported = await world.app.services.personal_data.export(world.client, CALLER)
    await world.app.services.personal_data.erase(world.client, CALLER)

    assert [note["text"] for note in exported["notes"]] == ["Fast."]
    assert await world.stored() == []


async def test_the_static_files_are_served_and_the_sheet_joins_the_bundle(world: World) -> None:
    visitor = Browser(world.site())

    script, code = await visitor.look("/static/notes/js/changed.js")
    _, sheets = await visitor.look("/static/look.css")

    assert script.status_code == 200 and "live:notes:changed" in code
    assert ".note{" in sheets


async def test_a_stored_message_of_the_plugin_has_a_handler(world: World) -> None:
    assert NoteWritten.kind in world.app.services.outbox.handlers


def test_the_plugin_imports_nothing_of_the_application_but_the_api() -> None:
    ours = {"core", "ports", "services", "adapters", "web", "onehour", "plugins"}
    folder = Path(notes.__file__).parent

    imported = {
        node.module
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
    }

    assert {name for name in imported if name.split(".")[0] in ours} == {"onehour.api"}
