"""Files of a brief on pages without scripts, and over the API."""

from __future__ import annotations

import re

import pytest

from core.files import FileId, Purpose
from core.policy import DAY
from tests.builders.files import final, uploaded
from tests.web.chats.talk import Talk, send, two_people

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


async def test_files_of_a_declined_booking_are_named_for_the_next_one(talk: Talk) -> None:
    file, start = await a_file(talk), talk.app.clock.now() + 3 * DAY
    held = await talk.app.services.bookings.hold(
        by=talk.meera.id, developer_id=talk.lucia.id, start=start, hours=1, brief="It is slow.",
        files=[file],
    )  # fmt: skip
    await talk.app.pay(held)
    await talk.app.settle(held)
    await talk.app.services.answers.decline(held.id, by=talk.lucia.account_id, reason="Ill")
    again = f"{path(talk)}?again={held.id}"

    _, own = await talk.client.look(again)
    _, other = await talk.developer.look(again)
    _, first = await talk.client.look(path(talk))

    assert "It is slow.</textarea>" in own
    assert "The files of the booking before are not taken over." in own
    assert f'href="/files/{file}">plan.txt</a>' in own
    for html in (other, first):
        assert "booking before" not in html
        assert "It is slow." not in html


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
