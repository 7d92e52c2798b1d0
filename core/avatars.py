"""The face somebody has given themselves: a small square picture that never changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Self

AvatarId = NewType("AvatarId", str)


@dataclass(frozen=True, slots=True)
class Avatar:
    """A WebP of 256 x 256 pixels. `id` names the owner and the content, so another picture has
    another address and browsers may keep each for ever."""

    id: AvatarId
    account_id: str
    picture: bytes
    at: datetime

    @classmethod
    def of(cls, account_id: str, picture: bytes, *, at: datetime) -> Self:
        """The account is part of the hash: two people with the same picture have one each, and
        the one who takes theirs away leaves the other's alone."""
        digest = hashlib.sha256(account_id.encode() + b"\0" + picture).hexdigest()
        return cls(AvatarId(f"ava_{digest[:32]}"), account_id, picture, at)

    @property
    def path(self) -> str:
        """The path it is shown at, as profiles keep it."""
        return f"/avatars/{self.id}.webp"
