"""Writes the changes of pads.

A change is acknowledged when it is stored durably: everything of an acknowledged change is there
after any crash. It is stored with the number after the last one, in the transaction that saves the
pad. Of two processes that have seen the same last change one adds the next; the other reads it, and
adds its own after it. Changes that arrive while a write is in flight go out together in the next.

After `COMPACT_AFTER` changes a state takes their place. It is stored before they are removed, so a
process that stops in between loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from core.bookings import BookingId
from core.errors import Conflict, OneHourError
from core.pads import Pad, PadChange, PadState, change_id
from core.pads_policy import PadPolicy
from ports.clock import Clock
from ports.shared_texts import SharedTexts
from ports.store import Duplicate, Repositories, Stale, Store
from services.pads.documents import CHANGES, PADS, STATES
from services.pads.opened import OpenPad, load

log = logging.getLogger(__name__)

COMPACT_AFTER = 100
"""Changes that are stored one by one at most, apart from those of the moment."""
ATTEMPTS = 20
"""Of one write, while other processes write to the same pad."""
OPEN_AT_MOST = 100
"""Pads in the memory of a process."""


@dataclass(frozen=True, slots=True)
class Written:
    """The change `seq` is stored; `new` is what others need. It is empty if they have it all."""

    seq: int
    new: bytes


Charge = Callable[[float], None]
"""Is told how many seconds of the processor a change has taken, also a refused one."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that is to be stored."""

    change: bytes
    charge: Charge
    stored: asyncio.Future[Written]


@dataclass(slots=True, kw_only=True)
class PadWriter:
    """One per process."""

    store: Store
    texts: SharedTexts
    clock: Clock
    policy: PadPolicy
    _open: dict[BookingId, OpenPad] = field(default_factory=dict)
    _waiting: dict[BookingId, list[Waiting]] = field(default_factory=dict)
    _tasks: dict[BookingId, asyncio.Task[None]] = field(default_factory=dict)

    async def write(self, booking: BookingId, change: bytes, *, charge: Charge) -> Written:
        """Store a change. Of several that are stored together, one caller gets what is new.
        Raises what `OpenPad.add` raises, `Stale` and `DatabaseUnavailable`."""
        stored: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(booking, []).append(Waiting(change, charge, stored))
        if booking not in self._tasks:
            self._tasks[booking] = asyncio.create_task(self._run(booking))
        return await stored

    async def current(self, booking: BookingId) -> OpenPad:
        """The pad with all stored changes, to read from it before the next `await`."""
        stored = await self.store.repositories.documents(PADS).find(booking)
        pad = None if booking in self._tasks else self._open.get(booking)
        if pad and pad.seq == (stored.seq if stored else 0):
            return pad
        return await load(self.store.repositories, self.texts, booking)

    async def idle(self) -> None:
        """Wait until what waits now is written, and pads are compacted."""
        await asyncio.gather(*self._tasks.values())

    def learn(self, booking: BookingId, seq: int, change: bytes) -> None:
        """Another process has stored the change `seq`, so it need not be read. `change` is empty
        if it is not known."""
        pad = self._open.get(booking)
        if pad is None or seq <= pad.seq or booking in self._tasks:
            return
        if seq > pad.seq + 1 or not change:
            del self._open[booking]
            return
        pad.text.add(change)
        pad.seq, pad.state_size = seq, pad.state_size + len(change)

    async def _run(self, booking: BookingId) -> None:
        """Write until nothing waits."""
        try:
            while batch := self._waiting.pop(booking, []):
                try:
                    await self._write(booking, batch)
                except Exception as error:
                    self._open.pop(booking, None)
                    if not isinstance(error, OneHourError):
                        log.exception("changes of a pad could not be written")
                    for waiting in batch:
                        _fail(waiting.stored, error)
        finally:
            del self._tasks[booking]

    async def _write(self, booking: BookingId, batch: Sequence[Waiting]) -> None:
        for _ in range(ATTEMPTS + len(batch)):
            batch = [waiting for waiting in batch if not waiting.stored.done()]
            if not batch:
                return
            kept = self._open.pop(booking, None)
            pad = kept or await load(self.store.repositories, self.texts, booking)
            new = self._added(pad, batch, is_current=kept is None)
            if new is None:
                continue
            try:
                seq = await self._append(booking, pad, new) if new else pad.seq
            except (Stale, Duplicate):
                continue
            self._remember(booking, pad)
            for number, waiting in enumerate(batch):
                if not waiting.stored.done():
                    waiting.stored.set_result(Written(seq, b"" if number else new))
            await self._compact(booking, pad)
            return
        raise Stale

    def _added(self, pad: OpenPad, batch: Sequence[Waiting], *, is_current: bool) -> bytes | None:
        """What is new; None if the pad is of no use any more: a change was refused, or would be,
        and the pad may lack changes of other processes, of which nothing was heard here."""
        found = []
        for waiting in batch:
            began = time.thread_time()
            try:
                found.append(pad.add(waiting.change, most=self.policy.pad_bytes_maximum))
            except OneHourError as error:
                if is_current or not isinstance(error, Conflict):
                    _fail(waiting.stored, error)
                return None
            finally:
                waiting.charge(time.thread_time() - began)
        parts = [each for each in found if each]
        return self.texts.merged(*parts) if parts else b""

    async def _append(self, booking: BookingId, pad: OpenPad, new: bytes) -> int:
        step = partial(self._add, booking=booking, pad=pad, new=new)
        pad.seq = (await self.store.transact(step)).seq
        return pad.seq

    async def _add(
        self, repositories: Repositories, *, booking: BookingId, pad: OpenPad, new: bytes
    ) -> Pad:
        pads, now = repositories.documents(PADS), self.clock.now()
        stored = await pads.find(booking)
        if (stored.seq if stored else 0) != pad.seq:
            raise Stale
        await repositories.documents(CHANGES).add(PadChange(booking, pad.seq + 1, new))
        after = (stored or Pad(booking, now)).changed(pad.text.text, now=now)
        return await (pads.save(after) if stored else pads.add(after))

    def _remember(self, booking: BookingId, pad: OpenPad) -> None:
        self._open[booking] = pad
        while len(self._open) > OPEN_AT_MOST:
            del self._open[next(iter(self._open))]

    async def _compact(self, booking: BookingId, pad: OpenPad) -> None:
        """A failure is of no consequence: the next change tries it again."""
        if pad.seq - pad.first + 1 < COMPACT_AFTER:
            return
        seq, state = pad.seq, pad.text.state()
        try:
            await self._save_state(PadState(booking, seq, state))
            changes = self.store.repositories.documents(CHANGES)
            for number in range(pad.first, seq + 1):
                await changes.remove(change_id(booking, number))
        except OneHourError as error:
            log.info("a pad was not compacted: %s", error)
            return
        pad.first, pad.state_size = seq + 1, len(state)

    async def _save_state(self, state: PadState) -> None:
        states = self.store.repositories.documents(STATES)
        stored = await states.find(state.id)
        if stored is None:
            await states.add(state)
        elif stored.seq < state.seq:
            await states.save(PadState(state.id, state.seq, state.state, stored.version))


def _fail(stored: asyncio.Future[Written], error: Exception) -> None:
    if not stored.done():
        stored.set_exception(error)
