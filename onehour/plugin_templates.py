"""The files of a new plugin: a setting, a question, a page and their tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

from ports.settings import WrongSetting

FILES = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "onehour-$dashed"
version = "0.1.0"
description = "A OneHour plugin."
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["onehour>=0.1"]

[project.optional-dependencies]
test = ["onehour[testing]>=0.1"]

[project.entry-points."onehour.plugins"]
$name = "$name"

[tool.setuptools.packages.find]
where = ["src"]

[tool.pytest.ini_options]
asyncio_mode = "auto"
pythonpath = ["src"]
testpaths = ["tests"]
""",
    "README.md": """\
# $title

A plugin for OneHour: bookings have at least a number of hours, and the page `/$dashed` says so.

| setting | default | |
|---|---|---|
| `ONEHOUR_PLUGIN_${upper}_HOURS` | `1` | the hours that a booking has at least |

    pip install .
    ONEHOUR_PLUGINS=$name onehour run
    onehour plugins check $name
""",
    "src/$name/__init__.py": '''\
"""Bookings have at least a number of hours."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from quart import Blueprint

from onehour.api import Booking, PluginContext, WebCapability, Who, allow, implements

api = 1
"""The version of `onehour.api` that this plugin was written for."""


class Options(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_PLUGIN_${upper}_", frozen=True, hide_input_in_errors=True
    )

    hours: int = Field(default=1, ge=1)


@implements
def onehour_settings() -> type[Options]:
    return Options


@implements
async def onehour_may_book(booking: Booking, context: PluginContext) -> str | None:
    least = context.settings(Options).hours
    return None if booking.hours >= least else f"Book {least} hours or more."


@implements
def onehour_web(context: PluginContext) -> list[WebCapability]:
    pages = Blueprint("$name", __name__)

    @pages.get("/$dashed")
    @allow(Who.ANYONE)
    async def show() -> str:
        return f"Bookings have at least {context.settings(Options).hours} hours."

    return [WebCapability(name="$name", pages=(pages,))]
''',
    "tests/test_$name.py": '''\
"""The rule, asked as the application asks it."""

from __future__ import annotations

import $name as plugin
import pytest

from onehour.api import Vetoed
from onehour.testing.plugins import enabled
from onehour.testing.samples.bookings import a_booking

SETTING = "ONEHOUR_PLUGIN_${upper}_HOURS"


async def test_a_short_booking_is_refused() -> None:
    plugins = enabled(plugin, "$name", settings={SETTING: "2"})

    with pytest.raises(Vetoed, match="Book 2 hours or more"):
        await plugins.may_book(a_booking(hours=1))


async def test_a_long_booking_is_allowed() -> None:
    plugins = enabled(plugin, "$name", settings={SETTING: "2"})

    await plugins.may_book(a_booking(hours=2))
''',
}


def write_plugin(name: str, folder: Path) -> Path:
    """Write the files of a plugin with this name into a new folder, which is returned. Raises
    `WrongSetting` for a name that is no lower-case identifier, and for a folder that exists."""
    return write_files(FILES, checked_name(name), folder, {})


def checked_name(name: str) -> str:
    """The name of a plugin, which is also that of its package. Raises `WrongSetting`."""
    if not (name.isidentifier() and name.isascii() and name == name.lower()):
        raise WrongSetting(f"{name} must be lower-case letters, digits and _.")
    return name


def write_files(
    files: Mapping[str, str], name: str, folder: Path, values: Mapping[str, str]
) -> Path:
    """Write templates, by path, into the new folder `name`, which is returned. Paths and texts may
    have the words of the name and `values`. Raises `WrongSetting` for a folder that exists."""
    project = folder / name
    if project.exists():
        raise WrongSetting(f"{project} exists already.")
    words = {
        "name": name,
        "upper": name.upper(),
        "dashed": name.replace("_", "-"),
        "title": name.replace("_", " ").capitalize(),
        **values,
    }
    for path, text in files.items():
        file = project / Template(path).substitute(words)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template(text).substitute(words), encoding="utf-8")
    return project
