"""Uploads and removals of profile pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from tests.web.route_samples import NO_BODY, PathVariable, RouteSamples, Sent

if TYPE_CHECKING:
    from tests.web.every_role import SiteWithEveryRole


def _picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(drawn, "PNG")
    return drawn.getvalue()


PICTURE = _picture()
UPLOAD: Sent = {"data": PICTURE, "headers": {"Content-Type": "image/png"}}


async def prepare(site: SiteWithEveryRole) -> None:
    """The client has a picture."""
    client = site.account("client")
    url = await site.app.services.avatars.change(by=client.id, upload=PICTURE)
    site.facts["avatar"] = url.rpartition("/")[2].removesuffix(".webp")


SAMPLES = RouteSamples(
    bodies={
        "avatars.change": UPLOAD,
        "avatars.remove": NO_BODY,
        "api_avatars.change": UPLOAD,
        "api_avatars.remove": NO_BODY,
    },
    variables={
        "avatar_id": PathVariable(
            example=lambda site: "ava_nobodys",
            known=lambda site: site.facts["avatar"],
            absent=f"ava_{'9' * 26}",
        )
    },
    prepare=prepare,
)
