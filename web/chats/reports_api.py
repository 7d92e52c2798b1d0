"""Reports of conversations over the API."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request
from typing_extensions import TypedDict

from core.chat_reports import REASON_MAXIMUM, AlreadyReported
from core.chats import ChatId
from core.errors import NotFound
from web.shared.access import Who, allow
from web.shared.api import API, Body, Done, json_response, limits
from web.shared.context import me, services
from web.shared.openapi import document_errors
from web.shared.schemas import Moment, moment

blueprint = Blueprint("api_chat_reports", __name__, url_prefix=API)
about = tag(["Chats"])


class ReportBody(Body):
    reason: str = limits(minLength=1, maxLength=REASON_MAXIMUM)


class ReportSchema(TypedDict):
    """An own report of a conversation, which an administrator will read."""

    id: str
    chat: str
    reason: str
    at: Moment


@blueprint.post("/chats/<chat_id>/report")
@allow(Who.PARTY)
@about
@validate_request(ReportBody)
@document_response(ReportSchema, 201)
@document_errors(AlreadyReported)
async def report(chat_id: str, data: ReportBody) -> Response:
    """Report a conversation. The other party does not see that, but both see it when an
    administrator has read the conversation."""
    made = await services().chat_reports.report(ChatId(chat_id), by=me().id, reason=data.reason)
    found = {"id": made.id, "chat": made.chat, "reason": made.reason, "at": moment(made.at)}
    return json_response(found, 201)


@blueprint.delete("/chats/<chat_id>/report")
@allow(Who.PARTY)
@about
@document_response(Done)
@document_errors(NotFound)
async def take_back(chat_id: str) -> Response:
    """Take back the own report while it is open."""
    await services().chat_reports.take_back(ChatId(chat_id), by=me().id)
    return json_response({"status": "ok"})
