"""What all API routes share: strict bodies, JSON answers, and answers kept by key."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from typing import Annotated, Generic, Literal, ParamSpec, TypeVar

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from quart import Response, request
from typing_extensions import TypedDict

from core.errors import Invalid
from core.money import Money
from ports.idempotency_keys import StoredResponse
from web.shared.context import dependencies, me

API = "/api/v1"
KEY = "Idempotency-Key"

Item = TypeVar("Item")
P = ParamSpec("P")


class Body(BaseModel):
    """A request's JSON: only the named fields, each of its own type."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)


class Query(BaseModel):
    """A request's query; unknown names are refused, so that a typing error is noticed."""

    model_config = ConfigDict(extra="forbid")


class MoneyBody(Body):
    amount: int = Field(ge=0, le=10**12)
    currency: Literal["INR"] = "INR"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


def _within_reason(moment: datetime) -> datetime:
    """Every zone's calendar and every sum of times can hold these years."""
    if not 2000 <= moment.year <= 2100:
        raise ValueError("This time is too far away.")
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(_within_reason)]


class Paging(Query):
    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=200)


class Listed(TypedDict, Generic[Item]):
    """A list in pages: `next` is the cursor of the following one."""

    items: list[Item]
    next: str | None


class Done(TypedDict):
    status: str


def as_list(value: object) -> object:
    """A query parameter that may be repeated comes as a list, also when it is given once."""
    return [value] if isinstance(value, str) else value


TextList = Annotated[list[str], BeforeValidator(as_list)]
"""A repeatable query parameter, also when it is given once."""


AS_JSON = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
"""Times as the API writes them; a dataclass becomes an object of its fields."""


def json_response(value: object, status: int = 200) -> Response:
    body = orjson.dumps(value, option=AS_JSON)
    return Response(body, status=status, content_type="application/json")


def idempotent(
    view: Callable[P, Awaitable[Response]],
) -> Callable[P, Awaitable[Response]]:
    """With an `Idempotency-Key` the same request gets the same answer, and acts once.

    Another body under the same key is refused (422), a twin in flight too (409). A failure
    is not kept: it changed nothing, so the same request may simply be tried again.
    """

    @wraps(view)
    async def kept(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get(KEY)
        if key is None:
            return await view(*args, **kwargs)
        key_id = _key_id(key)
        keys = dependencies().store.repositories.idempotency_keys
        body_hash = hashlib.sha256(await raw_body()).hexdigest()
        known = await keys.begin(key_id, body_hash, now=dependencies().clock.now())
        if known:
            return Response(known.body, status=known.status, content_type="application/json")
        try:
            response = await view(*args, **kwargs)
        except BaseException:
            await keys.release(key_id)
            raise
        body = bytes(await response.get_data(as_text=False))
        await keys.finish(
            key_id, StoredResponse(response.status_code, body), now=dependencies().clock.now()
        )
        return response

    return kept


async def raw_body() -> bytes:
    """The request's body, byte for byte as it came."""
    body = await request.get_data(as_text=False)
    return body if isinstance(body, bytes) else body.encode()


def id_from_key(prefix: str) -> str | None:
    """An id that the same account and key always lead to: a repeat finds what the first made,
    also when the first did not live to answer."""
    key = request.headers.get(KEY)
    if key is None:
        return None
    return f"{prefix}_{hashlib.sha256(_key_id(key).encode()).hexdigest()[:26]}"


def _key_id(key: str) -> str:
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Invalid("Use an Idempotency-Key of 1 to 255 printable characters.")
    return f"{me().id}:{request.method}:{request.path}:{key}"
