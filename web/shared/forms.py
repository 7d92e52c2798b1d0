"""What people typed: read once, checked, and given back beside the errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from quart import request

from core.errors import Invalid
from core.money import Money

FormFields = dict[str, str]


async def read_form() -> FormFields:
    """The fields of the form as text, the first of each name."""
    return dict((await request.form).items())


async def uploaded_file(name: str) -> bytes:
    """The file of a form's field, or the whole body where a program sends nothing else."""
    if request.mimetype == "multipart/form-data":
        file = (await request.files).get(name)
        return bytes(file.read()) if file else b""
    body = await request.get_data(as_text=False)
    return body if isinstance(body, bytes) else body.encode()


SECRET_FIELDS = ("password", "current", "code", "csrf_token")


def without_secrets(form: Mapping[str, str]) -> FormFields:
    """What a page may show again: everything but secrets."""
    return {name: text for name, text in form.items() if name not in SECRET_FIELDS}


def local_path(target: str | None) -> str:
    """A path of this site to go on to after signing in; '' for anything else."""
    target = target or ""
    ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if ours and target.isprintable() and "\\" not in target else ""


def rupees(text: str, *, field: str) -> Money:
    """'₹2,400' or '2400.50' as money. Raises `Invalid` for the field."""
    plain = "".join(mark for mark in text if mark not in "₹, \N{NO-BREAK SPACE}")
    try:
        paise = Decimal(plain) * 100
    except InvalidOperation:
        paise = Decimal("NaN")
    if not paise.is_finite() or paise != paise.to_integral_value() or abs(paise) > 10**12:
        raise Invalid(**{field: "Write an amount in rupees, for example 2,400 or 2400.50."})
    return Money(int(paise))


def whole_number(text: str, *, field: str, otherwise: int | None = None) -> int:
    """A whole number. Raises `Invalid` for the field."""
    text = text.strip()
    if not text and otherwise is not None:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid(**{field: "Write a whole number."})
    return int(text)


YEARS = range(2000, 2101)
"""What a form takes for a time: every sum of times around it stays in the calendar."""


def moment(text: str) -> datetime | None:
    """An ISO instant with its zone, in UTC; None for anything else."""
    try:
        read = datetime.fromisoformat(text.replace(" ", "+"))
        return read.astimezone(UTC) if read.tzinfo and read.year in YEARS else None
    except (ValueError, OverflowError):
        return None


def calendar_day(text: str) -> date | None:
    """'2026-11-24' as a date; None for anything else."""
    try:
        read = date.fromisoformat(text)
    except ValueError:
        return None
    return read if read.year in YEARS else None


def split_list(text: str) -> tuple[str, ...]:
    """'Python, Django' as its parts."""
    return tuple(part.strip() for part in text.replace(";", ",").split(",") if part.strip())
