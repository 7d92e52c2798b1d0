"""Notices: messages to people about events of their bookings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of notice. `template` names the e-mail as `capability/name`. `repeats`: one booking
    can need the notice several times, once for each `BookingEmail.fact`."""

    name: str
    template: str
    channels: tuple[Channel, ...] = (Channel.EMAIL,)
    repeats: bool = False


def about_bookings(*names: str, repeats: bool = False) -> tuple[Notice, ...]:
    """Notices whose template is the e-mail of the same name of the bookings capability."""
    return tuple(Notice(name, f"bookings/{name}", repeats=repeats) for name in names)
