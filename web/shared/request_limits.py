"""How large a request may be: one limit for all, and more room where pictures are handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from quart import Request


class SizedRequest(Request):
    """Quart takes the size of a body from one setting, before it looks for the route; so the
    room of a path is known here. `path_limits` maps paths to bytes a POST may bring there."""

    path_limits: ClassVar[Mapping[str, int]] = {}

    def __init__(
        self,
        method: str,
        scheme: str,
        path: str,
        *args: Any,
        max_content_length: int | None = None,
        **kwargs: Any,
    ) -> None:
        if method == "POST":
            max_content_length = self.path_limits.get(path, max_content_length)
        super().__init__(
            method, scheme, path, *args, max_content_length=max_content_length, **kwargs
        )
        self.max_content_length = max_content_length  # what the parser of forms asks
