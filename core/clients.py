"""What the marketplace knows of somebody who books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

ClientId = NewType("ClientId", str)


@dataclass(frozen=True, slots=True)
class Client:
    """The booking side of an account; `phone` is ten digits, for the payment provider alone,
    `avatar` the path of a picture."""

    id: ClientId
    account_id: str
    name: str
    phone: str | None = None
    avatar: str | None = None
    version: int = 0
