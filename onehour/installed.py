"""Checks at the start that the application is installed with all its files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from core.errors import OneHourError
from onehour.frontend import vendored_files
from services.bootstrap import CAPABILITIES
from web import app, system
from web.shared.capabilities import WebCapability


class Incomplete(OneHourError):
    """A file or folder of the application is missing."""

    code = "incomplete"


def check_files() -> None:
    """Raises `Incomplete` for the first file from npm or folder of templates that is missing.

    A missing style sheet stops the start anyway.
    """
    for path in needed():
        if not path.exists():
            raise Incomplete(
                f"{path} is missing: install OneHour again, or run `make setup` in its checkout."
            )


def needed() -> Iterator[Path]:
    """The files from npm, and the folders of all templates."""
    yield from vendored_files()
    yield app.TEMPLATES
    yield from (record.templates for record in CAPABILITIES if record.templates)
    for record in (*app.WEB, system.MAIL_CATCHER):
        yield from _page_templates(record)


def _page_templates(record: WebCapability) -> Iterator[Path]:
    for blueprint in (*record.pages, *record.api):
        if blueprint.template_folder:
            # A blueprint of a package's subfolder names its templates with "..".
            yield Path(os.path.normpath(Path(blueprint.root_path) / blueprint.template_folder))
