"""Messages to browsers that asked for them."""

from __future__ import annotations

import json

import pytest

from core.accounts import Account
from core.errors import Invalid
from core.notice_preferences import QuietHours
from core.outbox import State
from core.policy import DAY, HOUR, MINUTE
from core.push_subscriptions import MOST_OF_ACCOUNT
from services.notifications.documents import SUBSCRIPTIONS
from tests.app import CALLER, MemoryApp
from tests.services.booking_emails import scene

KEY, SECRET = "BA" + "A" * 85, "A" * 22
HOME = "https://push.example.com/send/home"
PHONE = "https://push.example.net/send/phone"


async def subscribe(app: MemoryApp, account: Account, *endpoints: str) -> None:
    for endpoint in endpoints:
        await app.services.push.subscribe(
            by=account.id, endpoint=endpoint, key=KEY, secret=SECRET, device="Firefox on Linux"
        )
        app.clock.advance(15 * MINUTE)


async def browsers(app: MemoryApp, account: Account) -> list[str]:
    found = app.store.repositories.documents(SUBSCRIPTIONS).each(account_id=account.id)
    return sorted([each.endpoint async for each in found])


def titles(app: MemoryApp, endpoint: str) -> list[str]:
    sent = (each for each in app.pusher.sent if each.endpoint == endpoint)
    return [json.loads(each.content)["title"].replace("\N{NO-BREAK SPACE}", " ") for each in sent]


async def test_each_browser_gets_the_subject_of_the_mail_and_the_page_once() -> None:
    here = await scene()
    app, meera = here.app, here.client
    await subscribe(app, meera, HOME, PHONE)
    booking = await here.confirmed()

    for endpoint in (HOME, PHONE):
        assert titles(app, endpoint) == [
            f"Lucía accepted: 2 hours on Thu 26 Nov ({booking.number})"
        ]
    content = json.loads(app.pusher.sent[0].content)
    assert content["url"] == f"https://onehour.test/bookings/{booking.id}"
    assert content["id"] == f"{booking.id}.accepted.{meera.id}"
    assert app.pusher.sent[0].life == DAY


async def test_one_browser_that_cannot_be_reached_repeats_nothing_at_the_other() -> None:
    here = await scene()
    app, meera = here.app, here.client
    await subscribe(app, meera, HOME, PHONE)
    booking = await here.paid()
    app.pusher.down = True
    await app.services.answers.accept(booking.id, by=here.developer.id)
    await app.run()

    app.pusher.down = False
    await app.pass_time(HOUR)
    await app.pass_time(HOUR)

    assert (len(titles(app, HOME)), len(titles(app, PHONE))) == (1, 1)


async def test_a_subscription_that_has_ended_is_removed() -> None:
    here = await scene()
    app, meera = here.app, here.client
    await subscribe(app, meera, HOME, PHONE)
    app.pusher.ended.add(HOME)

    await here.confirmed()

    assert await browsers(app, meera) == [PHONE]
    assert len(titles(app, PHONE)) == 1


async def test_a_refused_message_is_not_repeated_and_keeps_the_subscription() -> None:
    here = await scene()
    app, meera = here.app, here.client
    await subscribe(app, meera, HOME)
    app.pusher.refused.add(HOME)

    await here.confirmed()

    assert await app.run() == 0
    assert await browsers(app, meera) == [HOME]


async def test_what_people_did_themselves_and_money_reach_no_browser() -> None:
    here = await scene()
    app = here.app
    await subscribe(app, here.developer, PHONE)
    await subscribe(app, here.client, HOME)

    await here.confirmed()

    assert [each.partition(":")[0] for each in titles(app, PHONE)] == ["Request from Meera"]
    assert [each.partition(":")[0] for each in titles(app, HOME)] == ["Lucía accepted"]


async def test_what_was_read_in_the_list_by_then_reaches_no_browser() -> None:
    here = await scene()
    app, meera = here.app, here.client
    await subscribe(app, meera, HOME)
    booking = await here.paid()
    await app.services.answers.accept(booking.id, by=here.developer.id)
    ready = await app.store.repositories.outbox.in_state(State.READY, limit=100)
    first = [each.id for each in ready if each.kind == "notifications.mail"]

    await app.services.outbox.run_due(only=first)
    await app.services.notifications.read_all(by=meera.id)
    await app.run()

    assert titles(app, HOME) == []


async def test_a_browser_belongs_to_the_account_that_asked_last(app: MemoryApp) -> None:
    meera, _ = await app.client()
    rohan, _ = await app.client("Rohan Deshpande")
    await subscribe(app, meera, HOME)

    await subscribe(app, rohan, HOME)
    await app.services.push.unsubscribe(HOME, by=meera.id)

    assert (await browsers(app, meera), await browsers(app, rohan)) == ([], [HOME])
    await app.services.push.unsubscribe(HOME, by=rohan.id)
    assert await browsers(app, rohan) == []


async def test_one_browser_too_many_replaces_the_oldest(app: MemoryApp) -> None:
    meera, _ = await app.client()
    many = [f"https://push.example.com/send/{n:02d}" for n in range(MOST_OF_ACCOUNT + 1)]

    await subscribe(app, meera, *many)

    assert await browsers(app, meera) == many[1:]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/1", "https://127.0.0.1/1", "https://[::1]/1", "https://localhost/1",
        "https://push.example.com:8443/1", "https://a:b@push.example.com/1", "push.example.com",
        "https://db.internal/1", "https://printer.local/1",
        "https://push.example.com/" + 1000 * "x",
        "https://push.example.com:port/1", "",
    ],
)  # fmt: skip
async def test_an_address_that_cannot_be_a_push_service_is_refused(
    app: MemoryApp, endpoint: str
) -> None:
    meera, _ = await app.client()

    with pytest.raises(Invalid) as refused:
        await subscribe(app, meera, endpoint)

    assert list(refused.value.fields) == ["endpoint"]


async def test_wrong_keys_are_refused_by_name(app: MemoryApp) -> None:
    with pytest.raises(Invalid) as refused:
        await app.services.push.subscribe(
            by="acc_1", endpoint=HOME, key="AAAA", secret="€", device=""
        )

    assert list(refused.value.fields) == ["p256dh", "auth"]


async def test_subscriptions_are_exported_and_erased(app: MemoryApp) -> None:
    meera, _ = await app.client()
    await subscribe(app, meera, HOME)

    exported = await app.services.personal_data.export(meera, CALLER)
    await app.services.personal_data.erase(meera, CALLER)

    assert [each["endpoint"] for each in exported["push_subscriptions"]] == [HOME]
    assert [each["device"] for each in exported["push_subscriptions"]] == ["Firefox on Linux"]
    assert await browsers(app, meera) == []


async def test_quiet_hours_hold_messages_to_browsers_back() -> None:
    here = await scene()
    app, meera = here.app, here.client
    await subscribe(app, meera, HOME)
    quiet = QuietHours("11:00", "12:30")
    await app.services.notice_preferences.change({}, quiet, by=meera.id)

    await here.confirmed()
    assert titles(app, HOME) == []
    await app.pass_time(HOUR + MINUTE)

    assert len(titles(app, HOME)) == 1
