"""The limits of chats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class ChatPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md.

    `message_maximum` counts characters. `messages_per_minute` holds for one account, `new_chats`
    for one account in `new_chats_window`. `warn_before_payment` is 1 if the sender of contact data
    is warned before the first payment of the pair, else 0.
    """

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = (("digest_after", "digest_again_after"),)
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset({"warn_before_payment"})

    message_maximum: int = 8_000
    messages_per_minute: int = 20
    new_chats: int = 5
    new_chats_window: timedelta = HOUR
    edit_within: timedelta = 10 * MINUTE
    digest_after: timedelta = 15 * MINUTE
    digest_again_after: timedelta = 4 * HOUR
    warn_before_payment: int = 1
