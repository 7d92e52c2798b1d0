"""The pages behind the links of a mail. They need no log-in and read no cookie.

A GET changes nothing, because mail scanners open links; the button of a mail program sends one
POST, which stops the mails at once (RFC 8058). They work also while the plugin is switched off
or not enabled: mails with these links are out for years.
"""

from __future__ import annotations

from collections.abc import Callable

from quart import Blueprint, Response, redirect, render_template, request
from quart.typing import ResponseReturnValue

from plugins.api import PluginContext, Who, allow
from plugins.campaigns.clicks import Clicks
from plugins.campaigns.consent_service import ConsentService
from plugins.campaigns.consents import CLICKS, TOPICS, Topic, Way
from plugins.campaigns.settings import CampaignSettings


def public(context: PluginContext, *, asks: bool = True) -> Blueprint:
    """`asks`: people can also agree to mails here."""
    blueprint = Blueprint("campaigns_mails", __name__, template_folder="templates")

    def consents() -> ConsentService:
        return context.service(ConsentService)

    async def page(token: str, *, stopped: bool = False, saved: bool = False) -> str:
        account, consent = await consents().opened(token)
        return await render_template(
            "campaigns/stop.html",
            token=token,
            account=account,
            consent=consent,
            topics=TOPICS,
            clicks=CLICKS,
            limits=context.settings(CampaignSettings) if asks else None,
            stopped=stopped,
            saved=saved,
            asks=asks,
        )

    @blueprint.get("/mail/unsubscribe/<token>")
    @allow(Who.ANYONE, cookies=False, lasting=True)
    async def show(token: str) -> str:
        return await page(token, saved="saved" in request.args)

    @blueprint.post("/mail/unsubscribe/<token>")
    @allow(Who.ANYONE, cookies=False, lasting=True)
    async def stop(token: str) -> str:
        one_click = (await request.form).get("List-Unsubscribe") == "One-Click"
        await consents().stop(token, way=Way.BUTTON if one_click else Way.LINK)
        return await page(token, stopped=True)

    @blueprint.get("/mail/click/<token>")
    @allow(Who.ANYONE, cookies=False, lasting=True)
    async def click(token: str) -> ResponseReturnValue:
        followed = request.method == "GET"
        return redirect(await context.service(Clicks).follow(token, count=followed), 303)

    if asks:
        _choices(blueprint, consents)

    @blueprint.after_request
    async def private(response: Response) -> Response:
        """The token of the address stays between this person and us."""
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return blueprint


def _choices(blueprint: Blueprint, consents: Callable[[], ConsentService]) -> None:
    @blueprint.post("/mail/choices/<token>")
    @allow(Who.ANYONE, cookies=False, lasting=True)
    async def choose(token: str) -> ResponseReturnValue:
        account, _ = await consents().opened(token)
        form = await request.form
        await consents().choose(
            [topic for topic in Topic if topic in form],
            clicks="clicks" in form,
            by=account.id,
            way=Way.LINK,
        )
        return redirect(f"/mail/unsubscribe/{token}?saved=yes", 303)
