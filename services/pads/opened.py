"""A pad in the memory of a process: its text, and how much of what is stored it has."""

from __future__ import annotations

from dataclasses import dataclass

from core.bookings import BookingId
from core.pads import check_size
from ports.shared_texts import SharedText, SharedTexts
from ports.store import Repositories, Stale
from services.pads.documents import CHANGES, STATES

READ_AGAIN = 5


@dataclass(slots=True)
class OpenPad:
    """`text` has the changes up to `seq`; those from `first` on are still stored one by one.
    `state_size` is at least the bytes of its state."""

    text: SharedText
    seq: int
    first: int
    state_size: int

    def add(self, change: bytes, *, most: int) -> bytes:
        """What is new in the change of a party. After an error this pad must not be used any
        more. Raises `MalformedChange`, `MissingChanges`, `PadFull` and `PadWornOut`."""
        text_before, state_before = self.text.size, self.state_size
        new = self.text.add(change)
        self.state_size += len(new)
        sizes = {"text": self.text.size, "text_before": text_before, "most": most}
        try:
            check_size(state=self.state_size, state_before=0, **sizes)
        except Exception:  # it may be smaller than that
            self.state_size = len(self.text.state())
            check_size(state=self.state_size, state_before=state_before, **sizes)
        return new


async def load(repositories: Repositories, texts: SharedTexts, booking: BookingId) -> OpenPad:
    """The stored pad, or an empty one.

    Changes are read before the state: those that another process removes meanwhile are in the
    state. Raises `Stale` if no whole is found because of others who write.
    """
    for _ in range(READ_AGAIN):
        stored = [each async for each in repositories.documents(CHANGES).each(booking_id=booking)]
        state = await repositories.documents(STATES).find(booking)
        done = state.seq if state else 0
        later = sorted((each for each in stored if each.seq > done), key=lambda each: each.seq)
        if [each.seq for each in later] == list(range(done + 1, done + 1 + len(later))):
            parts = [state.state] if state else []
            parts += [each.change for each in later]
            first = min((each.seq for each in stored), default=done + 1)
            size = sum(map(len, parts))
            return OpenPad(texts.open(*parts), done + len(later), first, size)
    raise Stale
