"""Shared code of API routes: strict bodies, JSON responses, and idempotency keys."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Annotated, Any, Generic, Literal, ParamSpec, TypeVar

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from quart import Response, request
from typing_extensions import TypedDict

from core.errors import Invalid
from core.money import Money
from ports.idempotency_keys import KeyedRequest, KeyReused, StoredResponse, carrying
from web.shared.context import dependencies, me
from web.shared.paging import Cursor, next_cursor

API = "/api/v1"
KEY = "Idempotency-Key"

Item = TypeVar("Item")
P = ParamSpec("P")


class Body(BaseModel):
    """A JSON body. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)


class Query(BaseModel):
    """A query string. Unknown parameters are refused, so that typing errors are noticed."""

    model_config = ConfigDict(extra="forbid")


def limits(default: Any = ..., **keywords: int | str) -> Any:
    """A field whose limits, in keywords of JSON Schema, are described here and checked by the core,
    which answers with a sentence for people."""
    return Field(default, json_schema_extra=dict(keywords))


class MoneyBody(Body):
    """An amount in minor units."""

    amount: int = Field(ge=0, le=10**12, strict=True)
    currency: Literal["INR"] = "INR"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


def _checked_year(moment: datetime) -> datetime:
    """Limits the years, so that time zones and sums of times cannot overflow."""
    if not 2000 <= moment.year <= 2100:
        raise ValueError("The year must be from 2000 to 2100.")
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(_checked_year)]


def _plain_date(value: object) -> date:
    """Only 'YYYY-MM-DD', in years that cannot overflow."""
    if not (isinstance(value, str) and DATE.fullmatch(value)):
        raise ValueError("Write the date as YYYY-MM-DD.")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value} is not a day of the calendar.") from None
    if not 2000 <= day.year <= 2100:
        raise ValueError("The year must be from 2000 to 2100.")
    return day


DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PlainDate = Annotated[date, BeforeValidator(_plain_date)]
"""A date without a time: 2026-12-01."""


def _instant_or_date(value: object) -> datetime | date:
    if isinstance(value, str) and DATE.fullmatch(value):
        return _plain_date(value)
    try:
        return INSTANT.validate_python(value)
    except ValidationError as error:
        raise ValueError(
            "Write a time with its offset, such as 2026-12-01T09:00:00Z, or a date."
        ) from error


INSTANT = TypeAdapter[datetime](Instant)
InstantOrDate = Annotated[
    datetime | date,
    PlainValidator(_instant_or_date),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "string", "format": "date"},
            ]
        }
    ),
]


class Paging(Query):
    limit: int = Field(default=20, ge=1, le=100)
    cursor: Cursor = None


class Listed(TypedDict, Generic[Item]):
    """A page of a list; `next` is the cursor of the next page or null."""

    items: list[Item]
    next: str | None


class Done(TypedDict):
    status: Literal["ok"]


class Accepted(TypedDict):
    """What was asked for happens if it is possible; the answer does not tell."""

    status: Literal["accepted"]


def as_list(value: object) -> object:
    """A single query parameter as a list."""
    return [value] if isinstance(value, str) else value


TextList = Annotated[list[str], BeforeValidator(as_list)]
"""A query parameter that may be repeated."""

JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
"""Times in UTC with "Z" and without microseconds."""


def json_response(value: object, status: int = 200) -> Response:
    """A JSON response; a dataclass becomes an object of its fields."""
    body = orjson.dumps(value, option=JSON_OPTIONS)
    return Response(body, status=status, content_type="application/json")


def page_response(items: Sequence[object], following: str | None, **more: object) -> Response:
    """A page of a list. `following` is the sort key from which the next page goes on, as
    repositories return it; None on the last page. `more` are further fields."""
    return json_response({"items": items, "next": next_cursor(following), **more})


def idempotent(
    again: Callable[..., Awaitable[Response]],
) -> Callable[[Callable[P, Awaitable[Response]]], Callable[P, Awaitable[Response]]]:
    """With an `Idempotency-Key`, repeated requests run once and get the same response.

    What the route does must be in one transaction, in which the request is recorded, or be safe to
    repeat. `again` gets the variables of the path. It makes the response of a request that was
    executed without one, because the server was stopped. Another body with the same key is refused
    (422). A failure is not stored, because it changed nothing; the request can be repeated.
    """

    def decorate(view: Callable[P, Awaitable[Response]]) -> Callable[P, Awaitable[Response]]:
        @wraps(view)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> Response:
            key = request.headers.get(KEY)
            if key is None:
                return await view(*args, **kwargs)
            body_hash = hashlib.sha256(await raw_body()).hexdigest()
            keyed = KeyedRequest(_key_id(key), body_hash)
            return await _once(
                keyed,
                act=lambda: view(*args, **kwargs),
                again=lambda: again(**(request.view_args or {})),
            )

        wrapper.idempotent = True  # type: ignore[attr-defined]
        return wrapper

    return decorate


async def _once(
    keyed: KeyedRequest,
    act: Callable[[], Awaitable[Response]],
    again: Callable[[], Awaitable[Response]],
) -> Response:
    """The response of the request, or the stored one of the first request with this key. Raises
    `KeyReused`. Only a repeat and a failure look for a first one."""
    keys, clock = dependencies().store.repositories.idempotency_keys, dependencies().clock
    response, failure = None, None
    with carrying(keyed):
        try:
            response = await act()
        except Exception as error:
            failure = error
    if failure or not keyed.recorded:
        first = await keys.find(keyed.id)
        if first is None and failure:
            raise failure
        if first and first.fingerprint != keyed.fingerprint:
            raise KeyReused from failure
        if first and first.answer:
            body, status = first.answer.body, first.answer.status
            return Response(body, status=status, content_type="application/json")
    response = response or await again()
    body = bytes(await response.get_data(as_text=False))
    await keys.finish(keyed, StoredResponse(response.status_code, body), now=clock.now())
    return response


def is_idempotent(view: Callable[..., object]) -> bool:
    """Whether the route takes an `Idempotency-Key`."""
    return getattr(view, "idempotent", False)


async def raw_body() -> bytes:
    """The unmodified body of the request."""
    body = await request.get_data(as_text=False)
    return body if isinstance(body, bytes) else body.encode()


def id_from_key(prefix: str) -> str | None:
    """An id derived from account, path and idempotency key, or None without a key. A repeated
    request finds the object of the first one, even if the first one was interrupted."""
    key = request.headers.get(KEY)
    if key is None:
        return None
    return f"{prefix}_{hashlib.sha256(_key_id(key).encode()).hexdigest()[:26]}"


def _key_id(key: str) -> str:
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Invalid("Use an Idempotency-Key of 1 to 255 printable characters.")
    return f"{me().id}:{request.method}:{request.path}:{key}"
