"""The lists of administrators: bookings, jobs and outbox messages."""

from __future__ import annotations

from quart import Blueprint, render_template, request

from core.accounts import Account, AccountId
from core.errors import NotFound
from ports.scheduling import OutboxList
from web.administration import reading as reading
from web.administration import wording as wording
from web.shared.access import Who, allow
from web.shared.paging import next_cursor, page_cursor

blueprint = Blueprint("admin_lists", __name__, template_folder="templates", url_prefix="/admin")

PER_PAGE = 50


@blueprint.get("/bookings")
@allow(Who.ADMIN)
async def bookings() -> str:
    person = await _person()
    found, following = await reading.bookings_page(
        person.id if person else None, limit=PER_PAGE, cursor=page_cursor()
    )
    return await _page("bookings", found, following, person=person)


@blueprint.get("/jobs")
@allow(Who.ADMIN)
async def jobs() -> str:
    person = await _person()
    found, following = await reading.jobs_page(
        person.id if person else None, limit=PER_PAGE, cursor=page_cursor()
    )
    return await _page("jobs", found, following, person=person)


@blueprint.get("/outbox")
@allow(Who.ADMIN)
async def outbox() -> str:
    """Messages of one list; those that fail, if no other is asked for."""
    asked = request.args.get("state", "")
    state = OutboxList(asked) if asked in set(OutboxList) else OutboxList.FAILING
    found, following = await reading.repositories().outbox.page(
        state, limit=PER_PAGE, cursor=page_cursor()
    )
    messages = [(message, reading.payload_of(message)) for message in found]
    return await _page("outbox", messages, following, state=state, states=list(OutboxList))


async def _page(name: str, items: object, following: str | None, **more: object) -> str:
    return await render_template(
        f"admin/{name}.html",
        items=items,
        following=next_cursor(following),
        later="cursor" in request.args,
        words=wording,
        **more,
    )


async def _person() -> Account | None:
    """The account whose things are listed, if the list is of one person. Raises `NotFound`."""
    account_id = request.args.get("person")
    if not account_id:
        return None
    account = await reading.repositories().accounts.find(AccountId(account_id))
    if account is None:
        raise NotFound
    return account
