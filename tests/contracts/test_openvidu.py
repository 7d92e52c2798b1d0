"""OpenVidu: tokens and webhooks by LiveKit's own library, the API in memory, and a real server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from livekit import rtc
from livekit.api import TokenVerifier, WebhookReceiver

from adapters.memory.clock import FixedClock
from adapters.openvidu.provider import OpenViduVideo
from adapters.openvidu.room_service import BYTES_AT_MOST, RoomService
from adapters.openvidu.tokens import Tokens
from adapters.system.clock import SystemClock
from core.calls import RoomName
from core.policy import HOUR
from onehour.chosen import video
from onehour.settings import Settings
from onehour.testing.video import GITA, RAVI, VideoProviderContract, a_room
from ports.adapters import Resources
from ports.clock import Clock
from ports.settings import WrongSetting
from ports.video import (
    Admission,
    ForgedNews,
    Guest,
    News,
    NewsKind,
    Room,
    VideoRefused,
    VideoUnavailable,
)
from tests.app import MONDAY
from tests.livekit_server import KEY, SECRET, LiveKitServer
from tests.patience import PATIENCE_S
from tests.room_service import RoomServiceStub

EVENTS = {
    NewsKind.JOINED: "participant_joined",
    NewsKind.LEFT: "participant_left",
    NewsKind.TROUBLE: "participant_connection_aborted",
    NewsKind.OTHER: "track_published",
}
URL = "wss://media.example.com"
ROOM = Room(RoomName("room_1"), MONDAY + 2 * HOUR)


def provider_of(
    client: httpx.AsyncClient, url: str, api_url: str, clock: Clock, api_clock: Clock
) -> OpenViduVideo:
    tokens = Tokens(KEY, SECRET)
    return OpenViduVideo(url, RoomService(client, api_url, tokens, api_clock), tokens, clock)


def webhook(news: News) -> tuple[Mapping[str, str], bytes]:
    """As the server signs it: protojson without zeros, and a token with the hash of the body."""
    created = int(news.at.timestamp())
    told: dict[str, object] = {
        "event": EVENTS[news.kind],
        "room": {"sid": "RM_1", "name": news.room},
        "participant": {"sid": news.connection, "identity": news.guest},
        "id": "EV_1",
        "createdAt": f"{created}",
    }
    body = json.dumps(told).encode()
    return {"authorization": signed(body, created)}, body


def signed(body: bytes, created: int, **changes: object) -> str:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": KEY, "nbf": created, "exp": created + 300, "sha256": digest} | changes
    return jwt.encode(claims, SECRET, algorithm="HS256")


@dataclass
class StubSetup:
    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY))
    has_server: bool = True

    def __post_init__(self) -> None:
        self.stub = RoomServiceStub(KEY, SECRET, self.clock)
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self.stub.answer))
        api_url = "https://media.example.com"
        self.provider = provider_of(self.client, URL, api_url, self.clock, self.clock)

    async def enter(self, admission: Admission) -> bool:
        assert admission.url == URL
        return self.stub.enter(admission.token)

    async def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)

    async def stop(self) -> None:
        self.stub.error = httpx.ConnectError("refused")

    def news(self, news: News) -> tuple[Mapping[str, str], bytes]:
        return webhook(news)


class TestOpenViduVideo(VideoProviderContract):
    @pytest.fixture
    async def setup(self) -> AsyncIterator[StubSetup]:
        setup = StubSetup()
        yield setup
        await setup.client.aclose()


WAITS = "test_an_admission_is_for_its_room_and_time"
"""The test in which time passes."""
VALID_FOR = 15.0
"""Seconds during which a token of one hour is accepted by the real server in that test."""
LEEWAY_S = 60.0


@dataclass
class EarlierClock(Clock):
    """Behind the clock of the server, so that tokens of one hour end after so many seconds."""

    valid_for: float = HOUR.total_seconds() / 2

    def now(self) -> datetime:
        return SystemClock().now() - HOUR - timedelta(seconds=LEEWAY_S - self.valid_for)


@dataclass
class RealSetup:
    server: LiveKitServer
    client: httpx.AsyncClient
    clock: Clock = field(default_factory=EarlierClock)
    has_server: bool = True
    rooms: list[rtc.Room] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.provider = provider_of(
            self.client, self.server.url, self.server.api_url, self.clock, SystemClock()
        )

    async def enter(self, admission: Admission) -> bool:
        """With LiveKit's own client, until media could flow."""
        room = rtc.Room()
        try:
            await room.connect(admission.url, admission.token)
        except rtc.ConnectError:
            return False
        self.rooms.append(room)
        identity = room.local_participant.identity
        async with asyncio.timeout(PATIENCE_S):
            while identity not in await self.active(room.name):  # noqa: ASYNC110 - of a server
                await asyncio.sleep(0.05)
        return True

    async def active(self, room: str) -> set[str]:
        found = await self.provider.present(Room(RoomName(room), self.clock.now()))
        return {each.guest for each in found or ()}

    async def pass_time(self, by: timedelta) -> None:
        assert by > HOUR
        assert self.clock == EarlierClock(VALID_FOR), "the only test that waits is WAITS"
        await asyncio.sleep(VALID_FOR + 1)

    async def stop(self) -> None:
        self.server.stop()

    def news(self, news: News) -> tuple[Mapping[str, str], bytes]:
        return webhook(news)

    async def close(self) -> None:
        for room in self.rooms:
            await room.disconnect()


