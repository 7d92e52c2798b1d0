"""The description of the socket events: complete, valid, and true of what is sent."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from core.live import BookingChanged, SessionEnded, SlotsChanged
from core.outbox import Payload
from core.outbox import message as outbox_message
from ports.store import Repositories
from tests.node import node_program
from tests.web.every_role import build_site_with_every_role
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from tests.web.sockets import open_socket, sockets_of
from web.app import WEB
from web.shared.asyncapi import describe_sockets
from web.shared.context import Site
from web.shared.live_events import LiveEvent, document_event
from web.shared.records import events_of, live_events_of

DOCUMENT = "/api/v1/asyncapi.json"
Document = Mapping[str, Any]


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.fixture
async def document(site: SiteWithBooking) -> Document:
    answer = await Browser(site.quart_app).ask("GET", DOCUMENT)
    found: Document = await answer.get_json()
    return found


def check_value(value: object, document: Document, message: str) -> None:
    """Raises `ValidationError` for a value that is not described so."""
    payload = document["components"]["messages"][message]["payload"]
    jsonschema_rs.validate({**payload, "components": document["components"]}, value)


async def test_it_has_every_event(document: Document) -> None:
    names = {each["name"] for each in document["components"]["messages"].values()}

    assert names == {
        *events_of(WEB), *(f"{name} (acknowledgement)" for name in events_of(WEB)),
        *live_events_of(WEB),
    }  # fmt: skip
    assert {"slots:watch", "slots:changed", "booking:updated", "session:ended"} <= names


async def test_the_official_parser_accepts_it(document: Document, tmp_path: Path) -> None:
    file = tmp_path / "asyncapi.json"
    file.write_bytes(orjson.dumps(document))

    command = [*node_program("asyncapi.mjs"), file]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(done.stdout.splitlines()) == [
        "receive receive_call_heartbeat",
        "receive receive_call_join",
        "receive receive_call_leave",
        "receive receive_call_signal",
        "receive receive_call_trouble",
        "receive receive_chat_close",
        "receive receive_chat_here",
        "receive receive_chat_open",
        "receive receive_chat_read",
        "receive receive_chat_send",
        "receive receive_chat_sync",
        "receive receive_chat_typing",
        "receive receive_notifications_seen",
        "receive receive_pad_change",
        "receive receive_pad_close",
        "receive receive_pad_cursor",
        "receive receive_pad_language",
        "receive receive_pad_open",
        "receive receive_slots_watch",
        "send send_booking_updated",
        "send send_call_ended",
        "send send_call_peer",
        "send send_call_signal",
        "send send_chat_deleted",
        "send send_chat_edited",
        "send send_chat_message",
        "send send_chat_read",
        "send send_chat_typing",
        "send send_chat_updated",
        "send send_file_updated",
        "send send_notification_new",
        "send send_notifications_read",
        "send send_pad_changed",
        "send send_pad_cursor",
        "send send_pad_language",
        "send send_presence",
        "send send_session_ended",
        "send send_slots_changed",
        "send send_withdrawal_updated",
    ]


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (BookingChanged("acc_1 acc_2", "bkg_1", "paid"), "send_booking_updated"),
        (SlotsChanged("dev_1"), "send_slots_changed"),
        (SessionEnded("session"), "send_session_ended"),
    ],
)
async def test_the_events_that_are_sent_are_as_described(
    site: SiteWithBooking, document: Document, payload: Payload, message: str
) -> None:
    app = site.app
    app.live.published.clear()

    async def enqueue(repositories: Repositories) -> None:
        await repositories.outbox.add(outbox_message(payload, "test", due_at=app.clock.now()))

    await app.store.transact(enqueue)
    await app.run()

    name = document["components"]["messages"][message]["name"]
    sent = [event.data for event in app.live.published if event.event == name]
    assert sent
    for value in sent:
        check_value(value, document, message)
        with pytest.raises(jsonschema_rs.ValidationError):
            check_value("text", document, message)


@pytest.mark.parametrize("data", [{"developer": "dev_1"}, {}, 5])
async def test_answers_are_as_described(document: Document, data: object) -> None:
    site = await build_site_with_every_role()
    async with sockets_of(site) as sockets, open_socket(sockets, site.people["anon"]) as opened:
        check_value(await opened.send("slots:watch", data), document, "answer_slots_watch")


async def test_an_event_may_have_one_name_in_both_directions() -> None:
    @document_event(int, answer=str)
    async def ask(socket: object, data: object) -> None:
        """Ask for news."""

    made = describe_sockets(
        site=Site(base_url="https://onehour.test", secret_key="a secret for tests"),
        title="Sockets",
        received={"news": ask},
        sent={"news": LiveEvent(name="news", data=bool, summary="There are news.")},
    )

    messages = made["components"]["messages"]
    assert messages["receive_news"]["payload"] == {"type": "integer"}
    assert messages["answer_news"]["payload"]["oneOf"][0] == {"type": "string"}
    assert messages["send_news"]["payload"] == {"type": "boolean"}
    assert made["servers"]["site"]["protocol"] == "wss"
