"""A booking as one of its two parties sees it, and the badge that shows a state."""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts import Account, first_name
from core.bookings import Booking, Party
from core.timeline import Actor


@dataclass(frozen=True, slots=True)
class Badge:
    """Icon, words and tone: wait (a clock runs), held (safe), go (done), stop, off (over)."""

    icon: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Side:
    """A booking as one of its parties sees it."""

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
        """The other side, as one calls them."""
        return first_name(self.other.name)

    @property
    def actor(self) -> Actor:
        return Actor.CLIENT if self.is_client else Actor.DEVELOPER

    def who(self, actor: Actor) -> str:
        """'You', or the other's name."""
        return "You" if actor is self.actor else self.name
