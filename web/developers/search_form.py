"""The search form of the developers page: read from the address, told as removable chips."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from quart import url_for
from werkzeug.datastructures import MultiDict

from core.errors import Invalid
from core.money import Money
from core.policy import DAY
from ports.developers import Sort
from services.developers import SearchCriteria
from web.shared.context import formats, now
from web.shared.forms import calendar_day, rupees, whole
from web.shared.templating import zone

PER_PAGE = 20
LATELY = {"day": ("In the next 24 hours", DAY), "week": ("In the next 7 days", 7 * DAY)}
RATINGS = {"450": "4.5 and more", "480": "4.8 and more"}
SORTS = {
    Sort.NEXT_FREE: "Next free time",
    Sort.RATE: "Price, lowest first",
    Sort.RATING: "Rating",
}
LENGTHS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, and the address of the page without it."""

    label: str
    url: str


@dataclass(slots=True)
class Asked:
    """What the address asks for. Fields that cannot be read are in `errors` and left out."""

    given: MultiDict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    free_from: datetime | None = None
    free_to: datetime | None = None
    free_label: str = ""
    criteria: SearchCriteria = field(default_factory=SearchCriteria)

    @property
    def skills(self) -> tuple[str, ...]:
        wanted = (skill.strip()[:40] for skill in self.given.getlist("skill"))
        return tuple(dict.fromkeys(skill for skill in wanted if skill))

    def text(self, name: str) -> str:
        return self.given.get(name, "").strip()


def asked(given: MultiDict[str, str]) -> Asked:
    ask = Asked(given)
    _read_time(ask)
    sort = ask.text("sort")
    ask.criteria = SearchCriteria(
        q=ask.text("q")[:200],
        skills=ask.skills,
        language=ask.text("language")[:40] or None,
        min_rate=_rate(ask, "min_rate"),
        max_rate=_rate(ask, "max_rate"),
        min_rating=int(ask.text("min_rating")) if ask.text("min_rating") in RATINGS else None,
        free_from=ask.free_from,
        free_to=ask.free_to,
        hours=_hours(ask),
        sort=Sort(sort) if sort in set(Sort) else Sort.NEXT_FREE,
        limit=PER_PAGE,
        cursor=ask.text("cursor") or None,
    )
    return ask


def chips(ask: Asked) -> list[Chip]:
    found = [Chip(f"“{ask.criteria.q}”", without(ask, "q"))] if ask.criteria.q else []
    if ask.free_label:
        found.append(Chip(ask.free_label, without(ask, "when", "date", "from", "to", "hours")))
    found += [Chip(skill, without(ask, skill=skill)) for skill in ask.skills]
    if ask.criteria.min_rate is not None:
        low = formats().money(Money(ask.criteria.min_rate), whole=True)
        found.append(Chip(f"From {low}", without(ask, "min_rate")))
    if ask.criteria.max_rate is not None:
        high = formats().money(Money(ask.criteria.max_rate), whole=True)
        found.append(Chip(f"Up to {high}", without(ask, "max_rate")))
    if ask.criteria.min_rating:
        found.append(Chip(f"Rated {RATINGS[ask.text('min_rating')]}", without(ask, "min_rating")))
    if ask.criteria.language:
        found.append(Chip(f"Speaks {ask.criteria.language}", without(ask, "language")))
    return found


def without(ask: Asked, *names: str, skill: str = "") -> str:
    """The address of the first page without these filters."""
    return _address(
        [
            (name, text)
            for name, text in ask.given.items(multi=True)
            if name not in (*names, "cursor") and text and not (name == "skill" and text == skill)
        ]
    )


def following(ask: Asked, cursor: str) -> str:
    """The address of the page after this one."""
    kept = [(n, t) for n, t in ask.given.items(multi=True) if n != "cursor" and t]
    return _address([*kept, ("cursor", cursor)])


def _address(pairs: list[tuple[str, str]]) -> str:
    base = url_for("developers.index")
    return f"{base}?{urlencode(pairs)}" if pairs else base


def _read_time(ask: Asked) -> None:
    """A day with hours counts before 'in the next …'."""
    if ask.text("date"):
        _read_day(ask)
    elif ask.text("when") in LATELY:
        label, ahead = LATELY[ask.text("when")]
        ask.free_from, ask.free_to, ask.free_label = now(), now() + ahead, label


def _read_day(ask: Asked) -> None:
    day = calendar_day(ask.text("date"))
    first, last = _clock(ask.text("from") or "00:00"), _clock(ask.text("to") or "24:00")
    if day is None or first is None or last is None:
        ask.errors["date"] = "Choose a day, for example 2026-11-24."
    elif last <= first:
        ask.errors["date"] = "Choose an end after the start."
    else:
        midnight = datetime.combine(day, time(0), ZoneInfo(zone()))
        ask.free_from = (midnight + first).astimezone(UTC)
        ask.free_to = (midnight + last).astimezone(UTC)
        ask.free_label = formats().day(ask.free_from, zone(), year=False)
        if ask.text("from") or ask.text("to"):
            ask.free_label += f", {_shown(first)} to {_shown(last)}"
        if ask.free_to <= now():
            ask.errors["date"] = "This time has passed. Choose a later one."
            ask.free_from = ask.free_to = None
            ask.free_label = ""


def _clock(text: str) -> timedelta | None:
    hour, _, minute = text.partition(":")
    digits = hour.isdecimal() and minute.isdecimal() and len(hour) <= 2 and len(minute) <= 2
    if not digits or int(hour) > 24 or int(minute) > 59:
        return None
    return timedelta(hours=int(hour), minutes=int(minute))


def _shown(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _rate(ask: Asked, name: str) -> int | None:
    if not ask.text(name):
        return None
    try:
        return rupees(ask.text(name), field=name).amount
    except Invalid as error:
        ask.errors.update(error.fields)
        return None


def _hours(ask: Asked) -> int:
    try:
        hours = whole(ask.text("hours"), field="hours", otherwise=1)
    except Invalid:
        return 1
    return min(max(hours, 1), 8)
