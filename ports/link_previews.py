"""Pictures that other sites show beside a link to a profile."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from core.errors import Unavailable

PREVIEW_SIZE = (1200, 630)
"""Width and height in pixels, as Open Graph consumers recommend."""
DESIGN = 1
"""Part of the digest: increased when the same texts are drawn differently."""


class PreviewsBusy(Unavailable):
    """Many pictures are being drawn at the moment. Try again in a minute."""

    code = "previews_busy"


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """What a picture shows. `price` is formatted, with its currency."""

    name: str
    headline: str
    price: str

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that differ when the picture differs."""
        shown = "\0".join((str(DESIGN), self.name, self.headline, self.price))
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


class LinkPreviews(Protocol):
    """Draws link previews. Rules for every adapter (onehour/testing/link_previews.py):

    - the result is a PNG of `PREVIEW_SIZE`;
    - texts of any length stay inside the picture: they are wrapped, then cut with an ellipsis;
    - a text in a script without a font is left out as a whole, never drawn as boxes; symbols
      without a glyph are left out of the text;
    - equal previews give equal pictures, which are drawn once and kept for a while;
    - one picture is drawn at a time, few wait, and the event loop is not blocked.
    """

    async def draw(self, preview: LinkPreview) -> bytes:
        """Raises `PreviewsBusy` at once when too many are waiting."""
        ...
