"""Reads a `.env` file: one KEY=VALUE a line, `#` begins a comment, quotes keep a value as it is."""

from __future__ import annotations

import re
from pathlib import Path

from onehour.values import WrongSetting

LINE = re.compile(
    r"""(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*
        (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>.*?))
        (?:(?:^|\s+)\#.*)?""",
    re.VERBOSE,
)


def read_dotenv(path: Path) -> dict[str, str]:
    """The names and values of the file; a missing file has none. Raises `WrongSetting`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found = {}
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        if match is None:
            raise WrongSetting(f"Line {number} of {path} must have the form KEY=VALUE.")
        found[match["name"]] = match["double"] or match["single"] or match["plain"] or ""
    return found
