"""API schemas of withdrawals and payout accounts."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.money import Money
from core.payout_accounts import Destination, Kind, NameMatch, PayoutAccount, State
from core.withdrawals import Status, Waiting, Withdrawal
from core.withdrawals_facts import Why
from services.withdrawals import Obstacle, Standing
from web.shared.schemas import Moment, MoneySchema, maybe, moment, money


class DestinationSchema(TypedDict):
    """`ending` are the last four characters of the account number, or the UPI address with its
    middle left out. `ifsc` is null for UPI."""

    kind: Kind
    holder: str
    ending: str
    ifsc: str | None


class PayoutAccountSchema(TypedDict):
    """`name_match` compares the name at the bank, `bank_says`, with that of the profile."""

    destination: DestinationSchema
    state: State
    name_match: NameMatch
    bank_says: str | None
    added_at: Moment
    usable_from: Moment


class StandingSchema(TypedDict):
    """`obstacle` says why nothing can be withdrawn now, and `until` when that ends by itself, if it
    is known; both are null if it is possible. `held_until` is until when a withdrawal would be
    held, because the password, the e-mail address, the second factor or a linked sign-in was
    changed; else null."""

    account: PayoutAccountSchema | None
    ready: MoneySchema
    minimum: MoneySchema
    obstacle: Obstacle | None
    until: Moment | None
    held_until: Moment | None


class WithdrawalSchema(TypedDict):
    """`waiting` says why it waits, empty for nothing; `next_at` when its next step comes by itself,
    null if it waits for no time; `note` is what an administrator wrote about
    what is missing. `why` is null unless it failed or came back."""

    id: str
    number: str
    status: Status
    amount: MoneySchema
    destination: DestinationSchema
    requested_at: Moment
    sent_at: Moment | None
    changed_at: Moment | None
    waiting: Waiting
    next_at: Moment | None
    note: str
    why: Why | None
    reference: str | None
    can_be_cancelled: bool


class AdministeredWithdrawalSchema(WithdrawalSchema):
    developer_id: str
    provider: str
    transfer_id: str
    code: str


def destination(value: Destination) -> DestinationSchema:
    return {
        "kind": value.kind,
        "holder": value.holder,
        "ending": value.ending,
        "ifsc": value.ifsc or None,
    }


def payout_account(value: PayoutAccount) -> PayoutAccountSchema:
    return {
        "destination": destination(value.destination),
        "state": value.state,
        "name_match": value.match,
        "bank_says": value.bank_says or None,
        "added_at": moment(value.added_at),
        "usable_from": moment(value.usable_from),
    }


def standing(value: Standing, *, minimum: int) -> StandingSchema:
    return {
        "account": payout_account(value.account) if value.account else None,
        "ready": money(value.ready),
        "minimum": money(Money(minimum, value.ready.currency)),
        "obstacle": value.obstacle,
        "until": maybe(value.until),
        "held_until": maybe(value.held_until),
    }


def withdrawal(value: Withdrawal) -> WithdrawalSchema:
    return {
        "id": value.id,
        "number": value.number,
        "status": value.status,
        "amount": money(value.amount),
        "destination": destination(value.destination),
        "requested_at": moment(value.requested_at),
        "sent_at": maybe(value.sent_at),
        "changed_at": maybe(value.changed_at),
        "waiting": value.waiting,
        "next_at": maybe(value.next_at),
        "note": value.note,
        "why": value.why if value.status in (Status.FAILED, Status.REVERSED) else None,
        "reference": value.reference or None,
        "can_be_cancelled": value.can_be_cancelled,
    }


def administered(value: Withdrawal) -> AdministeredWithdrawalSchema:
    return {
        **withdrawal(value),
        "developer_id": value.developer_id,
        "provider": value.provider,
        "transfer_id": value.transfer,
        "code": value.code,
    }
