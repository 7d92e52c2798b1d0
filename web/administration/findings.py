"""Findings for administrators: the list with its filters, and one finding that can be resolved."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.errors import Conflict, Errors, Invalid
from core.finding_resolutions import RESOLUTION_MAXIMUM, checked_resolution
from core.findings import Owner, Severity
from services.reconciliation import FindingFilter, digest_of
from web.administration import wording as wording
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, services
from web.shared.cookies import caller
from web.shared.forms import FormFields, read_form, typed, whole_number
from web.shared.kept_forms import refilled
from web.shared.paging import next_cursor, page_cursor
from web.shared.timeline import readable

blueprint = Blueprint(
    "admin_findings", __name__, template_folder="templates", url_prefix="/admin/findings"
)

PER_PAGE = 50
KIND_MAXIMUM = 60
OLDEST_DAYS = 3650
OPEN, RESOLVED, ALL = "open", "resolved", "all"
STATES = {OPEN: True, RESOLVED: False, ALL: None}
"""What each value of `state` means for `FindingFilter.open`."""
Chosen = TypeVar("Chosen", Owner, Severity)
NAMES = ("kind", "owner", "severity", "days")


@blueprint.get("")
@allow(Who.ADMIN)
async def index() -> ResponseReturnValue:
    """The open ones, earliest first; resolved ones and all, latest found first."""
    asked, cursor, errors = dict(request.args.items()), page_cursor(), Errors()
    state, days = asked.get("state", OPEN), None
    with errors:
        days = whole_number(asked.get("days", ""), field="days", otherwise=0)
        if days > OLDEST_DAYS:
            raise Invalid(days=f"Enter at most {OLDEST_DAYS} days.")
    wanted = FindingFilter(
        open=STATES.get(state, True),
        kind=asked.get("kind", "").strip()[:KIND_MAXIMUM] or None,
        owner=_one_of(Owner, asked.get("owner")),
        severity=_one_of(Severity, asked.get("severity")),
        older_than=timedelta(days=days) if days else None,
    )
    found, following = (
        ((), None)
        if errors.fields
        else await services().findings.page(wanted, limit=PER_PAGE, cursor=cursor)
    )
    page = await render_template(
        "admin/findings.html",
        items=found,
        state=state if state in STATES else OPEN,
        states=wording.FINDING_STATES,
        asked=asked,
        query={name: asked[name] for name in NAMES if asked.get(name, "").strip()},
        errors=errors.fields,
        later=cursor is not None,
        following=next_cursor(following),
        words=wording,
        owners=[(each.value, wording.OWNERS[each]) for each in Owner],
        severities=[(each.value, wording.SEVERITIES[each].words) for each in Severity],
        readable=readable,
    )
    return (page, 422) if errors.fields else page


@blueprint.get("/<path:finding_id>")
@allow(Who.ADMIN)
async def show(finding_id: str) -> str:
    return await _page(finding_id, refilled(url_for(".resolve", finding_id=finding_id)) or {})


def _one_of(kind: type[Chosen], text: str | None) -> Chosen | None:
    """None for any, also for a value that there is not."""
    return next((each for each in kind if each.value == text), None)


@blueprint.post("/<path:finding_id>")
@allow(Who.ADMIN, page="admin_findings.show")
async def resolve(finding_id: str) -> ResponseReturnValue:
    """Closes it, if it is still as it was shown and the administrator confirms it."""
    form, errors = await read_form(), Errors()
    try:
        with errors:
            checked_resolution(form.get("reason", ""))
        if form.get("checked") != "yes":
            errors.add(checked="Confirm that you have checked it.")
        errors.check()
        await services().findings.resolve(
            finding_id,
            by=me(),
            caller=caller(),
            reason=form.get("reason", ""),
            expected=form.get("seen", ""),
        )
    except Invalid as error:
        return await _page(finding_id, typed(form), errors=error.fields), 422
    except Conflict as error:
        return await _page(finding_id, typed(form), problem=error.message), 409
    return redirect(url_for(".show", finding_id=finding_id), 303)


async def _page(
    finding_id: str, form: FormFields, *, errors: FormFields | None = None, problem: str = ""
) -> str:
    finding = await services().findings.get(finding_id)
    by = await dependencies().store.repositories.accounts.many(
        [finding.resolved_by] if finding.resolved_by.startswith("acc_") else []
    )
    return await render_template(
        "admin/finding.html",
        finding=finding,
        seen=digest_of(finding),
        resolved_by=by.get(finding.resolved_by),
        form=form,
        errors=errors or {},
        problem=problem,
        maximum=RESOLUTION_MAXIMUM,
        words=wording,
        readable=readable,
    )
