"""A page whose text the operator writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SitePage:
    """`html` is clean: it was made from Markdown by `web/site_pages/rendering.py`."""

    title: str
    html: str
