"""Files of a brief on pages without scripts, and over the API."""

from __future__ import annotations

import re

import pytest

from core.bookings import Booking
from core.files import FileId, Purpose
from core.policy import DAY
from services.files.documents import USAGE
from tests.builders.files import TEXT, final, uploaded
from tests.web.chats.talk import Talk, send, two_people
from tests.web.site import Browser

EARLIER = re.compile(r'name="earlier" value="(\w+)" checked')
CHOICES = re.compile(r'name="files" value="(\w+)" form="picker"([^>]*)>')


@pytest.fixture
async def talk() -> Talk:
    return await two_people()


async def a_file(talk: Talk, name: str = "plan.txt") -> FileId:
    return (await final(talk.app, talk.meera.id, purpose=Purpose.BRIEF, name=name)).id


def path(talk: Talk) -> str:
    return f"/developers/{talk.lucia.id}"


def booked(talk: Talk, **more: str) -> dict[str, str]:
    start = talk.app.clock.now() + 3 * DAY
    return {"start": start.isoformat(), "hours": "1", "brief": "It is slow.", **more}


async def test_sent_files_are_chosen_and_seen_by_both_parties(talk: Talk) -> None:
    file, other = await a_file(talk), await a_file(talk, "for somebody else.txt")
    _, profile = await talk.client.look(path(talk))
    assert dict(CHOICES.findall(profile)) == {file: "", other: ""}, "none is chosen by itself"
    assert f'href="/uploads/brief?back={path(talk)}"' in profile

    status, _, _ = await send(talk.client, f"{path(talk)}/book", **booked(talk, files=file))

    assert status == 303
    held, _ = await talk.app.services.bookings.of_account(by=talk.meera.id)
    assert held[0].files == (file,)
    for browser in (talk.client, talk.developer):
        _, html = await browser.look(f"/bookings/{held[0].id}")
        assert "<b>plan.txt</b>" in html
        assert f'href="/files/{file}"' in html
        assert "somebody else" not in html


async def declined(talk: Talk, *files: FileId) -> Booking:
    """A booking of Meera that Lucía could not accept."""
    start = talk.app.clock.now() + 3 * DAY
    held = (await talk.app.services.bookings.hold(
        by=talk.meera.id, developer_id=talk.lucia.id, start=start, hours=1, brief="It is slow.",
        files=files,
    )).booking  # fmt: skip
    await talk.app.pay(held)
    await talk.app.settle(held)
    await talk.app.services.answers.decline(held.id, by=talk.lucia.account_id, reason="Ill")
    return held


async def text_of(talk: Talk, browser: Browser, file: str) -> bytes:
    link = (await browser.ask("GET", f"/files/{file}")).headers["Location"]
    answer = await browser.ask("GET", link.removeprefix("https://onehour.test"))
    return bytes(await answer.get_data(as_text=False))


async def test_files_of_a_declined_booking_are_copied_to_the_next_one(talk: Talk) -> None:
    file, left_out = await a_file(talk), await a_file(talk, "old.txt")
    before = await declined(talk, file, left_out)
    again = f"{path(talk)}?again={before.id}"

    _, own = await talk.client.look(again)
    _, other = await talk.developer.look(again)
    _, first = await talk.client.look(path(talk))
    assert "It is slow.</textarea>" in own
    assert EARLIER.findall(own) == [file, left_out]
    for html in (other, first):
        assert EARLIER.findall(html) == []
        assert "It is slow." not in html

    more = await a_file(talk, "new.txt")
    await talk.client.look(again)
    form = booked(talk, files=more, earlier=file)
    assert (await send(talk.client, f"{path(talk)}/book", **form))[0] == 303

    held, _ = await talk.app.services.bookings.of_account(by=talk.meera.id)
    (booking,) = [each for each in held if each.id != before.id]
    assert booking.files[0] == more and booking.files[1] not in (file, left_out)
    _, html = await talk.developer.look(f"/bookings/{booking.id}")
    assert "<b>plan.txt</b>" in html and "old.txt" not in html
    texts = [await text_of(talk, talk.developer, each) for each in (file, booking.files[1])]
    assert texts == [TEXT, TEXT]
    assert (await talk.app.booking(before.id)).files == (file, left_out)


async def test_files_that_cannot_be_copied_leave_nothing(talk: Talk) -> None:
    file = await a_file(talk)
    await declined(talk, file)
    foreign = (await final(talk.app, talk.lucia.account_id, purpose=Purpose.BRIEF)).id
    usage = talk.app.store.repositories.documents(USAGE)
    used = await usage.get(talk.meera.id)
    await talk.client.look(path(talk))
    book = f"{path(talk)}/book"

    no_brief = await send(talk.client, book, **{**booked(talk, earlier=file), "brief": " "})
    others = await send(talk.client, book, **booked(talk, earlier=foreign))
    past = await send(
        talk.client, book, **{**booked(talk, earlier=file), "start": "2026-01-01T00:00Z"}
    )
    await talk.app.run()

    assert (no_brief[0], others[0]) == (422, 422) and past[0] in (409, 422)
    assert EARLIER.findall(no_brief[2]) == EARLIER.findall(past[2]) == [file]
    assert "One of the files does not exist." in others[2] and EARLIER.findall(others[2]) == []
    assert (await usage.get(talk.meera.id)).used == used.used
    assert await talk.app.services.uploads.unused(by=talk.meera.id, purpose=Purpose.BRIEF) == ()


async def test_a_file_that_cannot_be_used_keeps_the_form(talk: Talk) -> None:
    ready = await a_file(talk)
    unchecked = await uploaded(talk.app, talk.meera.id, purpose=Purpose.BRIEF, name="log.txt")
    await talk.client.look(path(talk))
    book = f"{path(talk)}/book"

    early = await send(talk.client, book, **booked(talk, files=unchecked))
    wrong = await send(talk.client, book, **booked(talk, files=f"{ready},fil_none"))

    assert (early[0], wrong[0]) == (409, 422)
    assert "log.txt is still being checked." in early[2]
    assert dict(CHOICES.findall(early[2])) == {ready: "", unchecked: " checked disabled"}
    assert "One of the files does not exist." in wrong[2]
    assert ">It is slow.</textarea>" in wrong[2]


async def test_only_somebody_who_can_book_attaches_files(talk: Talk) -> None:
    arjun = await talk.app.developer("Arjun")

    for browser, developer in ((talk.developer, arjun.id), (talk.developer, talk.lucia.id)):
        _, html = await browser.look(f"/developers/{developer}")
        assert "data-upload" not in html


async def test_the_api_takes_and_names_the_files(talk: Talk) -> None:
    file = await a_file(talk)
    await talk.client.look(path(talk))
    headers = {"X-CSRF-Token": talk.client.token, "Idempotency-Key": "one-booking"}
    body = {**booked(talk), "hours": 1, "developer_id": talk.lucia.id, "files": [file]}

    first = await talk.client.ask("POST", "/api/v1/bookings", json=body, headers=headers)
    again = await talk.client.ask("POST", "/api/v1/bookings", json=body, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    made = await first.get_json()
    assert made["files"] == [file]
    read = await talk.developer.ask("GET", f"/api/v1/bookings/{made['id']}")
    assert (await read.get_json())["files"] == [file]