@pytest.fixture(scope="module")
async def livekit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveKitServer]:
    server = LiveKitServer(tmp_path_factory.mktemp("livekit"))
    await server.until_ready()
    yield server
    server.stop()


class TestOpenViduVideoOnLiveKit(VideoProviderContract):
    @pytest.fixture
    async def setup(
        self, livekit: LiveKitServer, request: pytest.FixtureRequest
    ) -> AsyncIterator[RealSetup]:
        ends_soon = request.node.originalname == WAITS
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            clock = EarlierClock(VALID_FOR) if ends_soon else EarlierClock()
            setup = RealSetup(livekit, client, clock)
            for name in ("room_1", "room_2"):
                await setup.provider.end(Room(RoomName(name), setup.clock.now()))
            yield setup
            await setup.close()

    async def test_a_second_connection_of_a_guest_replaces_the_first_and_a_third_person_is_out(
        self, setup: RealSetup
    ) -> None:
        room, until = a_room(setup), setup.clock.now() + HOUR
        await setup.provider.prepare(room)
        for guest in (GITA, RAVI, GITA):
            admission = await setup.provider.admit(room, guest, until=until)
            assert await setup.enter(admission)
        stranger = Guest("acc_other", "Other")
        admission = await setup.provider.admit(room, stranger, until=until)

        assert not await setup.enter(admission)
        found = await setup.provider.present(room)
        assert sorted(each.guest for each in found or ()) == [GITA.id, RAVI.id]

    # It stops the server, and runs last for that reason.
    async def test_without_an_answer_the_caller_can_try_again(self, setup: Any) -> None:
        await super().test_without_an_answer_the_caller_can_try_again(setup)


