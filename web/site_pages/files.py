"""The files of the operator's pages: `privacy.md`, `terms.md` and `help.md` in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from web.shared.site_pages import SitePage
from web.site_pages.rendering import NoTitle, rendered

NAMES = ("privacy", "terms", "help")
"""The pages, by the name in their path and of their file."""
OWN_TEXTS = Path(__file__).parent / "texts"
"""The texts that come with the software."""


class PagesUnreadable(ValueError):
    """Completes the sentence '<the setting> must be …'."""


def read_pages(folder: Path) -> Mapping[str, SitePage]:
    """All pages of the folder, by name. Raises `PagesUnreadable` for the first that is missing,
    is not UTF-8 or has no title."""
    if not folder.is_dir():
        raise PagesUnreadable("a folder that can be read")
    return {name: _read(folder / f"{name}.md") for name in NAMES}


@cache
def own_pages() -> Mapping[str, SitePage]:
    """The pages with the texts that come with the software."""
    return read_pages(OWN_TEXTS)


def _read(file: Path) -> SitePage:
    try:
        return rendered(file.read_text(encoding="utf-8-sig"))
    except OSError:
        raise PagesUnreadable(f"a folder with a file {file.name} that can be read") from None
    except UnicodeDecodeError:
        raise PagesUnreadable(f"a folder whose file {file.name} is in UTF-8") from None
    except NoTitle:
        raise PagesUnreadable(
            f"a folder whose file {file.name} begins with a title, such as '# Terms'"
        ) from None
