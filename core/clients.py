"""Client profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

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
