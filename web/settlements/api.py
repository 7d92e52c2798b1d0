"""Settlements of the payment provider over the API, for administrators."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring

from core.errors import Invalid
from core.settlements import SettlementId, Status
from web.settlements import schemas as schemas
from web.settlements.reading import payments_of
from web.shared.access import Who, allow
from web.shared.api import API, Listed, Paging, json_response, page_response
from web.shared.context import services
from web.shared.money_lists import AmountQuery
from web.shared.openapi import document_errors

blueprint = Blueprint("api_admin_settlements", __name__, url_prefix=f"{API}/admin/settlements")
about = tag(["Administration"])


class SettlementsQuery(AmountQuery):
    status: Status | None = None


@blueprint.get("")
@allow(Who.ADMIN)
@about
@validate_querystring(SettlementsQuery)
@document_response(Listed[schemas.ProviderSettlementSchema])
@document_errors(Invalid)
async def settlements(query_args: SettlementsQuery) -> Response:
    """What the payment provider has paid to our bank, latest first."""
    lists = services().settlement_lists
    found, following = await lists.page(
        status=query_args.status,
        wanted=await query_args.wanted(),
        limit=query_args.limit,
        cursor=query_args.cursor,
    )
    findings = schemas.findings_by_subject(await lists.findings([each.id for each in found]))
    return page_response([schemas.settlement(each, findings) for each in found], following)


@blueprint.get("/<settlement_id>")
@allow(Who.ADMIN)
@about
@document_response(schemas.ProviderSettlementSchema)
async def settlement(settlement_id: str) -> Response:
    """One settlement. Its lines have a list of their own."""
    lists = services().settlement_lists
    found = await lists.get(SettlementId(settlement_id))
    findings = schemas.findings_by_subject(await lists.findings([found.id]))
    return json_response(schemas.settlement(found, findings))


@blueprint.get("/<settlement_id>/lines")
@allow(Who.ADMIN)
@about
@validate_querystring(Paging)
@document_response(Listed[schemas.SettlementLineSchema])
async def lines(settlement_id: str, query_args: Paging) -> Response:
    """The payments, refunds, chargebacks and other lines of a settlement, by kind."""
    lists = services().settlement_lists
    found = await lists.get(SettlementId(settlement_id))
    listed, following = await lists.lines(
        found.id, limit=query_args.limit, cursor=query_args.cursor
    )
    payments = await payments_of(listed)
    findings = schemas.findings_by_subject(await lists.findings([each.id for each in listed]))
    shown = [schemas.line(each, payments.get(each.order_id), findings) for each in listed]
    return page_response(shown, following)
