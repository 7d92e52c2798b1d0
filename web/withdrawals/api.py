"""Withdrawals and payout accounts over the API."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response, request
from quart_schema import document_response, tag, validate_querystring, validate_request

from core.earnings import Overdrawn
from core.errors import Invalid, NotFound
from core.payout_accounts import (
    HOLDER_MAXIMUM,
    UPI_MAXIMUM,
    Kind,
    NoPayoutAccount,
    PayoutAccountNotReady,
)
from core.withdrawals import (
    REASON_MAXIMUM,
    OneADay,
    Status,
    Withdrawal,
    WithdrawalId,
    WithdrawalMovedOn,
)
from services.shared.money_actions import OwnMoney, PreviewOutdated
from services.withdrawals import Decision, NoPayouts
from web.shared.access import Who, allow
from web.shared.api import (
    API,
    Body,
    Done,
    Listed,
    MoneyBody,
    Paging,
    id_from_key,
    idempotent,
    json_response,
    limits,
    page_response,
    raw_body,
)
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.money_lists import MoneyQuery
from web.shared.openapi import document_errors
from web.shared.previews import PreviewSchema, preview_schema
from web.withdrawals import schemas as schemas

blueprint = Blueprint("api_withdrawals", __name__, url_prefix=API)
about = tag(["Withdrawals"])
TYPED_MAXIMUM = 40
"""Characters of a number with spaces."""


class PayoutAccountBody(Body):
    """A bank account has `number` and `ifsc`, a UPI address `upi`. `holder` is the name as the bank
    writes it, in letters from A to Z."""

    kind: Kind
    holder: str = Field(max_length=HOLDER_MAXIMUM)
    number: str = Field(default="", max_length=TYPED_MAXIMUM)
    ifsc: str = Field(default="", max_length=TYPED_MAXIMUM)
    upi: str = Field(default="", max_length=UPI_MAXIMUM)


class Asked(Body):
    amount: MoneyBody


class Considered(Body):
    """Only a release needs no reason."""

    decision: Decision
    reason: str = Field(default="", max_length=REASON_MAXIMUM)


class WhyHeld(Body):
    """With `preview`, the digest of the preview, nothing is done if something has changed since."""

    reason: str = limits(minLength=1, maxLength=REASON_MAXIMUM)
    preview: str | None = Field(default=None, max_length=64)


class WithdrawalsQuery(MoneyQuery):
    status: Status | None = None


@blueprint.get("/payout-account")
@allow(Who.DEVELOPER)
@about
@document_response(schemas.StandingSchema)
@document_errors(NotFound)
async def account() -> Response:
    """The own payout account without its number, and whether money can be withdrawn now."""
    return await _standing()


@blueprint.put("/payout-account")
@allow(Who.DEVELOPER, step_up=True)
@about
@validate_request(PayoutAccountBody)
@document_response(schemas.StandingSchema)
@document_errors(Invalid, NoPayouts, NotFound)
async def set_account(data: PayoutAccountBody) -> Response:
    """Money goes to this account from now on. A new one waits a day before it can be used; the
    same account again changes nothing."""
    await services().payout_accounts.set(
        by=me(),
        caller=caller(),
        kind=data.kind,
        holder=data.holder,
        number=data.number if data.kind is Kind.BANK else data.upi,
        ifsc=data.ifsc,
    )
    return await _standing()


async def _made() -> Response:
    """The withdrawal that a request with this key has made."""
    made = await services().withdrawals.get(WithdrawalId(id_from_key("wd") or ""), by=me().id)
    return json_response(schemas.withdrawal(made), 201)


@blueprint.post("/withdrawals")
@allow(Who.DEVELOPER, step_up=True)
@about
@validate_request(Asked)
@document_response(schemas.WithdrawalSchema, 201)
@document_errors(Invalid, NoPayoutAccount, NotFound, OneADay, Overdrawn, PayoutAccountNotReady)
@idempotent(again=_made)
async def ask(data: Asked) -> Response:
    """Withdraw money that is ready. It is reserved at once and sent by itself."""
    made = await services().withdrawals.request(
        by=me(), caller=caller(), amount=data.amount.money, request_id=id_from_key("wd")
    )
    return json_response(schemas.withdrawal(made), 201)


@blueprint.get("/withdrawals")
@allow(Who.DEVELOPER)
@about
@validate_querystring(Paging)
@document_response(Listed[schemas.WithdrawalSchema])
@document_errors(NotFound)
async def index(query_args: Paging) -> Response:
    """The own withdrawals, latest first."""
    found, following = await services().withdrawals.page(
        by=me().id, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response([schemas.withdrawal(each) for each in found], following)


@blueprint.get("/withdrawals/<withdrawal_id>")
@allow(Who.DEVELOPER)
@about
@document_response(schemas.WithdrawalSchema)
async def show(withdrawal_id: str) -> Response:
    """One of the own withdrawals."""
    found = await services().withdrawals.get(WithdrawalId(withdrawal_id), by=me().id)
    return json_response(schemas.withdrawal(found))


@blueprint.post("/withdrawals/<withdrawal_id>/cancel")
@allow(Who.DEVELOPER)
@about
@document_response(schemas.WithdrawalSchema)
@document_errors(WithdrawalMovedOn)
@idempotent(again=show)
async def cancel(withdrawal_id: str) -> Response:
    """Take it back before it is sent."""
    cancelled = await services().withdrawals.cancel(
        WithdrawalId(withdrawal_id), by=me(), caller=caller()
    )
    return json_response(schemas.withdrawal(cancelled))


async def _administered(withdrawal_id: str) -> Response:
    return _answer(await services().withdrawal_review.get(WithdrawalId(withdrawal_id)))


@blueprint.get("/admin/withdrawals")
@allow(Who.ADMIN)
@about
@validate_querystring(WithdrawalsQuery)
@document_response(Listed[schemas.AdministeredWithdrawalSchema])
@document_errors(Invalid)
async def administered(query_args: WithdrawalsQuery) -> Response:
    """Withdrawals of all developers: latest first, with `status` earliest first. Those of one
    person are always latest first. Days are those of the request."""
    found, following = await services().withdrawal_lists.page(
        status=query_args.status,
        wanted=await query_args.wanted(),
        limit=query_args.limit,
        cursor=query_args.cursor,
    )
    return page_response([schemas.administered(each) for each in found], following)


@blueprint.post("/admin/withdrawals/<withdrawal_id>/preview")
@allow(Who.ADMIN)
@about
@validate_request(Considered)
@document_response(PreviewSchema)
@document_errors(Invalid, OwnMoney, WithdrawalMovedOn)
async def preview(withdrawal_id: str, data: Considered) -> Response:
    """What a decision would book now, and whom it would tell. Nothing changes."""
    found = await services().withdrawal_review.preview(
        data.decision, WithdrawalId(withdrawal_id), by=me(), caller=caller(), reason=data.reason
    )
    return json_response(preview_schema(found))


@blueprint.post("/admin/withdrawals/<withdrawal_id>/approve")
@allow(Who.ADMIN, step_up=True)
@about
@document_response(schemas.AdministeredWithdrawalSchema)
@document_errors(OwnMoney, WithdrawalMovedOn)
@idempotent(again=_administered)
async def approve(withdrawal_id: str) -> Response:
    """A held withdrawal was checked: it is sent."""
    return _answer(
        await services().withdrawal_review.release(
            WithdrawalId(withdrawal_id), by=me(), caller=caller()
        )
    )


@blueprint.post("/admin/withdrawals/<withdrawal_id>/hold")
@allow(Who.ADMIN, step_up=True)
@about
@validate_request(WhyHeld)
@document_response(schemas.AdministeredWithdrawalSchema)
@document_errors(Invalid, OwnMoney, PreviewOutdated, WithdrawalMovedOn)
@idempotent(again=_administered)
async def hold(withdrawal_id: str, data: WhyHeld) -> Response:
    """Keep it from being sent. The developer reads the reason."""
    return _answer(
        await services().withdrawal_review.hold(
            WithdrawalId(withdrawal_id),
            by=me(),
            caller=caller(),
            reason=data.reason,
            expected=data.preview,
        )
    )


@blueprint.post("/admin/withdrawals/<withdrawal_id>/refuse")
@allow(Who.ADMIN, step_up=True)
@about
@validate_request(WhyHeld)
@document_response(schemas.AdministeredWithdrawalSchema)
@document_errors(Invalid, OwnMoney, PreviewOutdated, WithdrawalMovedOn)
@idempotent(again=_administered)
async def refuse(withdrawal_id: str, data: WhyHeld) -> Response:
    """The money goes back to the wallet. The developer reads the reason."""
    return _answer(
        await services().withdrawal_review.refuse(
            WithdrawalId(withdrawal_id),
            by=me(),
            caller=caller(),
            reason=data.reason,
            expected=data.preview,
        )
    )


@blueprint.post("/webhooks/payouts/<provider>")
@allow(Who.GATEWAY)
@tag(["Webhooks"])
@document_response(Done)
async def payouts(provider: str) -> Response:
    """A webhook of a payout provider; a repeated one gets the same response."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    sending = services().withdrawal_sending
    await sending.receive_webhook(provider, headers, await raw_body())
    return json_response({"status": "ok"})


def _answer(withdrawal: Withdrawal) -> Response:
    return json_response(schemas.administered(withdrawal))


async def _standing() -> Response:
    withdrawals = services().withdrawals
    found = await withdrawals.standing(by=me())
    return json_response(schemas.standing(found, minimum=withdrawals.policy.withdrawal_minimum))
