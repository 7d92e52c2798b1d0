"""The rule, asked as the application asks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import entry_points

import pytest
from quiet_hours import QuietHours

from onehour.api import Booking, Vetoed, WrongSetting
from onehour.testing.plugins import Plugins, enabled
from onehour.testing.samples import bookings as samples

SETTING = "ONEHOUR_PLUGIN_QUIET_HOURS_HOURS"
MIDNIGHT_IN_MADRID = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
NOON_IN_MADRID = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def a_booking(start: datetime) -> Booking:
    in_madrid = replace(samples.DEV, name="Lucía Fernández", timezone="Europe/Madrid")
    return samples.a_booking(start=start, developer=in_madrid)


def switched_on(plugin: object, hours: str = "") -> Plugins:
    return enabled(plugin, "quiet_hours", settings={SETTING: hours})


async def test_a_booking_at_night_is_refused_and_counted() -> None:
    quiet = QuietHours()

    with pytest.raises(Vetoed) as refusal:
        await switched_on(quiet).may_book(a_booking(MIDNIGHT_IN_MADRID))

    assert refusal.value.message == (
        "Lucía Fernández takes no bookings that start from 22:00 to 06:00, local time."
    )
    assert quiet.refused == 1


async def test_a_booking_by_day_is_none_of_its_business() -> None:
    quiet = QuietHours()

    await switched_on(quiet).may_book(a_booking(NOON_IN_MADRID))

    assert quiet.refused == 0


async def test_the_setting_moves_the_hours() -> None:
    plugins = switched_on(QuietHours, "11-14")

    await plugins.may_book(a_booking(MIDNIGHT_IN_MADRID))
    with pytest.raises(Vetoed):
        await plugins.may_book(a_booking(NOON_IN_MADRID))


@pytest.mark.parametrize("wrong", ["night", "22", "22-22", "25-6", "22-6-7"])
def test_a_wrong_setting_is_reported_at_start_up(wrong: str) -> None:
    with pytest.raises(WrongSetting, match=f"^{SETTING} must be two different hours of the day"):
        switched_on(QuietHours, wrong)


def test_installed_it_is_found_by_its_name() -> None:
    points = [each for each in entry_points(group="onehour.plugins") if each.name == "quiet_hours"]

    if not points:
        pytest.skip("run from the source: nothing is installed")
    assert points[0].load() is QuietHours
