"""The filters that the lists of money share, from the query of a page or of the API, and their CSV.

Pages name the fields `person`, `from`, `to` (days in UTC), `least` and `most` (rupees).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from pydantic import Field
from quart import Response, request

from core.accounts import Account
from core.errors import Errors, Invalid
from core.money import Money
from services.shared.money_lists import ALL, EXPORTED_TOGETHER, MoneyFilter
from web.shared.api import Paging, PlainDate
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.csv_files import csv_file
from web.shared.forms import FormFields, rupees
from web.shared.people import LONGEST, PEOPLE_SHOWN, people_like
from web.shared.periods import Period, checked_period, period_of_query

UTC = "UTC"
EXPORTED_AT_MOST = 10_000
"""Rows of one file."""
FIELDS = ("person", "from", "to", "least", "most")

T = TypeVar("T")


class AmountQuery(Paging):
    """The filters of the API: `from` and `to` are days in UTC, both included; amounts are minor
    units."""

    from_: PlainDate | None = Field(default=None, alias="from")
    to: PlainDate | None = None
    least: int | None = Field(default=None, ge=0, le=10**12)
    most: int | None = Field(default=None, ge=0, le=10**12)

    async def wanted(self) -> MoneyFilter:
        """Raises `Invalid` with the fields."""
        errors = Errors()
        person = getattr(self, "person", None) or ""
        found = await _wanted(errors, person, self.from_, self.to, self.least, self.most)
        errors.check()
        return found[0]


class MoneyQuery(AmountQuery):
    """The same for money of people: `person` is a name, an address or an id."""

    person: str | None = Field(default=None, max_length=LONGEST)


@dataclass(frozen=True, slots=True)
class ListForm:
    """The filters of a page as they were typed, and what they mean. With `errors` nothing is
    listed. `people` are those whose money is listed, empty for everybody."""

    typed: Mapping[str, str]
    names: tuple[str, ...] = FIELDS
    wanted: MoneyFilter = ALL
    people: tuple[Account, ...] = ()
    errors: FormFields = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        """For links to the same list."""
        return {name: self.typed[name] for name in self.names if self.typed.get(name, "").strip()}

    @property
    def nobody(self) -> bool:
        """Whether nobody is called so."""
        return self.wanted.accounts == ()


async def list_form(*more: str) -> ListForm:
    """The filters in the query of the page; a wrong one is in `errors`. `more` are the names of
    further fields that links to the list keep."""
    errors, period = Errors(), Period(zone=UTC)
    amounts: dict[str, int | None] = {"least": None, "most": None}
    with errors:
        period = period_of_query(UTC)
    for name in amounts:
        with errors:
            amounts[name] = _paise(request.args.get(name, ""), name)
    person = request.args.get("person", "").strip()[:LONGEST]
    wanted, people = await _wanted(
        errors, person, period.first, period.last, amounts["least"], amounts["most"]
    )
    return ListForm(request.args, (*FIELDS, *more), wanted, people, dict(errors.fields))


async def _wanted(
    errors: Errors,
    person: str,
    first: date | None,
    last: date | None,
    least: int | None,
    most: int | None,
) -> tuple[MoneyFilter, tuple[Account, ...]]:
    people: tuple[Account, ...] = ()
    period = Period(zone=UTC)
    with errors:
        period = checked_period(first, last, UTC)
    with errors:
        if least is not None and most is not None and most < least:
            raise Invalid(most="The greatest amount is less than the least one.")
    with errors:
        people = await _people(person) if person else ()
    accounts = tuple(each.id for each in people) if person else None
    wanted = MoneyFilter(
        accounts=accounts, since=period.since, before=period.before, least=least, most=most
    )
    return wanted, people


async def _people(text: str) -> tuple[Account, ...]:
    found = await people_like(text, limit=PEOPLE_SHOWN + 1)
    if len(found) > PEOPLE_SHOWN:
        many = f"More than {PEOPLE_SHOWN} people have this name or address. Write more of it."
        raise Invalid(person=many)
    return found


def _paise(text: str, name: str) -> int | None:
    if not text.strip():
        return None
    amount = rupees(text, field=name)
    if amount < Money(0):
        raise Invalid(**{name: "Enter an amount that is not below zero."})
    return amount.amount


async def together(items: AsyncIterator[T]) -> AsyncIterator[list[T]]:
    """The items in groups, so that what belongs to them is read for a group at once."""
    group: list[T] = []
    async for item in items:
        group.append(item)
        if len(group) == EXPORTED_TOGETHER:
            yield group
            group = []
    if group:
        yield group


async def exported(
    name: str,
    form: ListForm,
    heading: Sequence[str],
    rows: AsyncIterator[Sequence[object]],
    **more: str,
) -> Response:
    """The CSV of a list. That it was taken is in the audit trail of the administrator, with the
    filters and `more` of them. Raises `Invalid` for wrong filters, or for too many rows."""
    if form.errors:
        raise Invalid(**form.errors)
    found: list[Sequence[object]] = []
    async for row in rows:
        if len(found) == EXPORTED_AT_MOST:
            many = f"These are more than {EXPORTED_AT_MOST:,} rows. Choose fewer days."
            raise Invalid(**{"from": many})
        found.append(row)
    filters = {**form.query, **more}
    if filters.pop("person", ""):  # the ids, since what was typed may be an address
        filters["people"] = ", ".join(each.id for each in form.people)
    await services().administration.record_export(
        name, by=me(), caller=caller(), rows=len(found), **filters
    )
    answer = Response(csv_file(heading, found), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
