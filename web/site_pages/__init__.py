"""Privacy notice, terms and help: pages whose texts the operator writes, in Markdown."""

from pathlib import Path

from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability
from web.site_pages import pages
from web.site_pages.files import NAMES, PagesUnreadable, read_pages

__all__ = ["NAMES", "WEB", "PagesUnreadable", "read_pages"]

WEB = WebCapability(
    name="site_pages",
    pages=(pages.blueprint,),
    static=StaticFolder("site_pages", Path(__file__).parent / "static", sheets=("site_pages.css",)),
)
