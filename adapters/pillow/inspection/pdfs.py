"""The first page of a PDF as a picture. Nothing of it runs: this PDFium has no JavaScript engine,
and forms are not filled in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2

from adapters.pillow.inspection import answers, pictures
from adapters.pillow.inspection.memory import MoreMemoryNeeded

SHORTEST = 1 / 100
"""The shorter side of a page by its longer one, at least."""


def parts(path: Path, *, last: bool) -> Iterator[bytes]:
    """The number of pages and the previews of the first. How much memory a page takes is not known
    before. Raises `MoreMemoryNeeded`, and errors of PDFium for damaged and encrypted files."""
    if not last:
        raise MoreMemoryNeeded
    document = pypdfium2.PdfDocument(path)
    yield answers.facts(pages=len(document))
    page = document[0]
    width, height = page.get_size()
    if min(width, height) < max(width, height) * SHORTEST:
        return
    scale = pictures.LARGE / max(width, height)
    drawn = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    drawn.thumbnail((pictures.LARGE, pictures.LARGE))  # sizes are rounded up
    yield from pictures.previews(drawn)
