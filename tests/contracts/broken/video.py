"""Video providers that each break one promise."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from adapters.memory.video import SIGNATURE, MemoryVideo, signature
from core.calls import RoomName
from ports.clock import Clock
from ports.video import (
    Admission,
    CallClient,
    ForgedNews,
    Guest,
    News,
    NewsKind,
    Present,
    Room,
    VideoRefused,
    VideoUnavailable,
)
from tests.contracts.broken.suite import breaks

MINUTE = timedelta(minutes=1)


@breaks("an_admission_ends_when_it_should", "the_end_of_an_admission_may_be_in_any_zone")
class EndsAMinuteLate(MemoryVideo):
    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        admission = await super().admit(room, guest, until=until)
        return replace(admission, expires_at=until + MINUTE)


@breaks("the_end_of_an_admission_may_be_in_any_zone")
class TakesItsOwnZone(MemoryVideo):
    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        local = until.replace(tzinfo=self.clock.now().tzinfo)
        return await super().admit(room, guest, until=local)


@breaks("an_admission_is_for_its_room_and_time")
class NeverEnds(MemoryVideo):
    def enter(self, admission: Admission) -> bool:
        room, guest, until = self._admitted[admission.token]
        self._admitted[admission.token] = room, guest, until + timedelta(days=1)
        return super().enter(admission)


@breaks("nobody_enters_a_room_that_was_ended")
class EndedRoomComesBack(MemoryVideo):
    """The server makes rooms by itself."""

    def enter(self, admission: Admission) -> bool:
        self.rooms.setdefault(self._admitted[admission.token][0], {})
        return super().enter(admission)


@breaks("nobody_enters_a_room_that_nobody_prepared")
class RoomByItself(MemoryVideo):
    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        self.rooms.setdefault(room.name, {})
        return await super().admit(room, guest, until=until)


@breaks("rooms_are_prepared_and_ended_again_without_harm")
class EndsOnce(MemoryVideo):
    async def end(self, room: Room) -> None:
        self._check()
        if room.name not in self.rooms:
            raise VideoRefused
        await super().end(room)


@breaks("who_is_admitted_is_present_until_put_out")
class PutsEverybodyOut(MemoryVideo):
    async def remove(self, room: Room, guest_id: str) -> None:
        await super().remove(room, guest_id)
        self.rooms.get(room.name, {}).clear()


@breaks("rooms_do_not_mix")
class PutsOutOfAllRooms(MemoryVideo):
    async def remove(self, room: Room, guest_id: str) -> None:
        for name in self.rooms:
            await super().remove(replace(room, name=name), guest_id)
        await super().remove(room, guest_id)


@breaks("a_second_connection_replaces_the_first")
class BothConnectionsStay(MemoryVideo):
    def enter(self, admission: Admission) -> bool:
        before = dict(self.rooms.get(self._admitted[admission.token][0], {}))
        is_in = super().enter(admission)
        if is_in:
            self.rooms[self._admitted[admission.token][0]].update(before)
        return is_in


@breaks("a_further_admission_does_not_end_the_earlier", "a_second_connection_replaces_the_first")
class LastAdmissionCounts(MemoryVideo):
    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        for token, (name, guest_id, _) in list(self._admitted.items()):
            if (name, guest_id) == (room.name, guest.id):
                self._admitted[token] = name, guest_id, self.clock.now()
        return await super().admit(room, guest, until=until)


@breaks("preparing_again_puts_nobody_out")
class PreparesAnew(MemoryVideo):
    async def prepare(self, room: Room) -> None:
        await super().prepare(room)
        self.rooms[room.name] = {}


@breaks("preparing_at_the_same_time_makes_one_room")
class RefusesARoomThatIsBeingMade(MemoryVideo):
    async def prepare(self, room: Room) -> None:
        self._check()
        is_new = room.name not in self.rooms
        await asyncio.sleep(0)
        if is_new and room.name in self.rooms:
            raise VideoRefused
        await super().prepare(room)


@breaks("an_admission_is_for_its_guest", "who_is_admitted_is_present_until_put_out",
        "a_second_connection_replaces_the_first")  # fmt: skip
class OneTokenForARoom(MemoryVideo):
    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        admission = await super().admit(room, guest, until=until)
        first = next(t for t, (name, *_) in self._admitted.items() if name == room.name)
        return replace(admission, token=first)


@breaks("a_name_of_any_script_enters")
class LatinNamesOnly(MemoryVideo):
    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        guest.name.encode("latin-1")
        return await super().admit(room, guest, until=until)


@breaks("an_unknown_room_is_empty")
class UnknownRoomIsRefused(MemoryVideo):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.known: set[RoomName] = set()

    async def prepare(self, room: Room) -> None:
        await super().prepare(room)
        self.known.add(room.name)

    async def present(self, room: Room) -> tuple[Present, ...] | None:
        self._check()
        if room.name not in self.known:
            raise VideoRefused
        return await super().present(room)


@breaks("an_admission_has_address_and_token_or_neither")
class NoAddress(MemoryVideo):
    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        return replace(await super().admit(room, guest, until=until), url="")


@dataclass(frozen=True)
class LoggedAdmission(Admission):
    def __repr__(self) -> str:
        return f"LoggedAdmission({self.token})"


@breaks("no_secret_is_shown_in_logs")
class ShowsTheToken(MemoryVideo):
    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        found = await super().admit(room, guest, until=until)
        return LoggedAdmission(found.url, found.token, found.ice_servers, found.expires_at)


@breaks("its_origins_are_part_of_a_policy")
class OriginEndsTheDirective(MemoryVideo):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        sources = {"connect-src": "wss://video.test; script-src 'unsafe-inline'"}
        self.client = CallClient(Path("none"), "none.js", sources)


@breaks("its_module_is_in_its_folder")
class NoModule(MemoryVideo):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.client = CallClient(Path(__file__).parent, "none.js")


@breaks("its_name_is_part_of_an_address")
class NameWithASlash(MemoryVideo):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.name = "video/2"


@breaks("forged_news_are_refused")
class UnsignedNews(MemoryVideo):
    """News without a signature are read."""

    def parse_news(self, headers: Mapping[str, str], body: bytes) -> News:
        if not headers:
            headers = {SIGNATURE: signature(body)}
        return super().parse_news(headers, body)


@breaks("a_signature_is_for_one_body")
class SignatureWithoutWhiteSpace(MemoryVideo):
    """The bytes around the news are not signed."""

    def parse_news(self, headers: Mapping[str, str], body: bytes) -> News:
        return super().parse_news(headers, body.strip())


@breaks("genuine_news_come_back_whole")
class TroubleIsAbsence(MemoryVideo):
    def parse_news(self, headers: Mapping[str, str], body: bytes) -> News:
        news = super().parse_news(headers, body)
        return replace(news, kind=NewsKind.LEFT) if news.kind is NewsKind.TROUBLE else news


@breaks("other_news_are_told_from_those_of_interest")
class RefusesOtherNews(MemoryVideo):
    def parse_news(self, headers: Mapping[str, str], body: bytes) -> News:
        news = super().parse_news(headers, body)
        if news.kind is NewsKind.OTHER:
            raise ForgedNews
        return news


@breaks("without_an_answer_the_caller_can_try_again")
class NoAnswerMeansEmpty(MemoryVideo):
    async def present(self, room: Room) -> tuple[Present, ...] | None:
        try:
            return await super().present(room)
        except VideoUnavailable:
            return ()
