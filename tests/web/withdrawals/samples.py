"""Withdrawals of developers, which are not sent yet, and webhooks of the payout provider."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from adapters.memory.payments import signed
from core.accounts import AccountId
from core.developers import Developer
from core.payout_accounts import plain_name
from core.withdrawals import WithdrawalId
from services.withdrawals import WITHDRAWALS, Decision
from tests.app import CALLER
from tests.builders.withdrawals import IFSC, stored_withdrawal
from tests.web.route_samples import NO_BODY, BuildRequest, PathVariable, RouteSamples, Sent

if TYPE_CHECKING:
    from tests.web.every_role import Person, SiteWithEveryRole

AMOUNT = {"amount": {"amount": 60_000}}
REASON = {"reason": "Which bank is it?"}
OTHER_NUMBER = "50100482170938"


async def prepare(site: SiteWithEveryRole) -> None:
    for person in site.people.values():
        developer = await _developer(site, person)
        if developer is None:
            continue
        stored = await site.app.store.repositories.documents(WITHDRAWALS).find(
            f"wd_{developer.id[-26:]}"
        )
        made = stored or await stored_withdrawal(site.app, developer)
        person.own["withdrawal_id"] = made.id
        site.facts.setdefault("withdrawal", made.id)
    # Administrators see every withdrawal.
    site.people["admin"].own["withdrawal_id"] = site.facts["withdrawal"]


async def _developer(site: SiteWithEveryRole, person: Person) -> Developer | None:
    if person.account is None:
        return None
    developers = site.app.store.repositories.developers
    return await developers.find_by_account(AccountId(person.account.id))


async def webhook(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    body = json.dumps({"id": "evt_1", "transfer_id": site.facts["withdrawal"]}).encode()
    return {"data": body, "headers": signed(body) if thing != "unsigned" else {}}


async def held(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    """Only a held withdrawal can be released."""
    if await site.app.store.repositories.documents(WITHDRAWALS).find(thing):
        await site.app.services.withdrawal_review.hold(
            WithdrawalId(thing), by=site.account("admin"), caller=CALLER, reason="Why?"
        )
    return NO_BODY


def checked(decision: Decision) -> BuildRequest:
    """The second step, with the preview of the first."""

    async def form(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
        if decision is Decision.RELEASE:
            await held(site, person, thing)
        if not await site.app.store.repositories.documents(WITHDRAWALS).find(thing):
            return {"form": REASON}
        shown = await site.app.services.withdrawal_review.preview(
            decision, WithdrawalId(thing), by=site.account("admin"), caller=CALLER, **REASON
        )
        return {"form": {**REASON, "preview": shown.digest}}

    return form


async def _own_account(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    """Money goes only to an account in one's own name."""
    name = plain_name(person.account.name) if person.account else "Ananya Iyer"
    return {"json": {"kind": "bank", "holder": name, "number": OTHER_NUMBER, "ifsc": IFSC}}


async def _own_form(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    sent = await _own_account(site, person, thing)
    return {"form": {**sent["json"], "again": OTHER_NUMBER}}


SAMPLES = RouteSamples(
    bodies={
        "withdrawals.ask": {"form": {"amount": "600.00"}},
        "withdrawals.cancel": NO_BODY,
        "payout_account.save": _own_form,
        "admin_withdrawals.check": {"form": {"decision": "hold", **REASON}},
        "admin_withdrawals.hold": checked(Decision.HOLD),
        "admin_withdrawals.release": checked(Decision.RELEASE),
        "admin_withdrawals.refuse": checked(Decision.REFUSE),
        "api_withdrawals.preview": {"json": {"decision": "hold", **REASON}},
        "api_withdrawals.set_account": _own_account,
        "api_withdrawals.ask": {"json": AMOUNT},
        "api_withdrawals.cancel": NO_BODY,
        "api_withdrawals.approve": held,
        "api_withdrawals.hold": {"json": REASON},
        "api_withdrawals.refuse": {"json": REASON},
        "api_withdrawals.payouts": webhook,
    },
    variables={
        "withdrawal_id": PathVariable(
            example=lambda site: site.withdrawal_id,
            known=lambda site: site.facts["withdrawal"],
            own=lambda person, booking: person.own.get("withdrawal_id"),
            foreign_to=lambda name: "dev2" if name != "dev2" else "dev",
            absent=f"wd_{'9' * 26}",
        ),
    },
    prepare=prepare,
)
