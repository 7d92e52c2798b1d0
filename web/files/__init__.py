"""Files on the web."""

from pathlib import Path

from ports.storage import PUT_MAXIMUM
from services.bootstrap import Services
from web.files import api, notices, pages, storage_links, uploads
from web.files.events import LIVE_EVENTS
from web.files.highlighting import CodeView, coloured, plain_lines
from web.files.links import to_link
from web.files.reading import difference, texts_of
from web.files.schemas import FileSchema, download_path
from web.files.schemas import file as file_schema
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
    "CodeView",
    "FileSchema",
    "coloured",
    "difference",
    "download_path",
    "file_schema",
    "plain_lines",
    "texts_of",
    "to_link",
]

FORM_OVERHEAD = 100_000
"""Bytes of a multipart form beside the files."""


def largest_put(_: Services) -> int:
    """The largest request to a link: a whole small file or a part, in bytes."""
    return PUT_MAXIMUM


def largest_form(services: Services) -> int:
    """The largest form with files, in bytes."""
    return services.uploads.policy.file_bytes_maximum + FORM_OVERHEAD


WEB = WebCapability(
    name="files",
    pages=(pages.blueprint, uploads.blueprint, storage_links.blueprint),
    api=(api.blueprint,),
    live_events=LIVE_EVENTS,
    notices=notices.NOTICES,
    static=StaticFolder("files", Path(__file__).parent / "static"),
    body_limits={storage_links.PREFIX: largest_put, uploads.PREFIX: largest_form},
)
