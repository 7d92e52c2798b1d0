"""A booking from the point of view of one party, and the badge of a state."""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts import Account, first_name
from core.bookings import Booking, Party
from core.timeline import Actor


@dataclass(frozen=True, slots=True)
class Badge:
    """Icon, words and tone: wait (action or time pending), held, go (done), stop (problem), off
    (ended)."""

    icon: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Side:
    """A booking from the point of view of `viewer`, who is one of its parties."""

    booking: Booking
    viewer: Account

    @property
    def is_client(self) -> bool:
        return self.booking.client.account_id == self.viewer.id

    @property
    def is_developer(self) -> bool:
        return not self.is_client

    @property
    def other(self) -> Party:
        return self.booking.developer if self.is_client else self.booking.client

    @property
    def name(self) -> str:
        """The first name of the other party."""
        return first_name(self.other.name)

    @property
    def actor(self) -> Actor:
        return Actor.CLIENT if self.is_client else Actor.DEVELOPER

    def who(self, actor: Actor) -> str:
        """'You', or the first name of the other party."""
        return "You" if actor is self.actor else self.name
