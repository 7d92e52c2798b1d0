"""Files on the web."""

from ports.storage import PUT_MAXIMUM
from services.bootstrap import Services
from web.files import api, pages, storage_links
from web.files.events import LIVE_EVENTS
from web.files.schemas import FileSchema
from web.files.schemas import file as file_schema
from web.shared.capabilities import WebCapability

__all__ = ["WEB", "FileSchema", "file_schema"]


def largest_put(_: Services) -> int:
    """The largest request to a link: a whole small file or a part, in bytes."""
    return PUT_MAXIMUM


WEB = WebCapability(
    name="files",
    pages=(pages.blueprint, storage_links.blueprint),
    api=(api.blueprint,),
    live_events=LIVE_EVENTS,
    body_limits={storage_links.PREFIX: largest_put},
)
