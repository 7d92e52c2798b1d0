"""The privacy notice, the terms, and help with the address of the support."""

from __future__ import annotations

from quart import Blueprint, render_template

from web.shared.access import Who, allow
from web.shared.context import site
from web.site_pages.files import own_pages

blueprint = Blueprint("site_pages", __name__, template_folder="templates")


@blueprint.get("/privacy")
@allow(Who.ANYONE)
async def privacy() -> str:
    return await _page("privacy")


@blueprint.get("/terms")
@allow(Who.ANYONE)
async def terms() -> str:
    return await _page("terms")


@blueprint.get("/help", endpoint="help")
@allow(Who.ANYONE)
async def help_page() -> str:
    return await _page("help")


async def _page(name: str) -> str:
    pages = site().pages or own_pages()
    return await render_template("site_pages/show.html", page=pages[name], name=name)
