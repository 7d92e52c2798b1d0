"""Findings over the API: the list, one of them, and resolving it by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request

from core.errors import Invalid
from core.finding_resolutions import RESOLUTION_MAXIMUM, FindingChanged, FindingResolved
from core.findings import Owner, Severity
from services.reconciliation import FindingFilter
from web.administration import schemas as schemas
from web.administration.findings import KIND_MAXIMUM, OLDEST_DAYS, STATES
from web.shared.access import Who, allow
from web.shared.api import API, Body, Listed, Paging, json_response, limits, page_response
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.openapi import document_errors

blueprint = Blueprint("api_admin_findings", __name__, url_prefix=f"{API}/admin/findings")
about = tag(["Administration"])


class FindingsQuery(Paging):
    """`days`: found at least so many days ago."""

    state: Literal["open", "resolved", "all"] = "open"
    kind: str | None = Field(default=None, max_length=KIND_MAXIMUM)
    owner: Owner | None = None
    severity: Severity | None = None
    days: int = Field(default=0, ge=0, le=OLDEST_DAYS)


class WhyResolved(Body):
    """With `seen`, the `digest` of the finding, nothing is done if it has changed since."""

    reason: str = limits(minLength=1, maxLength=RESOLUTION_MAXIMUM)
    seen: str | None = Field(default=None, max_length=64)


@blueprint.get("")
@allow(Who.ADMIN)
@about
@validate_querystring(FindingsQuery)
@document_response(Listed[schemas.WholeFindingSchema])
async def findings(query_args: FindingsQuery) -> Response:
    """The open findings, earliest first; resolved ones and all, latest found first."""
    wanted = FindingFilter(
        open=STATES[query_args.state],
        kind=query_args.kind,
        owner=query_args.owner,
        severity=query_args.severity,
        older_than=timedelta(days=query_args.days) if query_args.days else None,
    )
    found, following = await services().findings.page(
        wanted, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response([schemas.whole_finding(each) for each in found], following)


@blueprint.get("/<path:finding_id>")
@allow(Who.ADMIN)
@about
@document_response(schemas.WholeFindingSchema)
async def finding(finding_id: str) -> Response:
    """One finding."""
    return json_response(schemas.whole_finding(await services().findings.get(finding_id)))


@blueprint.post("/<path:finding_id>/resolve")
@allow(Who.ADMIN)
@about
@validate_request(WhyResolved)
@document_response(schemas.WholeFindingSchema)
@document_errors(FindingChanged, FindingResolved, Invalid)
async def resolve(finding_id: str, data: WhyResolved) -> Response:
    """Close it by hand. Nothing in the records changes; the same inconsistency does not open it
    again until it was gone, or is another one."""
    resolved = await services().findings.resolve(
        finding_id, by=me(), caller=caller(), reason=data.reason, expected=data.seen
    )
    return json_response(schemas.whole_finding(resolved))
