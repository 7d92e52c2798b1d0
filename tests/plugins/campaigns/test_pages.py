"""The pages of administrators: the editor with its count and preview, progress and results."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plugins.campaigns.consents import Topic
from plugins.campaigns.model import Segment, Target
from plugins.campaigns.results import Line, table
from tests.app import CALLER
from tests.plugins.campaigns.world import HELLO, World, a_world
from tests.web.site import Browser


@pytest.fixture
async def world() -> World:
    return await a_world()


def form(browser: Browser, **fields: str) -> dict[str, str]:
    return {"csrf_token": browser.token, **fields}


async def test_the_count_follows_what_is_chosen(world: World) -> None:
    await world.person("Priya Raman", Topic.NEWS)
    await world.person("Ben Okoye", Topic.NEWS, Topic.AGAIN)
    draft = await world.draft()
    browser = await world.browser(world.admin)
    path = f"/admin/campaigns/{draft.id}"
    await browser.look(path)

    news = await browser.ask("POST", f"{path}/count", form=form(browser, topic="news"))
    again = await browser.ask("POST", f"{path}/count", form=form(browser, topic="again"))
    nobody = form(browser, topic="news", zone="Europe/Madrid")
    elsewhere = await browser.ask("POST", f"{path}/count", form=nobody)

    assert "<b>2\N{NO-BREAK SPACE}people</b>" in await news.get_data(as_text=True)
    assert "<b>1\N{NO-BREAK SPACE}person</b>" in await again.get_data(as_text=True)
    assert "<b>0\N{NO-BREAK SPACE}people</b>" in await elsewhere.get_data(as_text=True)


async def test_the_preview_has_the_data_of_a_real_recipient(world: World) -> None:
    await world.person("Priya Raman", Topic.NEWS)
    ben = await world.person("Ben Okoye", Topic.NEWS, clicks=True)
    draft = await world.draft()
    browser = await world.browser(world.admin)
    path = f"/admin/campaigns/{draft.id}"
    _, editor = await browser.look(path)
    typed = {
        "topic": "news", "subject": "Hi {{ name }}", "text": "Dear <b>{{ name }}</b>",
        "button": "Look", "target": "home", "reader": ben.id,
    }  # fmt: skip

    shown = await browser.ask("POST", f"{path}/preview", form=form(browser, **typed))
    typed["text"] = "Dear {{ developer }}"
    empty = await browser.ask("POST", f"{path}/preview", form=form(browser, **typed))
    typed["text"] = "{{ name.__class__ }}"
    refused = await browser.ask("POST", f"{path}/preview", form=form(browser, **typed))

    html = await shown.get_data(as_text=True)
    assert "Hello Priya" in editor and "With the data of" in editor
    assert html.count("Hi Ben") == 3 and html.count("Dear &lt;b&gt;Ben&lt;/b&gt;") == 3
    assert "Stop these mails:" in html
    stops = set(re.findall("/mail/unsubscribe/([\\w-]+)", html))
    names = {world.campaigns.mails.tokens.read(token) for token in stops}
    assert names == {(draft.id, world.admin.id)}, "who looks at it stops no mails of the reader"
    assert "/mail/click/" not in html
    assert "“developer” is empty for Ben Okoye" in await empty.get_data(as_text=True)
    assert 'class="error"' in (told := await refused.get_data(as_text=True))
    assert "Text: Line 1: Only words such as" in told
    assert (await world.campaigns.get(draft.id)).words == HELLO, "nothing is saved"


async def test_what_is_wrong_is_named_beside_the_field_and_nothing_typed_is_lost(
    world: World,
) -> None:
    draft = await world.draft()
    browser = await world.browser(world.admin)
    path = f"/admin/campaigns/{draft.id}"
    await browser.look(path)
    typed = {"name": "News", "topic": "news", "subject": "{{ nmae }}", "text": "Long typed text"}

    answer = await browser.ask("POST", path, form=form(browser, **typed))
    html = await answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert "there is no word" in html and "Long typed text" in html
    assert (await world.campaigns.get(draft.id)).words == HELLO


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"subject": ""}, "Write the subject first."),
        ({"button": "Look", "target": ""}, "A button needs words and a page"),
        ({"rate": "0"}, "Enter 1 to 3,600 mails an hour."),
        ({"rate": "fast"}, "Enter a whole number"),
        ({"day": "2027-09-01", "clock": "10:00"}, "within the next 90 days"),
        ({"day": "soon"}, "Choose a day and a time"),
        ({"role": "admin"}, "Choose clients or developers."),
    ],
)
async def test_a_campaign_that_is_not_complete_is_not_scheduled(
    world: World, wrong: dict[str, str], said: str
) -> None:
    draft = await world.draft()
    browser = await world.browser(world.admin)
    path = f"/admin/campaigns/{draft.id}"
    await browser.look(path)
    typed = {
        "name": "News", "topic": "news", "subject": "Hi", "text": "Text", "do": "schedule",
        "rate": "200", **wrong,
    }  # fmt: skip

    answer = await browser.ask("POST", path, form=form(browser, **typed))

    assert answer.status_code == 422
    assert said in await answer.get_data(as_text=True)
    assert (await world.campaigns.get(draft.id)).state == "draft"


async def test_a_test_goes_to_the_administrator_and_counts_for_nobody(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    draft = await world.draft()
    browser = await world.browser(world.admin)
    path = f"/admin/campaigns/{draft.id}"
    await browser.look(path)
    typed = {
        "name": "News", "topic": "news", "subject": "Hello {{ name }}", "text": "Text",
        "do": "test", "reader": priya.id,
    }  # fmt: skip

    answer = await browser.ask("POST", path, form=form(browser, **typed))
    await world.app.run()
    (mail,) = world.mails_of(world.admin)
    await Browser(world.site()).ask("POST", mail.unsubscribe.removeprefix("https://onehour.test"))

    assert answer.headers["Location"].endswith("done=tried")
    assert mail.subject == "Test: Hello Priya"
    assert world.mails_of(priya) == [] and await world.outcomes(draft) == {}
    assert (await world.consents.find(priya.id)).topics, "the link is that of the administrator"


async def test_an_administrator_pauses_goes_on_and_stops(world: World) -> None:
    for letter in "ABCD":
        await world.person(f"Person {letter}", Topic.NEWS)
    campaign = await world.scheduled(rate=60)
    await world.app.run()
    browser = await world.browser(world.admin)
    path = f"/admin/campaigns/{campaign.id}"
    _, sending = await browser.look(path)

    await browser.ask("POST", f"{path}/pause", form=form(browser))
    await world.app.pass_time(timedelta(minutes=10))
    _, paused = await browser.look(path)
    await browser.ask("POST", f"{path}/resume", form=form(browser))
    await world.app.pass_time(timedelta(minutes=1))
    _, resumed = await browser.look(path)
    stopped = await browser.ask("POST", f"{path}/cancel", form=form(browser))
    again = await browser.ask("POST", f"{path}/cancel", form=form(browser))
    await world.app.pass_time(timedelta(minutes=10))
    _, over = await browser.look(path)

    assert "1 of 4 sent" in sending and "Being sent" in sending and "Stop, 3 get nothing" in sending
    assert "1 of 4 sent" in paused and "Paused by Asha Menon" in paused
    assert "2 of 4 sent" in resumed
    assert (stopped.status_code, again.status_code) == (303, 409)
    assert "2 of 4 sent" in over and "Were still waiting, get nothing" in over


async def test_clicks_are_counted_once_and_only_for_those_who_allow_it(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS, clicks=True)
    ben = await world.person("Ben Okoye", Topic.NEWS)
    campaign = await world.sent(words=replace(HELLO, target=Target.DEVELOPERS))
    anybody, admin = Browser(world.site()), await world.browser(world.admin)
    (counted,), (plain,) = world.mails_of(priya), world.mails_of(ben)
    token = counted.text.split("/mail/click/")[1].split()[0]

    _, before = await admin.look(f"/admin/campaigns/{campaign.id}")
    for method in ("HEAD", "GET", "GET"):
        followed = await anybody.ask(method, f"/mail/click/{token}")
        assert (followed.status_code, followed.headers["Location"]) == (303, "/developers")
    _, shown = await admin.look(f"/admin/campaigns/{campaign.id}")
    sheet = await admin.ask("GET", f"/admin/campaigns/{campaign.id}/results.csv")

    assert "https://onehour.test/developers" in plain.text and "/mail/click/" not in plain.text
    assert "counted for the 1 who" in shown
    assert "Nobody has clicked yet." in before and "Nobody has clicked yet." not in shown
    assert (await sheet.get_data(as_text=True)).splitlines() == [
        "zone,sent,delivered,bounced,complained,clicked,withdrew",
        "Asia/Kolkata,2,2,0,0,1,0",
        "all,2,2,0,0,1,0",
    ]


async def test_a_click_after_the_permission_was_withdrawn_is_not_counted(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS, clicks=True)
    campaign = await world.sent()
    (mail,) = world.mails_of(priya)
    await world.consents.choose([Topic.NEWS], clicks=False, by=priya.id)
    token = mail.text.split("/mail/click/")[1].split()[0]

    await Browser(world.site()).ask("GET", f"/mail/click/{token}")

    results = await world.campaigns.results(campaign.id, zone="UTC")
    assert (results.total.clicked, results.total.sent) == (0, 1)


async def test_a_campaign_that_reached_nobody_says_so(world: World) -> None:
    stopped, unmatched = await world.scheduled(), await world.draft()
    who: Any = {"by": world.admin, "caller": CALLER}
    await world.campaigns.cancel(stopped.id, **who)
    await world.campaigns.schedule(unmatched.id, starts_at=None, rate=60, **who)
    await world.let_run(hours=1)
    admin = await world.browser(world.admin)

    pages = [(await admin.look(f"/admin/campaigns/{each.id}"))[1] for each in (stopped, unmatched)]

    assert "It was stopped before it began." in pages[0]
    assert "nobody who agreed to these mails matched" in pages[1]
    assert [page for page in pages if "0 of 0" in page or "Nobody got it" not in page] == []


async def test_a_cell_of_the_table_is_never_a_formula(world: World) -> None:
    campaign = await world.sent()
    results = await world.campaigns.results(campaign.id, zone="UTC")

    sheet = table(replace(results, zones=(Line("=1+1", sent=1),)))

    assert sheet.splitlines()[1] == "'=1+1,1,1,0,0,0,0"


async def test_only_administrators_reach_the_pages(world: World) -> None:
    client = await world.browser(await world.person("Priya Raman"))
    draft = await world.draft(segment=Segment())

    _, home = await client.look("/notifications/preferences")
    for path in ("", f"/{draft.id}", f"/{draft.id}/results.csv"):
        assert (await client.ask("GET", f"/admin/campaigns{path}")).status_code == 403
    for path in ("", *(f"/{draft.id}{each}" for each in ("", "/count", "/preview", "/pause"))):
        asked = await client.ask("POST", f"/admin/campaigns{path}", form=form(client, name="x"))
        assert asked.status_code == 403

    assert "/admin/campaigns" not in home
