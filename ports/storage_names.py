"""Names of downloaded files, as the header Content-Disposition has them (RFC 6266 and 8187)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from core.characters import CONTROL, DIRECTIONS, HALF, HINTS, NO_CHARACTER, UNUSABLE

BYTES_MAXIMUM = 200
"""File systems allow 255 bytes, and browsers add to the name, such as ` (1)`."""
FALLBACK = "file"

_SEPARATORS = re.compile(r'[/\\:*?"<>|]')
_HINTS = re.compile(f"[{''.join(HINTS)}]")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,16}$")
_UNSAFE_IN_QUOTES = re.compile(r"[^ !#$&'()+,\-.0-9;=@A-Z\[\]^_`a-z{}~]")
_NEEDS_NO_ESCAPE = "!#$&+-.^_`|~"
"""`attr-char` of RFC 8187, besides letters and digits."""


def attachment(filename: str) -> str:
    """The value of Content-Disposition for a download with this name. It is ASCII, whatever the
    name contains."""
    name = safe_filename(filename)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = _UNSAFE_IN_QUOTES.sub("_", plain)
    if plain.startswith(".") or not plain:
        plain = f"{FALLBACK}{plain}"
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{_escaped(name)}"


def safe_filename(filename: str) -> str:
    """The name without what file systems and people could misread: separators of paths, control
    characters, invisible ones, and those that turn the direction of the text. It is at most
    `BYTES_MAXIMUM` bytes long and keeps its extension."""
    name = filename
    for unwanted in (HALF, NO_CHARACTER, UNUSABLE, DIRECTIONS, _HINTS):
        name = unwanted.sub("", name)
    name = CONTROL.sub("_", unicodedata.normalize("NFC", name))
    name = _SEPARATORS.sub("_", name).strip(" .\u2028\u2029") or FALLBACK
    if _DEVICE.match(name):
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    found = _EXTENSION.search(name)
    extension = found[0] if found else ""
    stem = name.removesuffix(extension).encode()[: BYTES_MAXIMUM - len(extension)]
    return stem.decode(errors="ignore") + extension


def _escaped(name: str) -> str:
    return quote(name, safe=_NEEDS_NO_ESCAPE)
