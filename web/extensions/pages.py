"""The page of administrators about plugins."""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.forms import read_form

blueprint = Blueprint("plugins", __name__, template_folder="templates", url_prefix="/admin/plugins")


@blueprint.get("")
@allow(Who.ADMIN)
async def index() -> str:
    states = services().plugin_states
    return await render_template(
        "extensions/plugins.html",
        enabled=states.extensions.enabled,
        states=await states.all(),
        limits=states.policy,
        saved=request.args.get("saved", ""),
    )


@blueprint.post("/<plugin>")
@allow(Who.ADMIN, step_up=True, page="plugins.index", label="Switch this plugin")
async def switch(plugin: str) -> ResponseReturnValue:
    """`do` is `on` or `off`; anything else changes nothing."""
    do = (await read_form()).get("do", "")
    if do in ("on", "off"):
        await services().plugin_states.switch(plugin, on=do == "on", by=me(), caller=caller())
    return redirect(url_for(".index", saved=plugin), 303)


async def overview(facts: Mapping[str, object]) -> str | None:
    """A card of the overview, if there are plugins."""
    states = await services().plugin_states.all()
    if not states:
        return None
    off = [name for name, state in states.items() if not state.is_on]
    return await render_template("extensions/_overview.html", count=len(states), off=off)
