"""The contract of every `ports.video.VideoProvider`; authors inherit `VideoProviderContract`."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from core.calls import RoomName
from core.policy import HOUR
from onehour.testing.suite import since
from onehour.testing.video_rooms import VideoRoomsContract
from onehour.testing.video_setup import (
    GITA,
    RAVI,
    SERVER,
    VideoSetup,
    a_room,
    admitted,
    guests_in,
)
from ports.video import ForgedNews, News, NewsKind, VideoUnavailable

__all__ = ["GITA", "RAVI", "VideoProviderContract", "VideoSetup", "a_room"]


class VideoProviderContract(VideoRoomsContract):
    """Inherit this and define the fixture `setup`."""

    port = "video"

    @pytest.fixture
    async def setup(self) -> AsyncIterator[VideoSetup]:
        raise NotImplementedError
        yield

    async def test_its_name_and_module_are_of_use(self, setup: VideoSetup) -> None:
        provider = setup.provider

        assert provider.name and provider.name == provider.name.lower()
        assert provider.client.entry.endswith(".js")

    async def test_an_admission_ends_when_it_should(self, setup: VideoSetup) -> None:
        room, until = a_room(setup), setup.clock.now() + HOUR
        await setup.provider.prepare(room)

        admission = await setup.provider.admit(room, GITA, until=until)

        assert setup.clock.now() < admission.expires_at <= until

    async def test_rooms_are_prepared_and_ended_again_without_harm(self, setup: VideoSetup) -> None:
        room, until = a_room(setup), setup.clock.now() + HOUR
        for _ in range(2):
            await setup.provider.prepare(room)
        await setup.provider.admit(room, GITA, until=until)
        await setup.provider.admit(room, GITA, until=until)

        for _ in range(2):
            await setup.provider.remove(room, GITA.id)
        for _ in range(2):
            await setup.provider.end(room)
        await setup.provider.remove(room, RAVI.id)

    @since(2)
    async def test_its_name_is_part_of_an_address(self, setup: VideoSetup) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", setup.provider.name)

    @since(2)
    async def test_its_module_is_in_its_folder(self, setup: VideoSetup) -> None:
        client = setup.provider.client
        self.needs("a module for the page of the call", client.folder.is_dir())

        assert "export" in (client.folder / client.entry).read_text(encoding="utf-8")

    @since(2)
    async def test_its_origins_are_part_of_a_policy(self, setup: VideoSetup) -> None:
        """Each is one directive of the content security policy, and weakens no other."""
        for directive, origins in setup.provider.client.sources.items():
            assert re.fullmatch(r"[a-z]+-src", directive)
            assert all(re.fullmatch(r"[a-z]+://[^\s;,*']+", each) for each in origins.split())

    @since(2)
    async def test_an_admission_has_address_and_token_or_neither(self, setup: VideoSetup) -> None:
        _, admission = await admitted(setup)

        assert bool(admission.url) is bool(admission.token)
        assert admission.url or not setup.has_server
        self.able("relays for browsers behind firewalls", bool(admission.ice_servers))

    @since(2)
    async def test_the_end_of_an_admission_may_be_in_any_zone(self, setup: VideoSetup) -> None:
        room, zone = a_room(setup), timezone(timedelta(hours=5, minutes=30))
        until = (setup.clock.now() + HOUR).astimezone(zone)
        await setup.provider.prepare(room)

        admission = await setup.provider.admit(room, GITA, until=until)

        assert until - timedelta(seconds=1) < admission.expires_at <= until

    async def test_no_secret_is_shown_in_logs(self, setup: VideoSetup) -> None:
        room, until = a_room(setup), setup.clock.now() + HOUR
        await setup.provider.prepare(room)

        admission = await setup.provider.admit(room, GITA, until=until)

        secrets = {admission.token, *(each.credential for each in admission.ice_servers)} - {""}
        assert [secret for secret in secrets if secret in repr(admission)] == []

    async def test_forged_news_are_refused(self, setup: VideoSetup) -> None:
        for headers, body in (({}, b"{}"), ({"authorization": "x.y.z"}, b"{}"), ({}, b"\xff")):
            with pytest.raises(ForgedNews):
                setup.provider.parse_news(headers, body)

    async def test_who_is_admitted_is_present_until_put_out(self, setup: VideoSetup) -> None:
        room, until = a_room(setup), setup.clock.now() + HOUR
        await setup.provider.prepare(room)
        if not setup.has_server:
            assert await setup.provider.present(room) is None
        self.needs(SERVER, setup.has_server)
        for guest in (GITA, RAVI):
            admission = await setup.provider.admit(room, guest, until=until)
            assert await setup.enter(admission)
        assert await guests_in(setup, room) == [GITA.id, RAVI.id]

        await setup.provider.remove(room, GITA.id)

        assert await guests_in(setup, room) == [RAVI.id]

    async def test_an_admission_is_for_its_room_and_time(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)
        room, other = a_room(setup), a_room(setup, "room_2")
        for each in (room, other):
            await setup.provider.prepare(each)
        until = setup.clock.now() + HOUR
        early = await setup.provider.admit(room, GITA, until=until)
        late = await setup.provider.admit(room, RAVI, until=until)

        assert await setup.enter(early)
        await setup.pass_time(HOUR + timedelta(minutes=2))

        assert not await setup.enter(late)
        assert await setup.provider.present(other) == ()

    async def test_nobody_enters_a_room_that_was_ended(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)
        room, until = a_room(setup), setup.clock.now() + HOUR
        await setup.provider.prepare(room)
        admission = await setup.provider.admit(room, GITA, until=until)

        await setup.provider.end(room)

        assert not await setup.enter(admission)
        assert await setup.provider.present(room) == ()

    async def test_genuine_news_come_back_whole(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)
        at = setup.clock.now().replace(microsecond=0)
        for kind in (NewsKind.JOINED, NewsKind.LEFT, NewsKind.TROUBLE):
            told = News(kind, RoomName("room_1"), GITA.id, "con_1", at)
            headers, body = setup.news(told)

            assert setup.provider.parse_news(headers, body) == told

    @since(2)
    async def test_other_news_are_told_from_those_of_interest(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)
        told = News(NewsKind.OTHER, RoomName("room_1"), GITA.id, "con_1", setup.clock.now())

        assert setup.provider.parse_news(*setup.news(told)).kind is NewsKind.OTHER

    @since(2)
    async def test_a_signature_is_for_one_body(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)
        at = setup.clock.now().replace(microsecond=0)
        joined = News(NewsKind.JOINED, RoomName("room_1"), GITA.id, "con_1", at)
        headers, genuine = setup.news(joined)
        _, other = setup.news(replace(joined, guest=RAVI.id))

        for body in (other, genuine + b"\n", genuine.swapcase(), b""):
            with pytest.raises(ForgedNews):
                setup.provider.parse_news(headers, body)

    async def test_without_an_answer_the_caller_can_try_again(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)
        room = a_room(setup)
        await setup.stop()

        with pytest.raises(VideoUnavailable):
            await setup.provider.prepare(room)
        with pytest.raises(VideoUnavailable):
            await setup.provider.present(room)
        with pytest.raises(VideoUnavailable):
            await setup.provider.end(room)
        with pytest.raises(VideoUnavailable):
            await setup.provider.remove(room, GITA.id)
