"""A third video provider, by a plugin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from adapters.memory.clock import FixedClock
from core.policy import HOUR
from onehour.chosen import video
from onehour.plugins import all_offers, load_plugins
from onehour.settings import Settings
from onehour.testing.video import GITA, VideoProviderContract, a_room
from ports.adapters import Resources
from ports.settings import WrongSetting
from ports.video import Admission, News, VideoProvider
from tests.app import MONDAY
from tests.plugins.installed import install
from tests.plugins.jitsi import Jitsi

SECRET = "a secret of the server, 32 bytes or more"
GIVEN = {
    "ONEHOUR_VIDEO": "jitsi",
    "ONEHOUR_PLUGINS": "jitsi",
    "ONEHOUR_PLUGIN_JITSI_URL": "https://meet.example.com",
    "ONEHOUR_PLUGIN_JITSI_APP_SECRET": SECRET,
}


def chosen(clock: FixedClock, given: Mapping[str, str]) -> VideoProvider:
    """As at the start of the application."""
    settings = Settings.load(given, None)
    resources = Resources(deployment=settings.deployment, http=None, clock=clock)
    return video(settings, resources, all_offers(load_plugins(settings)))


@dataclass
class Setup:
    provider: VideoProvider
    clock: FixedClock
    has_server: bool = False

    async def enter(self, admission: Admission) -> bool:
        raise NotImplementedError

    async def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)

    async def stop(self) -> None:
        raise NotImplementedError

    def news(self, news: News) -> tuple[Mapping[str, str], bytes]:
        raise NotImplementedError


class TestJitsiVideo(VideoProviderContract):
    @pytest.fixture
    async def setup(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Setup]:
        install(monkeypatch, jitsi=Jitsi())
        clock = FixedClock(MONDAY)
        yield Setup(chosen(clock, GIVEN), clock)

    async def test_the_token_is_for_one_room_and_person(self, setup: Setup) -> None:
        room, until = a_room(setup), MONDAY + HOUR

        admission = await setup.provider.admit(room, GITA, until=until)

        assert admission.url == "https://meet.example.com/room_1"
        assert jwt.decode(admission.token, OctKey.import_key(SECRET)).claims == {
            "aud": "jitsi",
            "iss": "onehour",
            "sub": "meet.example.com",
            "room": "room_1",
            "nbf": int(MONDAY.timestamp()),
            "exp": int(until.timestamp()),
            "context": {"user": {"id": GITA.id, "name": GITA.name}},
        }


def test_a_missing_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, jitsi=Jitsi())
    given = {name: value for name, value in GIVEN.items() if "SECRET" not in name}

    with pytest.raises(WrongSetting) as error:
        chosen(FixedClock(MONDAY), given)

    assert error.value.message == "ONEHOUR_PLUGIN_JITSI_APP_SECRET must be set."