class Receiver:
    """The webhook endpoint, which keeps what it was sent."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        lines = (line.partition(": ") for line in head[1:] if line)
        headers = {name.lower(): value for name, _, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        self.received.append((headers, body))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


async def test_the_webhooks_of_a_real_server_tell_who_came_and_left(tmp_path: Path) -> None:
    receiver = Receiver()
    async with AsyncExitStack() as stack:
        listener = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
        await stack.enter_async_context(listener)
        port = listener.sockets[0].getsockname()[1]
        server = LiveKitServer(tmp_path, hook=f"http://127.0.0.1:{port}/")
        stack.callback(server.stop)
        await server.until_ready()
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=PATIENCE_S))
        setup = RealSetup(server, client, SystemClock())
        room = Room(RoomName("room_1"), setup.clock.now() + HOUR)
        await setup.provider.prepare(room)
        admission = await setup.provider.admit(room, GITA, until=room.closes_at)
        assert await setup.enter(admission)
        (inside,) = await setup.provider.present(room) or ()
        await setup.provider.remove(room, GITA.id)

        news = list[News]()
        async with asyncio.timeout(PATIENCE_S):
            while not news or news[-1].kind is not NewsKind.LEFT:
                await asyncio.sleep(0.05)
                told = [setup.provider.parse_news(*each) for each in receiver.received]
                news = [each for each in told if each.kind is not NewsKind.OTHER]

        assert [(each.kind, each.room, each.guest, each.connection) for each in news] == [
            (NewsKind.JOINED, "room_1", GITA.id, inside.connection),
            (NewsKind.LEFT, "room_1", GITA.id, inside.connection),
        ]
        assert all(abs(each.at - setup.clock.now()) < timedelta(minutes=1) for each in news)
        for headers, body in receiver.received:
            WebhookReceiver(TokenVerifier(KEY, SECRET)).receive(
                body.decode(), headers["authorization"]
            )


async def test_a_guest_has_the_rights_of_a_guest_in_one_room_only() -> None:
    now = SystemClock().now()
    setup = StubSetup(clock=FixedClock(now))
    until = now + HOUR + timedelta(milliseconds=400)

    admission = await setup.provider.admit(ROOM, GITA, until=until)

    claims = TokenVerifier(KEY, SECRET).verify(admission.token)
    assert (claims.identity, claims.name) == (GITA.id, GITA.name)
    assert claims.video is not None
    grants = claims.video
    assert (grants.room_join, grants.room) == (True, "room_1")
    assert not (grants.room_create or grants.room_admin or grants.room_list or grants.room_record)
    assert not (grants.hidden or grants.recorder or grants.can_update_own_metadata)
    assert grants.can_publish_sources == [
        "camera", "microphone", "screen_share", "screen_share_audio"
    ]  # fmt: skip
    raw = jwt.decode(admission.token, options={"verify_signature": False})
    assert raw["exp"] == int(until.timestamp()) == admission.expires_at.timestamp()


async def test_the_room_is_for_two_and_stays_until_it_closes() -> None:
    setup = StubSetup()

    await setup.provider.prepare(ROOM)

    assert setup.stub.calls == [
        (
            "CreateRoom",
            {
                "name": "room_1",
                "empty_timeout": 7200,
                "departure_timeout": 7200,
                "max_participants": 2,
            },
        )
    ]


NEWS = News(NewsKind.JOINED, RoomName("call_7f3a"), "u_42", "PA_test000001", MONDAY)
VECTOR = (
    b'{"event":"participant_joined","room":{"sid":"RM_test000001","name":"call_7f3a",'
    b'"creationTime":"1760000100","numParticipants":1},"participant":{"sid":"PA_test000001",'
    b'"identity":"u_42","state":"ACTIVE","joinedAt":"1760000105","name":"Asha"},'
    b'"id":"EV_test000001","createdAt":"1760000106"}'
)


def test_a_webhook_known_from_elsewhere_is_understood() -> None:
    at = datetime.fromtimestamp(1760000106, UTC)
    setup = StubSetup(clock=FixedClock(at))
    digest = "zmCgsfn77ia8t1YqHkNl+ltUSB6dTmVTca1U6TtpjbM="
    token = jwt.encode(
        {"iss": KEY, "nbf": 1760000106, "exp": 4102444800, "sha256": digest}, SECRET, "HS256"
    )

    news = setup.provider.parse_news({"authorization": token}, VECTOR)

    assert news == News(NewsKind.JOINED, RoomName("call_7f3a"), "u_42", "PA_test000001", at)


def test_only_the_server_itself_can_send_news() -> None:
    setup = StubSetup()
    now = int(MONDAY.timestamp())
    _, body = webhook(NEWS)
    guest = {"sub": "u_42", "video": {"roomJoin": True, "room": "call_7f3a"}}
    claims = jwt.decode(signed(body, now), options={"verify_signature": False})
    digest = hashlib.sha256(body).digest()
    tokens = {
        "a guest's token": signed(body, now, sha256=None, **guest),
        "for another body": signed(body + b" ", now),
        "another issuer": signed(body, now, iss="APIother"),
        "no end": jwt.encode({k: claims[k] for k in ("iss", "sha256")}, SECRET, "HS256"),
        "of yesterday": signed(body, now - 86400),
        "not yet": signed(body, now + 120),
        "another secret": jwt.encode(claims, SECRET[::-1], "HS256"),
        "no signature": jwt.encode(claims, "", "none"),
        "another alphabet": signed(
            body, now, sha256=base64.urlsafe_b64encode(digest).decode().rstrip("=")
        ),
        "with a scheme": f"Bearer {signed(body, now)}",
        "very long": signed(body, now, more="x" * 5000),
        "nothing": "",
    }

    for why, token in tokens.items():
        with pytest.raises(ForgedNews):
            setup.provider.parse_news({"authorization": token}, body)
            pytest.fail(why)
    assert setup.provider.parse_news({"authorization": signed(body, now)}, body).guest == "u_42"


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b"{}", b'{"createdAt":"x"}', b'{"createdAt":"1","room":3}', b"\xff"]
)
def test_a_signed_body_that_is_no_webhook_is_refused(body: bytes) -> None:
    token = signed(body, int(MONDAY.timestamp()))
    with pytest.raises(ForgedNews):
        StubSetup().provider.parse_news({"authorization": token}, body)


@pytest.mark.parametrize(
    "told",
    [
        {"event": "room_started", "room": {"name": "room_1"}},
        {"event": "of a later version", "createdAt": "1"},
        {"event": "participant_joined", "participant": {"kind": "EGRESS", "identity": "EG_1"}},
    ],
)
def test_other_news_are_of_no_interest(told: dict[str, object]) -> None:
    at = int(MONDAY.timestamp())
    body = json.dumps({"createdAt": f"{at}"} | told).encode()

    news = StubSetup().provider.parse_news({"authorization": signed(body, at)}, body)

    assert news.kind is NewsKind.OTHER


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, VideoRefused),
        (404, VideoRefused),
        (401, VideoUnavailable),
        (403, VideoUnavailable),
        (408, VideoUnavailable),
        (429, VideoUnavailable),
        (302, VideoUnavailable),
        (500, VideoUnavailable),
        (503, VideoUnavailable),
    ],
)
async def test_what_the_server_answers_is_one_of_two_kinds(
    status: int, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    setup = StubSetup()
    setup.stub.status, setup.stub.body = status, b"not JSON"

    with pytest.raises(error):
        await setup.provider.prepare(ROOM)

    assert f"{status}" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("body", [b"", b"[]", b"nothing", b"x" * (BYTES_AT_MOST + 1)])
async def test_an_answer_that_is_none_is_no_answer(body: bytes) -> None:
    setup = StubSetup()
    setup.stub.status, setup.stub.body = 200, body

    with pytest.raises(VideoUnavailable):
        await setup.provider.present(ROOM)


GIVEN = {
    "ONEHOUR_VIDEO": "openvidu",
    "ONEHOUR_OPENVIDU_URL": URL,
    "ONEHOUR_OPENVIDU_KEY": KEY,
    "ONEHOUR_OPENVIDU_SECRET": SECRET,
}


def test_the_page_may_connect_to_the_server_and_nothing_else() -> None:
    sources = StubSetup().provider.client.sources

    assert sources == {"connect-src": "wss://media.example.com https://media.example.com"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"ONEHOUR_OPENVIDU_URL": "https://media.example.com"},
            "ONEHOUR_OPENVIDU_URL must be a URL that begins with ws:// or wss://.",
        ),
        (
            {"ONEHOUR_OPENVIDU_SECRET": "short"},
            "ONEHOUR_OPENVIDU_SECRET must be the API secret, of at least 32 characters.",
        ),
        (
            {"ONEHOUR_OPENVIDU_SECRET": None},
            "ONEHOUR_OPENVIDU_SECRET is missing: OpenVidu needs its URL, the API key and the API"
            " secret.",
        ),
        (
            {"ONEHOUR_OPENVIDU_KEY": None},
            "ONEHOUR_OPENVIDU_KEY is missing: OpenVidu needs its URL, the API key and the API"
            " secret.",
        ),
        (
            {"ONEHOUR_OPENVIDU_URL": None},
            "ONEHOUR_OPENVIDU_URL is missing: OpenVidu needs its URL, the API key and the API"
            " secret.",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start(changes: dict[str, str | None], sentence: str) -> None:
    given = {name: value for name, value in (GIVEN | changes).items() if value is not None}
    with pytest.raises(WrongSetting) as error:
        settings = Settings.load(given, None)
        video(settings, Resources(deployment=settings.deployment, http=None, clock=SystemClock()))

    assert error.value.message == sentence
