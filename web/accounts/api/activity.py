"""Recent activity over the API."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring
from typing_extensions import TypedDict

from core.audit import Entry
from web.accounts.pages.activity import actor
from web.shared.access import Who, allow
from web.shared.activity import activity_words
from web.shared.api import API, Listed, Paging, page_response
from web.shared.context import me, services
from web.shared.schemas import Moment, moment

blueprint = Blueprint("api_activity", __name__, url_prefix=API)


class ActivitySchema(TypedDict):
    at: Moment
    what: str
    words: str
    actor: str
    address: str
    device: str
    detail: dict[str, str]


@blueprint.get("/me/activity")
@allow(Who.SIGNED_IN)
@tag(["Accounts"])
@validate_querystring(Paging)
@document_response(Listed[ActivitySchema])
async def index(query_args: Paging) -> Response:
    """Audit entries about the own account and money, latest first."""
    found, cursor = await services().audit.recent(
        by=me().id, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response([activity(each) for each in found], cursor)


def activity(entry: Entry) -> ActivitySchema:
    return {
        "at": moment(entry.at),
        "what": entry.what,
        "words": activity_words(entry.what),
        "actor": actor(entry),
        "address": entry.address,
        "device": entry.device,
        "detail": dict(entry.detail),
    }
