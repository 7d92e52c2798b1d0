"""The import map of pages with an editor: where the modules of packages from npm are.

The modules are served as the packages have them. They import each other by names such as
`@codemirror/state`, or by relative paths; the map leads both to addresses with a hash of the
content, which browsers keep for good.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import cast

from markupsafe import Markup
from quart import Quart, current_app, url_for

from web.shared.assets import COMMON, asset
from web.shared.headers import nonce

FOLDER = "vendor/modules"
LIST = COMMON / "modules.txt"
NAME = "import_map"


@lru_cache(maxsize=1)
def listed_modules() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The path of each module below `FOLDER`, and the names by which others import it."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    entries = [line.split() for line in lines if line and not line.startswith("#")]
    return tuple((path, tuple(names)) for path, *names in entries)


def import_map() -> Markup:
    """The tag of the import map, with the CSP nonce of the page. It stands before the first script
    that is a module."""
    return Markup('<script type="importmap" nonce="{}">{}</script>').format(
        nonce(),
        Markup(_content(current_app)),  # noqa: S704 - addresses of our own files
    )


def _content(app: Quart) -> str:
    """Made once for each application."""
    if NAME not in app.extensions:
        imports = {}
        for path, names in listed_modules():
            file = f"{FOLDER}/{path}"
            address = asset(file)
            imports[url_for("static", filename=file)] = address
            imports |= dict.fromkeys(names, address)
        app.extensions[NAME] = json.dumps({"imports": imports}, separators=(",", ":"))
    return cast(str, app.extensions[NAME])
