"""The limits of shared pads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PadPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md.

    `pad_bytes_maximum` counts the bytes of the text in UTF-8. `pad_changes_per_minute` holds for
    one account; pages send at most ten changes a second.
    """

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset()

    pad_bytes_maximum: int = 200_000
    pad_changes_per_minute: int = 900
