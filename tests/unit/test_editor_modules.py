"""The list of the editor's modules is complete: whatever one of them imports is in it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from web.shared.assets import COMMON
from web.shared.import_maps import FOLDER, listed_modules

NAMED = r"[\w*${},\s]+?\s+from\s*"
FROM = re.compile(
    rf"""^\s*(?:import\s*(?:{NAMED})?|export\s*{NAMED})["']([^"'\n]+)["']""", re.MULTILINE
)
LISTED = dict(listed_modules())
NAMES = {name for names in LISTED.values() for name in names}


@pytest.mark.parametrize("path", LISTED)
def test_what_a_module_imports_is_listed(path: str) -> None:
    content = (COMMON / FOLDER / path).read_text(encoding="utf-8")
    imported = set(FROM.findall(content))

    for name in imported:
        if name.startswith("."):
            parts = list(PurePosixPath(path).parent.parts)
            for part in PurePosixPath(name).parts:
                if part == "..":
                    parts.pop()
                elif part != ".":
                    parts.append(part)
            assert "/".join(parts) in LISTED, name
        else:
            assert name in NAMES, name
