"""Names of time zones: canonical, old, alternative and unknown ones."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest

from core.errors import Invalid
from core.timezones import (
    canonical_timezone,
    checked_timezone,
    old_timezone_names,
    places,
    timezone_names,
)

NOT_ZONES = {"Factory", "localtime"}
"""Names that `zoneinfo` finds as files and that are no place and no offset."""


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("Asia/Kolkata", "Asia/Kolkata"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("US/Pacific", "America/Los_Angeles"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("America/Indianapolis", "America/Indiana/Indianapolis"),
        ("Africa/Asmera", "Africa/Asmara"),
        ("Iceland", "Atlantic/Reykjavik"),
        ("EST5EDT", "America/New_York"),
        ("Europe/Stockholm", "Europe/Stockholm"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("GMT", "UTC"),
        ("GMT+0", "UTC"),
        ("GMT0", "UTC"),
        ("Etc/Greenwich", "UTC"),
        ("Zulu", "UTC"),
    ],
)
def test_every_name_of_a_zone_leads_to_one(name: str, canonical: str) -> None:
    assert checked_timezone(name) == canonical == canonical_timezone(name)


@pytest.mark.parametrize(
    "name",
    ["Mars/Olympus", "asia/kolkata", "../etc/passwd", "UTC\0", "Factory", "localtime", "IST",
     "posix/Asia/Kolkata", "+05:30"],
)  # fmt: skip
def test_an_unknown_zone_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_timezone(name)
    assert refused.value.fields == {
        "timezone": "We do not know this time zone. Choose one of the list, such as Asia/Kolkata."
    }


def test_a_missing_zone_is_asked_for() -> None:
    with pytest.raises(Invalid) as refused:
        checked_timezone("")
    assert refused.value.fields == {"timezone": "Choose a time zone."}


def test_a_stored_name_that_is_unknown_stays() -> None:
    assert canonical_timezone("Mars/Olympus") == "Mars/Olympus"


def test_every_name_of_the_machine_is_known() -> None:
    assert available_timezones() - NOT_ZONES <= timezone_names() | set(old_timezone_names())


def test_an_old_name_and_its_canonical_name_keep_the_same_time() -> None:
    moments = [datetime(2026, month, 15, 12, tzinfo=UTC) for month in range(1, 13)]

    different = [
        (old, name)
        for old, name in old_timezone_names().items()
        for moment in moments
        if moment.astimezone(ZoneInfo(old)).utcoffset()
        != moment.astimezone(ZoneInfo(name)).utcoffset()
    ]

    assert different == []


def test_people_choose_among_places_of_which_each_is_canonical() -> None:
    assert len(places()) == len(set(places()))
    assert {name: checked_timezone(name) for name in places()} == {n: n for n in places()}
    assert {"UTC", "Asia/Kolkata", "Europe/Kyiv", "Pacific/Chatham"} <= set(places())
    assert not {"Asia/Calcutta", "US/Pacific", "Etc/UTC", "GMT"} & set(places())
