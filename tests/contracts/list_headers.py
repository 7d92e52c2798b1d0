"""The headers of mail that a person can stop (RFC 8058), read as a mail program reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def unsubscribe_url(headers: Mapping[str, Any]) -> str:
    """The URL that gets the POST of the button; empty for mail without the two headers."""
    url, post = headers.get("List-Unsubscribe"), headers.get("List-Unsubscribe-Post")
    if url is None and post is None:
        return ""
    assert post == "List-Unsubscribe=One-Click"
    assert url is not None and url[0] == "<" and url[-1] == ">"
    return str(url[1:-1])
