"""A stretch of the day in whole hours, which may go over midnight."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Hours:
    """From `first` up to, and without, `end`."""

    first: int
    end: int

    @classmethod
    def parse(cls, text: object) -> Self:
        """From a text such as `22-6`. Raises `ValueError` with the words that complete the
        sentence "... must be ..."."""
        match = re.fullmatch(r"(\d{1,2})-(\d{1,2})", str(text).strip())
        first, end = (int(match[1]), int(match[2])) if match else (0, 0)
        if first == end or not (first < 24 and end < 24):
            raise ValueError("two different hours of the day, such as 22-6")
        return cls(first, end)

    def hold(self, moment: datetime, *, timezone: str) -> bool:
        """Whether the clocks of that zone show one of these hours then."""
        hour = moment.astimezone(ZoneInfo(timezone)).hour
        if self.first < self.end:
            return self.first <= hour < self.end
        return hour >= self.first or hour < self.end

    def __str__(self) -> str:
        return f"{self.first:02d}:00 to {self.end:02d}:00"
