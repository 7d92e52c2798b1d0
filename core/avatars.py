"""Profile pictures: small, square and immutable."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Self

AvatarId = NewType("AvatarId", str)


@dataclass(frozen=True, slots=True)
class Avatar:
    """A WebP picture of 256 x 256 pixels. `id` is a hash of owner and content, so each picture has
    its own URL and browsers can cache it without limit."""

    id: AvatarId
    account_id: str
    picture: bytes
    at: datetime

    @classmethod
    def of(cls, account_id: str, picture: bytes, *, at: datetime) -> Self:
        """The avatar of an account. The hash includes the account, so that two accounts with the
        same picture have two avatars, and removing one does not remove the other."""
        digest = hashlib.sha256(account_id.encode() + b"\0" + picture).hexdigest()
        return cls(AvatarId(f"ava_{digest[:32]}"), account_id, picture, at)

    @property
    def path(self) -> str:
        """The URL path of the picture, as profiles store it."""
        return self.path_of(self.id)

    @staticmethod
    def path_of(avatar_id: AvatarId) -> str:
        return f"/avatars/{avatar_id}.webp"
