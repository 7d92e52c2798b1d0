"""Form input: reading, parsing, and values to show again beside errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from quart import request

from core.digits import folded_digits
from core.errors import Invalid
from core.money import Money

FormFields = dict[str, str]


async def read_form() -> FormFields:
    """The fields of the form as text, the first of each name."""
    return dict((await request.form).items())


async def field_values(name: str) -> list[str]:
    """All values of a field that can be there several times."""
    return list((await request.form).getlist(name))


async def sent_file_ids() -> list[str]:
    """The ids of the files that a form with `files/_upload.html` refers to."""
    return [each for text in await field_values("files") for each in split_list(text)]


async def uploaded_file(name: str) -> bytes:
    """The file of a form field, or the body of a request that is not a form."""
    if request.mimetype == "multipart/form-data":
        file = (await request.files).get(name)
        return bytes(file.read()) if file else b""
    body = await request.get_data(as_text=False)
    return body if isinstance(body, bytes) else body.encode()


def page_fields(error: Invalid, **names: str) -> FormFields:
    """The messages of a use case under the names that its fields have on the page: `names` by those
    of the use case."""
    return {names.get(name, name): text for name, text in error.fields.items()}


OTHER_ZONE = "other"
"""The value of the choice "Another time zone" where only a few are listed."""
TOKEN_FIELD = "csrf_token"  # noqa: S105 - the name of a field
SECRET_FIELDS = frozenset({"password", "current", "code", TOKEN_FIELD})


def typed(form: Mapping[str, str]) -> FormFields:
    """What was typed, passwords and codes included: for the answer to the very request that
    brought it, which no cache stores."""
    return {name: text for name, text in form.items() if name != TOKEN_FIELD}


def without_secrets(form: Mapping[str, str]) -> FormFields:
    """The fields that may be kept or shown on another page."""
    return {name: text for name, text in form.items() if name not in SECRET_FIELDS}


def local_path(target: str | None) -> str:
    """The target if it is a path of this site, otherwise ''. Prevents open redirects."""
    target = target or ""
    is_local = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_local and target.isprintable() and "\\" not in target else ""


def rupees(text: str, *, field: str) -> Money:
    """'₹2,400' or '2400.50' as money. Raises `Invalid` for the field."""
    plain = "".join(each for each in text if each not in "₹, \N{NO-BREAK SPACE}")
    if not plain:
        raise Invalid(**{field: "Enter an amount in rupees."})
    try:
        paise = Decimal(plain) * 100
    except InvalidOperation:
        paise = Decimal("NaN")
    if not paise.is_finite() or paise != paise.to_integral_value() or abs(paise) > 10**12:
        raise Invalid(**{field: "Enter an amount in rupees, for example 2,400 or 2400.50."})
    return Money(int(paise))


def whole_number(text: str, *, field: str, otherwise: int | None = None) -> int:
    """A whole number. Raises `Invalid` for the field."""
    text = folded_digits(text.strip())
    if not text and otherwise is not None:
        return otherwise
    if not text:
        raise Invalid(**{field: "Enter a number."})
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid(**{field: "Enter a whole number."})
    return int(text)


YEARS = range(2000, 2101)
"""The accepted years, so that sums of times cannot overflow."""


def moment(text: str) -> datetime | None:
    """An ISO 8601 time with its UTC offset, in UTC; None for other input."""
    try:
        read = datetime.fromisoformat(text.replace(" ", "+"))
        return read.astimezone(UTC) if read.tzinfo and read.year in YEARS else None
    except (ValueError, OverflowError):
        return None


def calendar_day(text: str) -> date | None:
    """'2026-11-24' as a date; None for other input."""
    try:
        read = date.fromisoformat(text)
    except ValueError:
        return None
    return read if read.year in YEARS else None


def split_list(text: str) -> tuple[str, ...]:
    """'Python, Django' as ('Python', 'Django')."""
    return tuple(part.strip() for part in text.replace(";", ",").split(",") if part.strip())
