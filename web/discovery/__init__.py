"""What search engines, browsers and other sites read: sitemaps, pictures of links, well-known
files, and the heads of public pages."""

from pathlib import Path

from web.discovery import files, head, link_previews, sitemaps
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = ["WEB"]

WEB = WebCapability(
    name="discovery",
    pages=(files.blueprint, head.blueprint, link_previews.blueprint, sitemaps.blueprint),
    static=StaticFolder("discovery", Path(__file__).parent / "static"),
)
