"""Conversion of amounts, times and ids between Cashfree's JSON and paise and milliseconds."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation

import orjson

from adapters.cashfree.simulator.errors import ApiError, invalid, missing

IST = timezone(timedelta(hours=5, minutes=30))
PAISE_AT_MOST = 10**12

Json = Mapping[str, object]


def rupees(paise: int) -> orjson.Fragment:
    """A JSON number with two decimals, `170.00`: parsing and serialising it breaks signatures."""
    return orjson.Fragment(f"{paise // 100}.{paise % 100:02d}")


def paise(value: object, field: str) -> int:
    """The exact paise of a positive JSON number. Raises `ApiError` for other values."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise missing(field) if value is None else invalid(field, f"{field} is not a number")
    if not 0 < value < PAISE_AT_MOST:
        raise invalid(field, f"{field} is out of range")
    hundredfold = Decimal(value) * 100
    if hundredfold != hundredfold.to_integral_value():
        raise invalid(field, f"{field} has more than two decimals")
    return int(hundredfold)


def text(body: Json, field: str, shortest: int, longest: int) -> str | None:
    """An optional text with a length in these limits. Raises `ApiError`."""
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or not shortest <= len(value) <= longest:
        raise invalid(field, f"{field} should have {shortest} to {longest} characters")
    return value


def matching(
    body: Json, field: str, pattern: re.Pattern[str], rule: str, *, within: str = ""
) -> str:
    """A required text that matches `pattern`, described by `rule`. `within` is the object or list
    that has the field. Raises `ApiError`: missing and invalid have different codes."""
    value, name = body.get(field), f"{within}.{field}" if within else field
    if value is None:
        raise missing(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise invalid(name, f"{field} should be {rule}")
    return value


def list_of_objects(body: Json, field: str) -> list[Json]:
    """A list of objects, empty if it is missing. Raises `ApiError`."""
    value = body.get(field)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise invalid(field, f"{field} should be a list of objects")
    return value


def as_json(value: object) -> str:
    """JSON to store, with the decimals of `parse_object` as they were sent: `170.00`."""
    return orjson.dumps(value, default=_number).decode()


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError


def part(body: Json, field: str) -> Json:
    """A nested object, empty if it is missing. Raises `ApiError`."""
    value = body.get(field)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(field, f"{field} should be an object")
    return value


def parse_object(raw: bytes) -> Json:
    """The JSON object of a request, with exact decimals. Raises `ApiError`."""
    try:
        parsed = json.loads(raw or b"{}", parse_float=Decimal)
        json.dumps(parsed, ensure_ascii=False, default=str).encode()  # a surrogate cannot be stored
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise ApiError(400, "request_failed", "the body is not JSON") from error
    if not isinstance(parsed, dict):
        raise ApiError(400, "request_failed", "the body is not an object")
    return parsed


def ist(moment: int | None) -> str | None:
    """Milliseconds since 1970 as an ISO 8601 time in Indian time, in whole seconds."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment // 1000, IST).isoformat(timespec="seconds")


def milliseconds(value: object, field: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time, UTC without an offset. Raises `ApiError`."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise invalid(field, f"{field} is not an ISO 8601 time") from error
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def new_id() -> str:
    """Thirteen random digits, so that ids are not reused with a new database."""
    return str(10**12 + secrets.randbelow(9 * 10**12))
