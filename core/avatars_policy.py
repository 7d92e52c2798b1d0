"""The limits of profile pictures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AvatarPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    avatar_bytes_maximum: int = 5_000_000
