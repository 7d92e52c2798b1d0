"""From the words of an administrator to mails, and to somebody who stops them."""

from __future__ import annotations

import pytest

from core.accounts import Account
from plugins.campaigns.consents import Topic
from tests.plugins.campaigns.world import World, a_world
from tests.web.site import Browser


@pytest.fixture
async def world() -> World:
    return await a_world()


async def test_an_administrator_writes_a_campaign_and_those_who_agreed_get_it(
    world: World,
) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    await world.person("Ben Okoye")
    await world.person("Chitra Rao", Topic.AGAIN)
    browser = await world.browser(world.admin)
    await browser.look("/admin/campaigns")

    created = await browser.ask("POST", "/admin/campaigns", form=_form(browser, name="News"))
    path = created.headers["Location"]
    _, editor = await browser.look(path)
    words = {
        "subject": "Hello {{ name }}", "text": "Dear {{ name }},\n\nthere is news.",
        "topic": "news", "role": "client", "do": "schedule", "rate": "600",
    }  # fmt: skip
    saved = await browser.ask("POST", path, form=_form(browser, name="News", **words))
    await world.app.run()
    _, shown = await browser.look(path)

    assert (created.status_code, saved.status_code) == (303, 303)
    assert "1\N{NO-BREAK SPACE}person" in editor and "Agreed to these mails" in editor
    assert [mail.to for mail in world.app.mailer.sent if mail.unsubscribe] == [priya.email]
    (mail,) = world.mails_of(priya)
    assert (mail.subject, "Dear Priya," in mail.text) == ("Hello Priya", True)
    assert "You get this because you agreed to it on Mon 23" in mail.text.replace("\u00a0", " ")
    assert "1 of 1 sent" in shown and "Sent</span>" in shown


async def test_one_post_without_a_cookie_stops_the_mails(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    await world.sent()
    (mail,) = world.mails_of(priya)
    anybody = Browser(world.site())

    shown = await anybody.ask("GET", _path(mail.unsubscribe))
    before = await world.consents.find(priya.id)
    one_click = {"List-Unsubscribe": "One-Click"}
    stopped = await anybody.ask("POST", _path(mail.unsubscribe), form=one_click)
    after = await world.consents.find(priya.id)

    assert (shown.status_code, stopped.status_code) == (200, 200)
    assert "Set-Cookie" not in shown.headers and "Set-Cookie" not in stopped.headers
    assert before.topics == (Topic.NEWS,) and after.topics == ()
    assert [(each.way, each.wording) for each in after.changes] == [
        ("page", "News and offers of the site"),
        ("button", ""),
    ]
    assert mail.list_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_who_stopped_gets_no_campaign_and_still_gets_codes_and_receipts(
    world: World,
) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    await world.sent()
    await _stop(world, priya)

    await world.sent()
    developer = await world.app.developer()
    await world.app.paid(priya, developer)
    await world.app.run()

    assert len(world.mails_of(priya)) == 1
    others = [mail for mail in world.app.mailer.to(priya.email) if not mail.unsubscribe]
    assert any("paid" in mail.subject.lower() or "₹" in mail.text for mail in others)


async def test_who_stops_while_it_is_being_sent_gets_nothing(world: World) -> None:
    people = [await world.person(f"Person {letter}", Topic.NEWS) for letter in "ABCDEF"]
    campaign = await world.scheduled(rate=60)
    await world.app.run()
    assert sum(len(world.mails_of(each)) for each in people) == 1, "one a minute"
    waiting = next(each for each in people if not world.mails_of(each))

    await world.consents.choose((), clicks=False, by=waiting.id)
    await world.let_run()

    assert world.mails_of(waiting) == []
    outcomes = await world.outcomes(campaign)
    assert outcomes.pop(waiting.name) == "withdrew"
    assert set(outcomes.values()) == {"sent"}


@pytest.mark.parametrize("token", ["", "x", "%00", "é", "A" * 500, "Y2FtXzEuYWNjXzE"])
async def test_an_invented_link_leads_nowhere(world: World, token: str) -> None:
    anybody = Browser(world.site())

    for method in ("GET", "POST"):
        answer = await anybody.ask(method, f"/mail/unsubscribe/{token}")
        assert answer.status_code == 404


async def test_people_agree_after_the_sign_up_and_choose_among_their_preferences(
    world: World,
) -> None:
    priya = await world.person("Priya Raman")
    browser = await world.browser(priya)

    _, welcome = await browser.look("/welcome")
    form = _form(browser, news="on", clicks="on")
    saved = await browser.ask("POST", "/mail/consent/welcome", form=form)
    _, chosen = await browser.look("/notifications/preferences")
    given = await world.consents.find(priya.id)
    await browser.ask("POST", "/mail/consent/preferences", form=_form(browser))

    assert "Mails when something fits" in welcome and "You agreed on" not in welcome
    assert (saved.status_code, saved.headers["Location"]) == (303, "/welcome#news")
    assert "You agreed on" in chosen
    assert (given.topics, given.clicks, given.language) == ((Topic.NEWS,), True, "en-IN")
    assert given.changes[0].wording == (
        "News and offers of the site; Count my clicks, to see what helps"
    )
    assert not (await world.consents.find(priya.id)).topics


async def _stop(world: World, account: Account) -> None:
    (mail,) = world.mails_of(account)
    await Browser(world.site()).ask("POST", _path(mail.unsubscribe), form={})


def _path(url: str) -> str:
    return url.removeprefix("https://onehour.test")


def _form(browser: Browser, **fields: str) -> dict[str, str]:
    return {"csrf_token": browser.token, **fields}


async def test_the_limits_that_people_read_are_those_of_the_settings() -> None:
    world = await a_world(per_week="1", quiet_from="20:00", quiet_until="10:00")
    priya = await world.person("Priya Raman", Topic.NEWS)
    browser = await world.browser(priya)
    await world.sent()
    (mail,) = world.mails_of(priya)

    _, preferences = await browser.look("/notifications/preferences")
    _, stop = await Browser(world.site()).look(_path(mail.unsubscribe))

    said = "At most 1 a week, never between 20:00 and 10:00."
    assert said in " ".join(preferences.split()) and said in " ".join(stop.split())
