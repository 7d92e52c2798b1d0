"""Usual files for the contract of inspectors."""

from __future__ import annotations

import io
import zipfile
from io import BytesIO

from PIL import Image

from onehour.testing.pictures_samples import RED


def pdf() -> bytes:
    """Two red pages of 400 x 200 points."""
    pages = [Image.new("RGB", (400, 200), RED) for _ in range(2)]
    out = BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=72)
    return out.getvalue()


def archive(entries: int = 2) -> bytes:
    """Files of ten bytes in a folder that is an entry too, and a link."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.mkdir("src")
        for number in range(entries):
            made.writestr(f"src/{number}.py", b"print(100)")
        link = zipfile.ZipInfo("../link")
        link.external_attr = 0o120777 << 16
        made.writestr(link, b"/etc/passwd")
    return out.getvalue()


def with_password() -> bytes:
    """An archive whose only entry says that it is encrypted."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a", b"a")
    whole = bytearray(out.getvalue())
    whole[whole.index(b"PK\1\2") + 8] |= 1
    return bytes(whole)


def bomb() -> bytes:
    """An archive that says it has two gigabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a", b"a")
    whole = bytearray(out.getvalue())
    at = whole.index(b"PK\1\2") + 24
    whole[at : at + 4] = (2_000_000_000).to_bytes(4, "little")
    return bytes(whole)
