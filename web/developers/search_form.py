"""The search form of the developers page: parsed from the URL, shown as removable filters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from quart import url_for
from werkzeug.datastructures import MultiDict

from core.errors import Invalid
from core.policy import DAY
from ports.developers import Sort
from services.developers import SearchCriteria
from web.shared.context import formats, now
from web.shared.forms import calendar_day, rupees, whole_number
from web.shared.paging import next_cursor, page_cursor
from web.shared.templating import zone

PER_PAGE = 20
PERIODS = {"day": ("In the next 24 hours", DAY), "week": ("In the next 7 days", 7 * DAY)}
RATINGS = {"450": "4.5 or more", "480": "4.8 or more"}
SORTS = {
    Sort.NEXT_FREE: "Next free time",
    Sort.RATE: "Price, lowest first",
    Sort.RATING: "Rating",
}
LENGTHS = (1, 2, 3, 4)


@dataclass(slots=True)
class SearchForm:
    """The search of a URL. Fields that cannot be parsed are in `errors` and are ignored."""

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


def parse_search(given: MultiDict[str, str]) -> SearchForm:
    """Parse the query of the page. Raises `Invalid` for a wrong cursor only."""
    form = SearchForm(given)
    _read_time(form)
    sort = form.text("sort")
    form.criteria = SearchCriteria(
        q=form.text("q")[:200],
        skills=form.skills,
        language=form.text("language")[:40] or None,
        min_rate=_rate(form, "min_rate"),
        max_rate=_rate(form, "max_rate"),
        min_rating=int(form.text("min_rating")) if form.text("min_rating") in RATINGS else None,
        free_from=form.free_from,
        free_to=form.free_to,
        hours=_hours(form),
        sort=Sort(sort) if sort in set(Sort) else Sort.NEXT_FREE,
        limit=PER_PAGE,
        cursor=page_cursor(),
    )
    return form


def url_without(form: SearchForm, *names: str, skill: str = "") -> str:
    """The URL of the first page without these filters."""
    return _url(
        [
            (name, text)
            for name, text in form.given.items(multi=True)
            if name not in (*names, "cursor") and text and not (name == "skill" and text == skill)
        ]
    )


def next_page_url(form: SearchForm, following: str) -> str:
    """The URL of the next page, which goes on from the sort key `following`."""
    pairs = [(n, t) for n, t in form.given.items(multi=True) if n != "cursor" and t]
    return _url([*pairs, ("cursor", next_cursor(following) or "")])


def _url(pairs: list[tuple[str, str]]) -> str:
    base = url_for("developers.index")
    return f"{base}?{urlencode(pairs)}" if pairs else base


def _read_time(form: SearchForm) -> None:
    """A date takes precedence over a period."""
    if form.text("date"):
        _read_day(form)
    elif form.text("when") in PERIODS:
        label, ahead = PERIODS[form.text("when")]
        form.free_from, form.free_to, form.free_label = now(), now() + ahead, label


def _read_day(form: SearchForm) -> None:
    day = calendar_day(form.text("date"))
    first, last = _clock(form.text("from") or "00:00"), _clock(form.text("to") or "24:00")
    if day is None or first is None or last is None:
        form.errors["date"] = "Choose a day, for example 2026-11-24."
    elif last <= first:
        form.errors["date"] = "Choose an end after the start."
    else:
        midnight = datetime.combine(day, time(0), ZoneInfo(zone()))
        form.free_from = (midnight + first).astimezone(UTC)
        form.free_to = (midnight + last).astimezone(UTC)
        form.free_label = formats().day(form.free_from, zone(), year=False)
        if form.text("from") or form.text("to"):
            form.free_label += f", {_shown(first)} to {_shown(last)}"
        if form.free_to <= now():
            form.errors["date"] = "This time has passed. Choose a later one."
            form.free_from = form.free_to = None
            form.free_label = ""


def _clock(text: str) -> timedelta | None:
    hour, _, minute = text.partition(":")
    digits = hour.isdecimal() and minute.isdecimal() and len(hour) <= 2 and len(minute) <= 2
    if not digits or int(hour) > 24 or int(minute) > 59:
        return None
    return timedelta(hours=int(hour), minutes=int(minute))


def _shown(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _rate(form: SearchForm, name: str) -> int | None:
    if not form.text(name):
        return None
    try:
        return rupees(form.text(name), field=name).amount
    except Invalid as error:
        form.errors.update(error.fields)
        return None


def _hours(form: SearchForm) -> int:
    try:
        hours = whole_number(form.text("hours"), field="hours", otherwise=1)
    except Invalid:
        return 1
    return min(max(hours, 1), 8)
