"""Addresses of parts of the sitemap and of pictures."""

from __future__ import annotations

from dataclasses import replace

from tests.app import SUPPORT
from tests.web.every_role import SiteWithEveryRole
from tests.web.route_samples import PathVariable, RouteSamples


async def prepare(site: SiteWithEveryRole) -> None:
    """The picture of a developer's profile, and an address of support."""
    account = site.people["dev"].account
    assert account
    profile = await site.app.services.developers.own_profile(by=account.id)
    dependencies = site.quart_app.extensions["dependencies"]
    supported = replace(dependencies.site, support_email=SUPPORT)
    site.quart_app.extensions["dependencies"] = replace(dependencies, site=supported)
    site.facts["profile"] = profile.id
    site.facts["digest"] = site.app.services.discovery.preview_of(profile).digest


SAMPLES = RouteSamples(
    variables={
        "profile_id": PathVariable(
            example=lambda site: site.developer_id,
            known=lambda site: site.facts["profile"],
            absent=f"dev_{'9' * 26}",
        ),
        "digest": PathVariable(
            example=lambda site: "0" * 16,
            known=lambda site: site.facts["digest"],
            absent="0" * 16,
        ),
        "parts": PathVariable(example=lambda site: "1", known=lambda site: "1", absent="3"),
        "part": PathVariable(example=lambda site: "0", known=lambda site: "0", absent="7"),
    },
    prepare=prepare,
)
