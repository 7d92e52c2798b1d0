"""The front page and the rules."""

from web.home import pages
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

WEB = WebCapability(
    name="home",
    pages=(pages.blueprint,),
)
