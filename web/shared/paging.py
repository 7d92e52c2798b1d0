"""Cursors of lists: signed, so that only those of the same list are accepted.

A cursor is the sort key of the last item, with a signature over the key, the endpoint and the
order of the list. Anything else (another list's cursor, an altered or invented one) is refused
with 422 and the field `cursor`, instead of being taken as a position.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from pydantic import AfterValidator, Field
from quart import request

from core.errors import Invalid
from web.shared.context import site

LONGEST = 1000
"""Characters of a cursor; the longest key is an e-mail address."""
TAG_BYTES = 16
WRONG = "This is no position in this list. Start again at its beginning."


def next_cursor(key: str | None) -> str | None:
    """The cursor of the page after the item with this sort key; None on the last page."""
    if key is None:
        return None
    encoded = key.encode()
    return urlsafe_b64encode(_tag(encoded) + encoded).decode().rstrip("=")


def page_cursor() -> str | None:
    """The sort key in the URL of a page, None on the first page. Raises `Invalid`."""
    return _checked_key(request.args.get("cursor"))


def _checked_key(cursor: str | None) -> str | None:
    """The sort key of a cursor of this list. Raises `Invalid` for any other text."""
    if not cursor:
        return None
    if len(cursor) > LONGEST or not cursor.isascii():
        raise Invalid(cursor=WRONG)
    try:
        decoded = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        tag, key = decoded[:TAG_BYTES], decoded[TAG_BYTES:]
        # Compared as text, because base64 has several texts for the same bytes.
        if hmac.compare_digest(tag, _tag(key)) and next_cursor(key.decode()) == cursor:
            return key.decode()
    except ValueError:
        pass
    raise Invalid(cursor=WRONG)


def _validated_key(cursor: str | None) -> str | None:
    try:
        return _checked_key(cursor)
    except Invalid as error:
        raise ValueError(error.message) from error


def _tag(key: bytes) -> bytes:
    order = request.args.get("sort", "")
    signed = b"\0".join((b"cursor", f"{request.endpoint}".encode(), order.encode(), key))
    return hmac.digest(site().secret_key.encode(), signed, hashlib.sha256)[:TAG_BYTES]


Cursor = Annotated[str | None, Field(max_length=LONGEST), AfterValidator(_validated_key)]
"""The `cursor` of a query of the API, read as the sort key."""
