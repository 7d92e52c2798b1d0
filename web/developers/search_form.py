"""The search form of the developers page: parsed from the URL, shown as removable filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from quart import url_for
from werkzeug.datastructures import MultiDict

from core.errors import Invalid
from core.money import Money
from core.policy import DAY
from ports.developers import SkillCount, Sort
from services.developers import Relaxed, SearchCriteria
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
LONGEST_LABEL = 24
"""Characters of the text of a search on the label that removes it."""
PARAMETERS = {
    "q": ("q",),
    "free": ("when", "date", "from", "to", "hours"),
    "skill": ("skill",),
    "min_rate": ("min_rate",),
    "max_rate": ("max_rate",),
    "min_rating": ("min_rating",),
    "language": ("language",),
}
"""The filters in the order of the page, with their fields."""
PARTS = {"rate": ("min_rate", "max_rate")}
"""Filters that have two labels."""


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the URL of the page without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class SkillOption:
    """A skill to choose; `count` is None for one that is not among the most frequent."""

    name: str
    count: int | None
    chosen: bool


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


def chips(form: SearchForm) -> list[Chip]:
    """The active filters, for removal one by one."""
    found = list[Chip]()
    for name, parameters in PARAMETERS.items():
        if name == "skill":
            found += [Chip(skill, url_without(form, skill=skill)) for skill in form.skills]
        elif label := _label(form, name):
            found.append(Chip(label, url_without(form, *parameters)))
    return found


def left_out(form: SearchForm, relaxed: Relaxed | None) -> list[str]:
    """Sentences that say what nothing fulfils, and what the results fulfil."""
    if relaxed is None:
        return []
    said = list[str]()
    labels = [_label(form, part) for name in relaxed.filters for part in PARTS.get(name, (name,))]
    if relaxed.filters:
        said.append("No developer fulfils all filters.")
        said.append(f"These are found without: {', '.join(filter(None, labels))}.")
    if relaxed.words:
        said.append(f"No developer matches all of {_quoted(relaxed.words, 'and')}.")
        matched = _quoted(relaxed.matched, "or") if relaxed.matched else "a part of it"
        said.append(f"These match {matched}.")
    return said


def _quoted(words: Sequence[str], joint: str) -> str:
    """“a”, “b” and “c”."""
    *first, last = (f"“{word}”" for word in words)
    return f"{', '.join(first)} {joint} {last}" if first else last


def skill_options(
    form: SearchForm, skills: Iterable[SkillCount], key: Callable[[str], str]
) -> list[SkillOption]:
    """The chosen skills that are not listed, and the listed ones."""
    listed, chosen = list(skills), {key(skill) for skill in form.skills}
    keys = {key(skill.name) for skill in listed}
    others = [SkillOption(skill, None, True) for skill in form.skills if key(skill) not in keys]
    return others + [SkillOption(s.name, s.count, key(s.name) in chosen) for s in listed]


def sorts(form: SearchForm, *, rated: bool) -> dict[Sort, str]:
    """The orders to choose: by rating only if there are ratings, or if it is chosen already."""
    offered = {*Sort} if rated else {*Sort} - {Sort.RATING} | {form.criteria.sort}
    return {sort: label for sort, label in SORTS.items() if sort in offered}


def _label(form: SearchForm, name: str) -> str:
    """How a filter is named on the page; empty if it is not used."""
    wanted = form.criteria
    match name:
        case "q":
            return f"“{_shortened(wanted.q)}”" if wanted.q else ""
        case "free":
            return form.free_label
        case "skill":
            return ", ".join(form.skills)
        case "min_rate" if wanted.min_rate is not None:
            return f"From {formats().money(Money(wanted.min_rate), whole=True)}"
        case "max_rate" if wanted.max_rate is not None:
            return f"Up to {formats().money(Money(wanted.max_rate), whole=True)}"
        case "min_rating" if wanted.min_rating:
            return f"Rated {RATINGS[form.text('min_rating')]}"
        case "language" if wanted.language:
            return f"Speaks {wanted.language}"
    return ""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1].rstrip()}…"


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
