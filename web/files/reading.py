"""Files as pages show them: their texts, and what changed between two versions of one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from markupsafe import Markup
from quart import render_template

from core.errors import NotFound, Unavailable
from core.files import Kind, PreviewName, StoredFile
from web.files.diffs import compare
from web.files.highlighting import code_view
from web.shared.context import me, services
from web.shared.cookies import caller

TEXTS_AT_MOST = 5
"""Text previews of one page; of further files there is the download."""


async def texts_of(files: Sequence[StoredFile]) -> dict[str, Markup]:
    """The highlighted beginnings of the first texts among the files, by the id of the file."""
    with_text = [file for file in files if _has_text(file)][:TEXTS_AT_MOST]
    shown = await asyncio.gather(*map(_shown, with_text))
    return dict(zip((file.id for file in with_text), shown, strict=True))


async def difference(before: StoredFile | None, after: StoredFile | None) -> Markup:
    """Changed lines of texts, pictures side by side, and of others their sizes. At least one of the
    files is given."""
    comparison = None
    if before and after and _has_text(before) and _has_text(after):
        old, new = await asyncio.gather(_text(before), _text(after))
        comparison = await asyncio.to_thread(compare, old, new, name=after.name)
    return await _rendered(
        "files/_difference.html", before=before, after=after, comparison=comparison
    )


def _has_text(file: StoredFile) -> bool:
    names = (preview.name for preview in file.contents.previews)
    return file.contents.kind is Kind.TEXT and PreviewName.TEXT in names


async def _shown(file: StoredFile) -> Markup:
    text = await _text(file)
    view = await asyncio.to_thread(code_view, text, file.name)
    return await _rendered("files/_text.html", view=view, file=file)


async def _text(file: StoredFile) -> str:
    """Empty while the storage is unavailable: the page is more than its previews."""
    try:
        return await services().files.text(file.id, by=me(), caller=caller())
    except (NotFound, Unavailable):
        return ""


async def _rendered(template: str, **facts: object) -> Markup:
    return Markup(await render_template(template, **facts))  # noqa: S704 - templates escape values
