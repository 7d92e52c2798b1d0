"""Switching plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.web.route_samples import PathVariable, RouteSamples

if TYPE_CHECKING:
    from tests.web.every_role import SiteWithEveryRole


async def enable(site: SiteWithEveryRole) -> None:
    site.app.extensions.listening = ("notes",)


SAMPLES = RouteSamples(
    bodies={"plugins.switch": {"form": {"do": "off"}}},
    variables={
        "plugin": PathVariable(
            example=lambda site: "notes", known=lambda site: "notes", absent="gone"
        )
    },
    prepare=enable,
)
