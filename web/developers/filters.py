"""The filters of the developers page as a visitor sees them: to choose, to remove, left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.money import Money
from ports.developers import SkillCount, Sort
from services.developers import Relaxed
from web.developers.search_form import RATINGS, SORTS, SearchForm, url_without
from web.shared.context import formats

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
