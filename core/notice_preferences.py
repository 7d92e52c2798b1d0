"""What a person wants to be told on which channel, and when not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from core.errors import Errors, Invalid
from core.policy import HOUR, MINUTE

LAST_CALL: timedelta = HOUR
"""What must be heard before a moment is not held back into the last hour before it."""
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` on the clocks of the person, as '22:00'. They may include midnight."""

    start: str
    end: str

    def __post_init__(self) -> None:
        """Raises `Invalid`."""
        errors = Errors()
        for name, text in (("quiet_start", self.start), ("quiet_end", self.end)):
            if not _CLOCK.fullmatch(text):
                errors.add(**{name: "Enter a time of day, such as 22:00."})
        errors.check()
        if self.start == self.end:
            raise Invalid(quiet_end="Quiet hours must end at another time than they start.")

    def covers(self, moment: datetime, zone: str) -> bool:
        """Whether it is quiet at this moment for a person in this time zone."""
        now = f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def over_at(self, moment: datetime, zone: str) -> datetime:
        """The first moment from this one on (UTC) that is not quiet: the moment itself when it is
        not quiet now. Also exact on days on which the clocks change."""
        if not self.covers(moment, zone):
            return moment
        ends = (each for each in _ends(moment, self.end, zone) if each > moment)
        return min(each for each in ends if not self.covers(each, zone))


def _ends(moment: datetime, clock: str, zone: str) -> Iterator[datetime]:
    """The moments at which quiet hours can end: when the clocks show the end, which they may do
    twice in a night, and when they are put forward beyond it."""
    local, end = moment.astimezone(ZoneInfo(zone)), time.fromisoformat(clock)
    for days in (0, 1, 2):
        for fold in (0, 1):
            day = local.date() + timedelta(days=days)
            wall = datetime.combine(day, end.replace(fold=fold), local.tzinfo)
            yield wall.astimezone(UTC)
    yield from _changes(moment.astimezone(UTC), ZoneInfo(zone))


def _changes(moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The changes of the clocks within two days, to the minute."""
    for hour in range(48):
        before, after = moment + hour * HOUR, moment + (hour + 1) * HOUR
        if before.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset():
            continue
        whole = before.replace(second=0, microsecond=0)
        for minute in range(1, 62):
            at = whole + minute * MINUTE
            if at.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset():
                yield at
                break


@dataclass(frozen=True, slots=True)
class NoticePreferences:
    """The choices of one account; `id` is that of the account. What is not chosen has the default
    of its group."""

    id: str
    choices: Mapping[str, str] = field(default_factory=dict)
    """'on' or 'off' by 'group:channel'."""
    quiet: QuietHours | None = None
    version: int = 0

    def choice(self, group: str, channel: str) -> bool | None:
        """What was chosen, or None."""
        chosen = self.choices.get(f"{group}:{channel}")
        return None if chosen is None else chosen == ON

    def choose(self, chosen: Mapping[tuple[str, str], bool], quiet: QuietHours | None) -> Self:
        """With these choices by group and channel, beside earlier ones of others."""
        new = {f"{group}:{channel}": ON if on else OFF for (group, channel), on in chosen.items()}
        return replace(self, choices={**self.choices, **new}, quiet=quiet)

    def due(
        self, now: datetime, zone: str, *, urgent: bool = False, until: datetime | None = None
    ) -> datetime:
        """When something that happens now is to be sent: at once, or when the quiet hours are
        over. `until` is the moment before which it must be heard; what would come in the last
        hour before it is sent at once."""
        if urgent or self.quiet is None:
            return now
        later = self.quiet.over_at(now, zone)
        if until is not None and now < until < later + LAST_CALL:
            return now
        return later


ON, OFF = "on", "off"
