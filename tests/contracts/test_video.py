"""Video providers: in memory, and from browser to browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory.clock import FixedClock
from adapters.memory.video import SIGNATURE, MemoryVideo, signature
from adapters.peer.provider import PeerVideo, turn_credentials
from core.calls import RoomName
from core.policy import HOUR
from onehour.settings import Settings
from onehour.testing.video import GITA, VideoProviderContract
from ports.settings import WrongSetting
from ports.video import Admission, IceServer, News, Room, VideoProvider
from tests.app import MONDAY

TURN = ("turn:turn.example.com:3478?transport=udp", "turns:turn.example.com:443?transport=tcp")


@dataclass
class Setup:
    provider: VideoProvider
    clock: FixedClock
    has_server: bool = False

    async def enter(self, admission: Admission) -> bool:
        assert isinstance(self.provider, MemoryVideo)
        return self.provider.enter(admission)

    async def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)

    async def stop(self) -> None:
        assert isinstance(self.provider, MemoryVideo)
        self.provider.down = True

    def news(self, news: News) -> tuple[Mapping[str, str], bytes]:
        told = {"kind": news.kind, "room": news.room, "guest": news.guest}
        more = {"connection": news.connection, "at": news.at.isoformat()}
        body = json.dumps({**told, **more}).encode()
        return {SIGNATURE: signature(body)}, body


class TestMemoryVideo(VideoProviderContract):
    @pytest.fixture
    async def setup(self) -> AsyncIterator[Setup]:
        clock = FixedClock(MONDAY)
        yield Setup(MemoryVideo(clock), clock, has_server=True)


class TestPeerVideo(VideoProviderContract):
    @pytest.fixture
    async def setup(self) -> AsyncIterator[Setup]:
        peer = PeerVideo(turn_urls=TURN, turn_secret=b"turn-shared-secret")
        yield Setup(peer, FixedClock(MONDAY))


def test_turn_credentials_are_those_of_coturn() -> None:
    until = datetime.fromtimestamp(1760003600, UTC)

    assert turn_credentials(b"turn-shared-secret", "u_42", until) == (
        "1760003600:u_42",
        "Dngv42hLYzZtYmfDmCqttNxEWWU=",
    )


async def test_the_turn_server_is_usable_a_little_longer_than_the_admission() -> None:
    peer = PeerVideo(
        stun_urls=("stun:turn.example.com:3478",), turn_urls=TURN, turn_secret=b"turn-shared-secret"
    )
    room = Room(RoomName("room_1"), MONDAY + 2 * HOUR)

    admission = await peer.admit(room, GITA, until=MONDAY + HOUR)

    stun, turn = admission.ice_servers
    assert stun == IceServer(("stun:turn.example.com:3478",))
    assert turn.urls == TURN
    ends = int((MONDAY + HOUR + timedelta(minutes=10)).timestamp())
    assert turn.username == f"{ends}:{GITA.id}"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"ONEHOUR_PEER_TURN_URLS": "turn:turn.example.com"},
            "ONEHOUR_PEER_TURN_URLS and ONEHOUR_PEER_TURN_SECRET must be set together: the secret"
            " is static-auth-secret of your coturn.",
        ),
        (
            {"ONEHOUR_PEER_STUN_URLS": "https://stun.example.com"},
            "ONEHOUR_PEER_STUN_URLS must be at most 4 addresses such as"
            " stun:turn.example.com:3478, with commas.",
        ),
        (
            {"ONEHOUR_PEER_TURN_URLS": "turn:a?transport=sctp", "ONEHOUR_PEER_TURN_SECRET": "x"},
            "ONEHOUR_PEER_TURN_URLS must be at most 4 addresses such as"
            " turn:turn.example.com:3478?transport=udp, with commas.",
        ),
        (
            {"ONEHOUR_VIDEO": "postcards"},
            "ONEHOUR_VIDEO must be peer or openvidu, or the name of an adapter of a plugin that"
            " ONEHOUR_PLUGINS names.",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(WrongSetting) as error:
        Settings.load(given, None)

    assert error.value.message == sentence
