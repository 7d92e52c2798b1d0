"""The contract of every `ports.video.VideoProvider`; authors inherit `VideoProviderContract`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Protocol

import pytest

from core.calls import RoomName
from core.policy import HOUR
from ports.clock import Clock
from ports.video import (
    Admission,
    ForgedNews,
    Guest,
    News,
    NewsKind,
    Present,
    Room,
    VideoProvider,
    VideoUnavailable,
)

GITA = Guest("acc_gita", "Gita")
RAVI = Guest("acc_ravi", "Ravi")


class VideoSetup(Protocol):
    """The provider under test. One without a server of its own has `has_server` False: nothing can
    be down or send news, and nobody can be asked who is there."""

    @property
    def provider(self) -> VideoProvider: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def has_server(self) -> bool: ...

    async def enter(self, admission: Admission) -> bool:
        """As a browser with this admission; returns whether it was let in."""
        ...

    async def pass_time(self, by: timedelta) -> None: ...

    async def stop(self) -> None:
        """From now on the provider's server does not answer."""
        ...

    def news(self, news: News) -> tuple[Mapping[str, str], bytes]:
        """The headers, with names in lower case, and the body of a genuine webhook."""
        ...


class VideoProviderContract:
    """Inherit this and define the fixture `setup`."""

    @pytest.fixture
    async def setup(self) -> AsyncIterator[VideoSetup]:
        raise NotImplementedError
        yield

    def room(self, setup: VideoSetup, name: str = "room_1") -> Room:
        return Room(RoomName(name), setup.clock.now() + 2 * HOUR)

    async def test_its_name_and_module_are_of_use(self, setup: VideoSetup) -> None:
        provider = setup.provider

        assert provider.name and provider.name == provider.name.lower()
        assert provider.client.entry.endswith(".js")

    async def test_an_admission_ends_when_it_should(self, setup: VideoSetup) -> None:
        room, until = self.room(setup), setup.clock.now() + HOUR
        await setup.provider.prepare(room)

        admission = await setup.provider.admit(room, GITA, until=until)

        assert setup.clock.now() < admission.expires_at <= until

    async def test_rooms_are_prepared_and_ended_again_without_harm(self, setup: VideoSetup) -> None:
        room, until = self.room(setup), setup.clock.now() + HOUR
        for _ in range(2):
            await setup.provider.prepare(room)
        await setup.provider.admit(room, GITA, until=until)
        await setup.provider.admit(room, GITA, until=until)

        for _ in range(2):
            await setup.provider.remove(room, GITA.id)
        for _ in range(2):
            await setup.provider.end(room)
        await setup.provider.remove(room, RAVI.id)

    async def test_no_secret_is_shown_in_logs(self, setup: VideoSetup) -> None:
        room, until = self.room(setup), setup.clock.now() + HOUR
        await setup.provider.prepare(room)

        admission = await setup.provider.admit(room, GITA, until=until)

        secrets = {admission.token, *(each.credential for each in admission.ice_servers)} - {""}
        assert [secret for secret in secrets if secret in repr(admission)] == []

    async def test_forged_news_are_refused(self, setup: VideoSetup) -> None:
        for headers, body in (({}, b"{}"), ({"authorization": "x.y.z"}, b"{}"), ({}, b"\xff")):
            with pytest.raises(ForgedNews):
                setup.provider.parse_news(headers, body)

    async def test_who_is_admitted_is_present_until_put_out(self, setup: VideoSetup) -> None:
        room, until = self.room(setup), setup.clock.now() + HOUR
        await setup.provider.prepare(room)
        if not setup.has_server:
            assert await setup.provider.present(room) is None
            return
        for guest in (GITA, RAVI):
            admission = await setup.provider.admit(room, guest, until=until)
            assert await setup.enter(admission)
        assert await self._guests(setup, room) == {GITA.id, RAVI.id}

        await setup.provider.remove(room, GITA.id)

        assert await self._guests(setup, room) == {RAVI.id}

    async def test_an_admission_is_for_its_room_and_time(self, setup: VideoSetup) -> None:
        if not setup.has_server:
            return
        room, other = self.room(setup), self.room(setup, "room_2")
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
        if not setup.has_server:
            return
        room, until = self.room(setup), setup.clock.now() + HOUR
        await setup.provider.prepare(room)
        admission = await setup.provider.admit(room, GITA, until=until)

        await setup.provider.end(room)

        assert not await setup.enter(admission)
        assert await setup.provider.present(room) == ()

    async def test_genuine_news_come_back_whole(self, setup: VideoSetup) -> None:
        if not setup.has_server:
            return
        at = setup.clock.now().replace(microsecond=0)
        for kind in (NewsKind.JOINED, NewsKind.LEFT, NewsKind.TROUBLE):
            told = News(kind, RoomName("room_1"), GITA.id, "con_1", at)
            headers, body = setup.news(told)

            assert setup.provider.parse_news(headers, body) == told
            with pytest.raises(ForgedNews):
                setup.provider.parse_news(headers, body + b"\n")

    async def test_without_an_answer_the_caller_can_try_again(self, setup: VideoSetup) -> None:
        if not setup.has_server:
            return
        room = self.room(setup)
        await setup.stop()

        with pytest.raises(VideoUnavailable):
            await setup.provider.prepare(room)
        with pytest.raises(VideoUnavailable):
            await setup.provider.present(room)
        with pytest.raises(VideoUnavailable):
            await setup.provider.end(room)

    @staticmethod
    async def _guests(setup: VideoSetup, room: Room) -> set[str]:
        present: tuple[Present, ...] | None = await setup.provider.present(room)
        return {each.guest for each in present or ()}
