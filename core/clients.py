"""Client profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from core.digits import folded_code
from core.errors import Invalid

ClientId = NewType("ClientId", str)


@dataclass(frozen=True, slots=True)
class Client:
    """The client profile of an account. `phone` is ten digits, sent to the payment provider only;
    `avatar` is the URL path of a picture."""

    id: ClientId
    account_id: str
    name: str
    phone: str | None = None
    avatar: str | None = None
    version: int = 0


def checked_phone(phone: str | None) -> str | None:
    """The ten digits of an Indian phone number, or None for an empty text. Raises `Invalid`."""
    digits = folded_code(phone or "").replace("(", "").replace(")", "")
    if not digits:
        return None
    digits = digits.removeprefix("+91") if len(digits) > 10 else digits
    if len(digits) != 10 or not (digits.isascii() and digits.isdecimal()):
        raise Invalid(phone="Enter a phone number of 10 digits, without the country code.")
    return digits
