"""Canonical IANA time zones: one name for each place, old and alternative names lead to it.

The table is the one of the `tzdata` package, which `zoneinfo` itself reads: `zone.tab` names each
place that keeps its own time, and `tzdata.zi` the links from other names. A link between two
places of `zone.tab` (Europe/Stockholm keeps the time of Europe/Berlin) is not followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

from core.errors import Invalid

ZONE_NAME = "IANA time zone"
ZoneName = Annotated[str, ZONE_NAME]
"""A canonical name. Stored documents of older versions may have another one; the stores make it
canonical when they read it."""

UTC_NAME = "UTC"
SAME_AS_UTC = frozenset({"Etc/UTC", "Etc/GMT"})
"""Targets of the many names of UTC (GMT+0, Etc/Greenwich, Zulu, …)."""
NO_PLACE = frozenset({"Factory"})
"""A name in the table that is no zone of people."""
PLACES_OF_OLD_NAMES = {
    "Africa/Asmera": "Africa/Asmara",
    "Africa/Timbuktu": "Africa/Bamako",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Virgin": "America/St_Thomas",
    "Antarctica/South_Pole": "Antarctica/McMurdo",
    "Atlantic/Jan_Mayen": "Arctic/Longyearbyen",
    "CST6CDT": "America/Chicago",
    "EST5EDT": "America/New_York",
    "Iceland": "Atlantic/Reykjavik",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
    "Pacific/Yap": "Pacific/Chuuk",
}
"""Old names whose link in `tzdata.zi` leads to another country with the same time; the places are
those of CLDR and, for the four zones of the United States, of tzdata 2024b."""


def checked_timezone(name: str) -> ZoneName:
    """The canonical name of a time zone. Raises `Invalid` for an unknown one."""
    if not name:
        raise Invalid(timezone="Choose a time zone.")
    found = _canonical_names().get(name)
    if found is None:
        raise Invalid(
            timezone="We do not know this time zone. Choose one of the list, such as Asia/Kolkata."
        )
    return found


def canonical_timezone(name: str) -> ZoneName:
    """The canonical name, or the name unchanged if it is unknown: for stored names."""
    return _canonical_names().get(name, name)


def timezone_names() -> frozenset[str]:
    """The canonical names, with those of fixed offsets (Etc/GMT+5)."""
    return frozenset(_canonical_names().values())


def old_timezone_names() -> Mapping[str, ZoneName]:
    """The canonical name of each name that is not canonical."""
    return {name: found for name, found in _canonical_names().items() if name != found}


@lru_cache(maxsize=1)
def places() -> tuple[str, ...]:
    """The zones that people choose from: UTC, and one for each place with its own time."""
    lines = _table("zone.tab").splitlines()
    names = (line.split("\t")[2] for line in lines if line and not line.startswith("#"))
    return (UTC_NAME, *sorted(names))


@lru_cache(maxsize=1)
def _canonical_names() -> dict[str, str]:
    """The canonical name of every known name."""
    links: dict[str, str] = {}
    zones = set()
    for line in _table("tzdata.zi").splitlines():
        kind, *words = line.split(" ")
        if kind == "L":
            links[words[1]] = words[0]
        elif kind == "Z":
            zones.add(words[0])
    known, chosen = (zones | set(links)) - NO_PLACE, frozenset(places())
    return {name: _followed(name, links, chosen) for name in known}


def _followed(name: str, links: Mapping[str, str], chosen: frozenset[str]) -> str:
    if name in PLACES_OF_OLD_NAMES:
        return PLACES_OF_OLD_NAMES[name]
    while name not in chosen and name in links:
        name = links[name]
    return UTC_NAME if name in SAME_AS_UTC else name


def _table(name: str) -> str:
    return (files("tzdata.zoneinfo") / name).read_text("utf-8")
