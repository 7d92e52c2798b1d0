"""When a plugin that fails is switched off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import MINUTE


@dataclass(frozen=True, slots=True)
class ExtensionPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset()

    plugin_failures: int = 5
    plugin_failures_within: timedelta = 10 * MINUTE
