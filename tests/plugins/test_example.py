"""The example plugin in the application: its refusal, its page. Its own tests run where it is
installed (`tests/process/distribution`)."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from plugins.hookspecs import GROUP
from ports.extensions import Vetoed
from tests.app import memory_app
from tests.plugins.site import app_with, site_with, switched_on
from web.shared.capabilities import Link

EXAMPLE = Path(__file__).parents[2] / "examples" / "quiet_hours"


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Any]]:
    """What the distribution's own entry point names, loaded from its source."""
    monkeypatch.syspath_prepend(str(EXAMPLE / "src"))
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    module, _, name = project["entry-points"][GROUP]["quiet_hours"].partition(":")
    yield getattr(importlib.import_module(module), name)
    for loaded in [each for each in sys.modules if each.split(".")[0] == module]:
        del sys.modules[loaded]


async def test_it_refuses_a_booking_at_night(plugin: type[Any]) -> None:
    app = memory_app(extensions=switched_on(plugin, "quiet_hours"))
    (client, _), developer = await app.client(), await app.developer()

    with pytest.raises(Vetoed, match="no bookings that start from 22:00 to 06:00"):
        # The application's clock shows 11:30 in India: twelve hours later it is 23:30 there.
        await app.hold(client, developer, starts_in=timedelta(days=1, hours=12))
    by_day = await app.hold(client, developer, starts_in=timedelta(days=1))

    assert by_day.status == "held"


async def test_its_page_shows_the_hours_and_the_count(plugin: type[Any]) -> None:
    quiet = switched_on(plugin, "quiet_hours", {"ONEHOUR_PLUGIN_QUIET_HOURS_HOURS": "20-8"})
    app = app_with(quiet)
    quart_app = site_with(app, quiet)

    page = await quart_app.test_client().get("/quiet-hours")

    shown = await page.get_data(as_text=True)
    assert page.status_code == 200
    assert "No booking starts from 20:00 to 08:00" in shown
    assert "Refused since this process started: 0" in shown
    assert quart_app.extensions["navigation"][-1] == Link("Quiet hours", "/quiet-hours")
