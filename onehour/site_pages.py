"""The operator's pages, read at the start of the web server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from onehour.settings import Settings, WrongSetting

if TYPE_CHECKING:
    from web.shared.site_pages import SitePage


def site_pages(settings: Settings) -> Mapping[str, SitePage]:
    """By name; empty if the pages of the software are to be shown. Raises `WrongSetting`."""
    if settings.pages_dir is None:
        return {}
    # Imported here: a parent of several processes does not need the application.
    from web.site_pages import PagesUnreadable, read_pages

    try:
        return read_pages(settings.pages_dir)
    except PagesUnreadable as error:
        raise WrongSetting(f"ONEHOUR_PAGES_DIR must be {error}.") from None
