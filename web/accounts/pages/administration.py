"""The pages of administrators: accounts and the audit trail."""

from __future__ import annotations

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import Account, AccountId, Role
from core.errors import Conflict, Invalid
from web.shared.access import Who, allow
from web.shared.audit import amount_of
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.forms import read_form
from web.shared.kept_forms import refilled, resumed
from web.shared.paging import next_cursor, page_cursor

blueprint = Blueprint(
    "administration", __name__, template_folder="../templates", url_prefix="/admin"
)


@blueprint.get("/people")
@allow(Who.ADMIN)
async def people() -> str:
    start = request.args.get("email", "")
    found, following = await services().administration.users(start=start, cursor=page_cursor())
    return await render_template(
        "administration/people.html", people=found, following=next_cursor(following), start=start
    )


@blueprint.get("/people/<account_id>")
@allow(Who.ADMIN)
async def person(account_id: str) -> ResponseReturnValue:
    return await _person_page(account_id, cursor=page_cursor())


@blueprint.post("/people/<account_id>")
@allow(Who.ADMIN, step_up=True, label="Change this account")
async def change(account_id: str) -> ResponseReturnValue:
    form = await read_form()
    suspended = {"suspend": True, "restore": False}.get(form.get("do", ""))
    verified = True if form.get("do") == "confirm" else None
    roles = None
    if form.get("do") == "roles":
        roles = frozenset(role for role in Role if form.get(role) == "yes")
    try:
        await services().administration.change(
            AccountId(account_id),
            by=me(),
            caller=caller(),
            suspended=suspended,
            verified=verified,
            roles=roles,
        )
    except (Conflict, Invalid) as error:
        return await _person_page(account_id, error.message), 409
    return redirect(url_for(".person", account_id=account_id, saved="yes"), 303)


@blueprint.get("/audit")
@allow(Who.ADMIN)
async def audit() -> str:
    entries, following = await services().audit.all(limit=50, cursor=page_cursor())
    return await render_template(
        "administration/audit.html",
        entries=entries,
        following=next_cursor(following),
        amount_of=amount_of,
    )


def _chosen_roles(account: Account) -> frozenset[Role]:
    """Those selected in the form that is shown again, otherwise the account's."""
    found, action = resumed(), url_for(".change", account_id=account.id)
    if found and found.kept.first_fields.get("do") == "roles" and (again := refilled(action)):
        return frozenset(role for role in Role if again.get(role) == "yes")
    return account.roles


async def _person_page(account_id: str, refused: str = "", cursor: str | None = None) -> str:
    account = await services().administration.get(AccountId(account_id), by=me(), caller=caller())
    entries, following = await services().audit.recent(by=account.id, limit=20, cursor=cursor)
    return await render_template(
        "administration/person.html",
        person=account,
        entries=entries,
        following=None if refused else next_cursor(following),
        amount_of=amount_of,
        roles=list(Role),
        chosen=_chosen_roles(account),
        refused=refused,
        saved="saved" in request.args,
    )
