"""Limits of the size of request bodies: a general one, and larger ones for uploads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from quart import Request


class SizedRequest(Request):
    """Quart applies one limit before routing, so limits of single paths are applied here.
    `path_limits` is the limit of a POST body in bytes, by path."""

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
        self.max_content_length = max_content_length  # used by the form parser
