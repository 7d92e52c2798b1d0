"""Readable names of time zones: country and city, from CLDR."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.core import get_global

WORLD = "001"
"""The territory of zones that belong to no country."""


@lru_cache(maxsize=2048)
def name_of(zone: str, locale: str) -> str:
    """'India – Kolkata' of `Asia/Kolkata`; the zone itself if it belongs to no country."""
    data = Locale.parse(locale)
    territory = get_global("zone_territories").get(zone, WORLD)
    if territory == WORLD:
        return zone
    country = data.territories.get(territory, territory)
    city = _city_of(zone, data)
    return country if city == country else f"{country} – {city}"


def _city_of(zone: str, data: Locale) -> str:
    """The city in the locale's spelling, or from the name: 'Indiana, Knox'."""
    known = data.time_zones.get(zone, {}).get("city")
    if known:
        return str(known)
    area, _, rest = zone.partition("/")
    return ", ".join(part.replace("_", " ") for part in (rest or area).split("/"))
