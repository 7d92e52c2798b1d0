"""Limits of the size of request bodies: a general one, and larger ones for uploads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from quart import Request
from quart.wrappers.request import Body

from web.shared.streamed_bodies import StreamedBody, longest_s

WITH_LIMITS = frozenset({"POST", "PUT"})


class SizedRequest(Request):
    """Quart applies one limit before routing, so limits of single paths are applied here.
    `path_limits` is the limit of a POST or PUT body in bytes, by path. One that ends with a slash
    is the beginning of paths. `has_large_limit`: this path has a larger limit than others."""

    body_class: type[Body] = StreamedBody
    path_limits: ClassVar[Mapping[str, int]] = {}

    def __init__(
        self,
        method: str,
        scheme: str,
        path: str,
        *args: Any,
        max_content_length: int | None = None,
        body_timeout: int | None = None,
        **kwargs: Any,
    ) -> None:
        self.has_large_limit = False
        own = self._own_limit(path) if method in WITH_LIMITS else None
        if own is not None:
            self.has_large_limit = own > (max_content_length or own)
            max_content_length, body_timeout = own, longest_s(own)
        super().__init__(
            method,
            scheme,
            path,
            *args,
            max_content_length=max_content_length,
            body_timeout=body_timeout,
            **kwargs,
        )
        self.max_content_length = max_content_length  # used by the form parser

    def _own_limit(self, path: str) -> int | None:
        if path in self.path_limits:
            return self.path_limits[path]
        folders = (each for each in self.path_limits if each.endswith("/"))
        longest = max((each for each in folders if path.startswith(each)), key=len, default="")
        return self.path_limits.get(longest)
