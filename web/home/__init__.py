"""The home page and the rules."""

from pathlib import Path

from web.home import pages
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

WEB = WebCapability(
    name="home",
    pages=(pages.blueprint,),
    static=StaticFolder("home", Path(__file__).parent / "static", sheets=("home.css",)),
)
