"""Account administration over the API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictBool
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request
from typing_extensions import TypedDict

from core.accounts import AccountErased, AccountId, EmailTaken, LastAdministrator, Role
from core.audit import Entry
from services.accounts import NotYourself
from web.accounts import schemas as schemas
from web.shared.access import Who, allow
from web.shared.activity import activity_words
from web.shared.api import API, Body, Listed, Paging, json_response, page_response
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.openapi import document_errors
from web.shared.schemas import Moment, moment

blueprint = Blueprint("api_administration", __name__, url_prefix=f"{API}/admin")
about = tag(["Administration"])


class UsersQuery(Paging):
    email: str = Field(default="", max_length=300)


class UserChange(Body):
    suspended: StrictBool | None = None
    verified: StrictBool | None = None
    roles: list[Literal["client", "developer", "admin"]] | None = Field(default=None, max_length=3)


class AuditQuery(Paging):
    what: str | None = Field(default=None, max_length=40)


class AuditEntrySchema(TypedDict):
    account_id: str
    seq: int
    at: Moment
    what: str
    words: str
    actor: str
    address: str
    device: str
    detail: dict[str, str]


@blueprint.get("/users")
@allow(Who.ADMIN)
@about
@validate_querystring(UsersQuery)
@document_response(Listed[schemas.UserSchema])
async def users(query_args: UsersQuery) -> Response:
    """Accounts by address; `email` is the start of the address."""
    found, cursor = await services().administration.users(
        start=query_args.email, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response([schemas.user(one) for one in found], cursor)


@blueprint.patch("/users/<account_id>")
@allow(Who.ADMIN, step_up=True)
@about
@validate_request(UserChange)
@document_response(schemas.UserSchema)
@document_errors(AccountErased, EmailTaken, LastAdministrator, NotYourself)
async def change(account_id: str, data: UserChange) -> Response:
    """Suspend, confirm the address, set the roles; omitted fields are not changed."""
    roles = None if data.roles is None else frozenset(Role(role) for role in data.roles)
    account = await services().administration.change(
        AccountId(account_id),
        by=me(),
        caller=caller(),
        suspended=data.suspended,
        verified=data.verified,
        roles=roles,
    )
    return json_response(schemas.user(account))


@blueprint.get("/audit")
@allow(Who.ADMIN)
@about
@validate_querystring(AuditQuery)
@document_response(Listed[AuditEntrySchema])
async def audit(query_args: AuditQuery) -> Response:
    """Audit entries of all accounts, latest first; `what` filters them by kind."""
    entries, cursor = await services().audit.all(
        what=query_args.what, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response([_entry(one) for one in entries], cursor)


def _entry(entry: Entry) -> AuditEntrySchema:
    return {
        "account_id": entry.account_id,
        "seq": entry.seq,
        "at": moment(entry.at),
        "what": entry.what,
        "words": activity_words(entry.what),
        "actor": entry.actor,
        "address": entry.address,
        "device": entry.device,
        "detail": dict(entry.detail),
    }
