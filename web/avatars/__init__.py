"""Profile pictures on the web."""

from pathlib import Path

from services.bootstrap import Services
from web.avatars import api, pages
from web.shared.api import API
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

FORM_OVERHEAD = 100_000
"""Bytes of a multipart form beside the picture."""


def largest_upload(services: Services) -> int:
    """The largest request with a picture, in bytes."""
    return services.avatars.policy.avatar_bytes_maximum + FORM_OVERHEAD


WEB = WebCapability(
    name="avatars",
    pages=(pages.blueprint,),
    api=(api.blueprint,),
    body_limits={pages.PATH: largest_upload, f"{API}{api.PATH}": largest_upload},
    static=StaticFolder("avatars", Path(__file__).parent / "static"),
)
