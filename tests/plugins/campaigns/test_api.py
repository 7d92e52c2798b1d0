"""Campaigns over the API, from a draft to its numbers."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from plugins.campaigns.consents import Topic
from plugins.campaigns.model import Segment, Words
from plugins.campaigns.schemas import SegmentSchema, WordsSchema
from tests.app import CALLER
from tests.plugins.campaigns.world import HOUR, World, a_world
from tests.web.site import Browser

PATH = "/api/v1/admin/campaigns"
WORDS = {"subject": "Hi {{ name }}", "text": "There is news.", "button": "Look", "target": "home"}


@pytest.fixture
async def world() -> World:
    return await a_world()


async def asked(
    browser: Browser, method: str, path: str, json: object = None
) -> tuple[int, dict[str, Any]]:
    more = {} if json is None else {"json": json}
    answer = await browser.ask(method, path, headers={"X-CSRF-Token": browser.token}, **more)
    return answer.status_code, await answer.get_json(silent=True) or {}


async def test_an_administrator_writes_tries_schedules_and_reads_the_numbers(
    world: World,
) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    admin = await world.browser(world.admin)

    created, draft = await asked(admin, "POST", PATH, {"name": "News"})
    one = f"{PATH}/{draft['id']}"
    incomplete, _ = await asked(admin, "POST", f"{one}/schedule", {})
    changed, written = await asked(admin, "PATCH", one, {"words": WORDS})
    tried, _ = await asked(admin, "POST", f"{one}/test", {"reader": priya.id})
    _, details = await asked(admin, "GET", one)
    scheduled, planned = await asked(admin, "POST", f"{one}/schedule", {"rate": 600})
    late, problem = await asked(admin, "PATCH", one, {"name": "Other"})
    await world.app.run()
    _, stats = await asked(admin, "GET", f"{one}/stats")
    _, listed = await asked(admin, "GET", PATH)

    assert (created, incomplete, changed, tried, scheduled) == (201, 422, 200, 204, 200)
    assert written["words"] == {**WORDS, "line": ""}
    assert (details["count"]["agreed"], details["count"]["gets"]) == (1, 1)
    assert (planned["state"], planned["rate"]) == ("scheduled", 600)
    assert (late, problem["code"]) == (409, "campaign_moved_on")
    assert (stats["progress"]["sent"], stats["total"]["delivered"]) == (1, 1)
    assert [each["state"] for each in listed["items"]] == ["done"]
    assert [mail.subject for mail in world.mails_of(priya)] == ["Hi Priya"]


async def test_a_campaign_is_paused_resumed_and_stopped(world: World) -> None:
    draft = await world.draft()
    start = world.app.clock.now() + HOUR
    await world.campaigns.schedule(
        draft.id, starts_at=start, rate=60, by=world.admin, caller=CALLER
    )
    admin = await world.browser(world.admin)
    one = f"{PATH}/{draft.id}"

    states = [
        (await asked(admin, "POST", f"{one}/{verb}"))[1].get("state", "refused")
        for verb in ("pause", "pause", "resume", "cancel", "resume")
    ]

    assert states == ["paused", "refused", "sending", "cancelled", "refused"]


@pytest.mark.parametrize(
    "body",
    [
        {"words": {"subject": "{{ x }}", "text": "a"}},
        {"words": {"subject": "a" * 151}},
        {"name": ""},
        {"topic": "everything"},
        {"segment": {"role": "admin"}},
        {"state": "done"},
    ],
)
async def test_what_is_wrong_is_refused(world: World, body: dict[str, object]) -> None:
    draft = await world.draft()
    admin = await world.browser(world.admin)

    status, _ = await asked(admin, "PATCH", f"{PATH}/{draft.id}", body)

    assert status in (400, 422)
    assert await world.campaigns.get(draft.id) == draft


async def test_the_link_of_a_mail_works_over_the_api_too(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    await world.sent()
    token = world.mails_of(priya)[0].unsubscribe.rpartition("/")[2]
    path, anybody = f"/api/v1/mail/unsubscribe/{token}", Browser(world.site())

    _, before = await asked(anybody, "GET", path)
    stopped, _ = await asked(anybody, "POST", path)
    _, after = await asked(anybody, "GET", path)
    unknown, _ = await asked(anybody, "POST", f"{path}x")

    assert (before["email"], before["topics"]) == (priya.email, ["news"])
    assert (stopped, after["topics"], unknown) == (204, [], 404)


async def test_others_are_refused(world: World) -> None:
    draft = await world.draft()
    client = await world.browser(await world.person("Priya Raman"))
    visitor = Browser(world.site())

    for path in (PATH, f"{PATH}/{draft.id}", f"{PATH}/{draft.id}/stats"):
        assert (await asked(client, "GET", path))[0] == 403
        assert (await asked(visitor, "GET", path))[0] in (401, 403)
    for verb in ("test", "schedule", "pause", "resume", "cancel"):
        status, _ = await asked(client, "POST", f"{PATH}/{draft.id}/{verb}", {})
        assert status == 403


def test_the_described_fields_are_those_of_what_is_stored() -> None:
    for described, stored in ((SegmentSchema, Segment), (WordsSchema, Words)):
        assert list(described.__annotations__) == [each.name for each in fields(stored)]
