"""A settlement of the payment provider, for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.builders.settlements import stored_settlement
from tests.web.route_samples import PathVariable, RouteSamples

if TYPE_CHECKING:
    from tests.web.every_role import SiteWithEveryRole


async def prepare(site: SiteWithEveryRole) -> None:
    site.facts["settlement"] = (await stored_settlement(site.app)).id


SAMPLES = RouteSamples(
    variables={
        "settlement_id": PathVariable(
            example=lambda site: "memory:stl_1",
            known=lambda site: site.facts["settlement"],
            absent="memory:stl_999",
        ),
    },
    prepare=prepare,
)
