"""The second step of a money action of an administrator: what would be booked, and the form that
books it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass

from quart import render_template, request

from core.accounts import AccountId
from core.money import Money
from core.transactions import Transaction
from ports.idempotency_keys import KeyedRequest, carrying
from services.shared.money_actions import Preview
from web.shared.context import dependencies, me
from web.shared.forms import TOKEN_FIELD, FormFields
from web.shared.ledger_words import account_name, transaction_name

REQUEST = "request"
"""The form field with the id of the request, so that the same form sent twice acts once."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the second step shows. `sums` are labelled amounts, the last one is their result. `url`
    takes the form with `fields`; `back` is the page of the first step. `later` is booked when the
    provider has confirmed it. `danger`: it cannot be undone."""

    title: str
    button: str
    url: str
    back: str
    reason: str
    preview: Preview
    fields: Mapping[str, str]
    sums: Sequence[tuple[str, Money]] = ()
    later: Sequence[Transaction] = ()
    notes: Sequence[str] = ()
    developer: str = ""
    danger: bool = True
    changed: bool = False
    """An earlier preview was outdated."""


async def confirm_page(confirmation: Confirmation) -> str:
    """The page of the second step."""
    told = [AccountId(each.account_id) for each in confirmation.preview.told]
    accounts = await dependencies().store.repositories.accounts.many(sorted(set(told)))
    return await render_template(
        "money_action.html",
        c=confirmation,
        told=list(dict.fromkeys(a.name for each in told if (a := accounts.get(each)))),
        request_id=secrets.token_hex(13),
        account_name=account_name,
        transaction_name=transaction_name,
    )


async def once(form: FormFields, acting: Awaitable[object]) -> None:
    """Do what the form asks for, once: for a form that was sent before, nothing is done. Raises
    what `acting` raises."""
    keyed = _keyed(form)
    try:
        with carrying(keyed):
            await acting
    except Exception:
        first = await dependencies().store.repositories.idempotency_keys.find(keyed.id)
        if first is None or first.fingerprint != keyed.fingerprint:
            raise


def _keyed(form: FormFields) -> KeyedRequest:
    """The request of the form. One without an id is as every other."""
    fields = sorted((name, text) for name, text in form.items() if name != TOKEN_FIELD)
    request_id = form.get(REQUEST, "") or secrets.token_hex(13)
    name = f"{me().id}:{request.method}:{request.path}:form:{request_id[:64]}"
    return KeyedRequest(name, hashlib.sha256(repr(fields).encode()).hexdigest())
