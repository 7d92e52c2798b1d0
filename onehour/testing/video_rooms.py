"""The part of `VideoProviderContract` about who is in which room."""

from __future__ import annotations

import asyncio

from core.policy import HOUR
from onehour.testing.suite import Contract, since
from onehour.testing.video_setup import (
    GITA,
    RAVI,
    SERVER,
    VideoSetup,
    a_room,
    admitted,
    guests_in,
)
from ports.video import Guest, VideoRefused

ODD = Guest("acc_01h-z", "Zoë “Z” O'Neill <b>मीरा</b> 山田 \\")


class VideoRoomsContract(Contract):
    @since(2)
    async def test_a_name_of_any_script_enters(self, setup: VideoSetup) -> None:
        room, admission = await admitted(setup, ODD)

        self.needs(SERVER, setup.has_server)
        assert await setup.enter(admission)
        assert await guests_in(setup, room) == [ODD.id]

    @since(2)
    async def test_an_admission_is_for_its_guest(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)
        room, gitas = await admitted(setup)
        _, ravis = await admitted(setup, RAVI)

        assert gitas.token != ravis.token
        assert await setup.enter(ravis)
        assert await guests_in(setup, room) == [RAVI.id]

    @since(2)
    async def test_a_second_connection_replaces_the_first(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)
        room, first = await admitted(setup)
        _, second = await admitted(setup)
        assert await setup.enter(first)
        (earlier,) = await setup.provider.present(room) or ()

        assert await setup.enter(second)

        (later,) = await setup.provider.present(room) or ()
        assert (earlier.guest, later.guest) == (GITA.id, GITA.id)
        assert earlier.connection != later.connection

    @since(2)
    async def test_a_further_admission_does_not_end_the_earlier(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)
        room, first = await admitted(setup)
        await admitted(setup)

        assert await setup.enter(first)
        assert await guests_in(setup, room) == [GITA.id]

    @since(2)
    async def test_preparing_again_puts_nobody_out(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)
        room, admission = await admitted(setup)
        assert await setup.enter(admission)

        await setup.provider.prepare(room)

        assert await guests_in(setup, room) == [GITA.id]

    @since(2)
    async def test_preparing_at_the_same_time_makes_one_room(self, setup: VideoSetup) -> None:
        room = a_room(setup)

        await asyncio.gather(*(setup.provider.prepare(room) for _ in range(5)))

        self.needs(SERVER, setup.has_server)
        _, admission = await admitted(setup)
        assert await setup.enter(admission)
        assert await guests_in(setup, room) == [GITA.id]

    @since(2)
    async def test_nobody_enters_a_room_that_nobody_prepared(self, setup: VideoSetup) -> None:
        """An admission is refused or of no use: a room does not come into being by itself."""
        self.needs(SERVER, setup.has_server)
        room = a_room(setup)

        try:
            admission = await setup.provider.admit(room, GITA, until=setup.clock.now() + HOUR)
        except VideoRefused:
            return
        assert not await setup.enter(admission)
        assert await setup.provider.present(room) == ()

    @since(2)
    async def test_an_unknown_room_is_empty(self, setup: VideoSetup) -> None:
        self.needs(SERVER, setup.has_server)

        assert await setup.provider.present(a_room(setup)) == ()

    @since(2)
    async def test_rooms_do_not_mix(self, setup: VideoSetup) -> None:
        """The same guest is in two; she is put out of one of them, and the other one ends."""
        self.needs(SERVER, setup.has_server)
        first, second = a_room(setup), a_room(setup, "room_2")
        for room in (first, second):
            _, admission = await admitted(setup, GITA, room)
            assert await setup.enter(admission)

        await setup.provider.remove(first, GITA.id)
        between = await guests_in(setup, first), await guests_in(setup, second)
        await setup.provider.end(first)

        assert between == ([], [GITA.id])
        assert await guests_in(setup, second) == [GITA.id]
