"""Documents with taxes as they are drawn: each word is there as ink, inside the margins, and no
line of the taxes is drawn over another."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pypdfium2
import pytest
from PIL import Image

from core.billing import TaxParty
from core.gst import Operator
from tests.app import MemoryApp
from tests.web.payments.test_receipts import ANANYA, KRISHNAN, browser_of

BENGALURU = TaxParty("Rao Designs", "4 Church Street\nBengaluru", "29", "", "29AAPFU0939F1ZR")
OPERATOR = Operator("Hours Private Limited", "12th Main, Pune", KRISHNAN.gstin)
A4 = (595, 842)
MARGIN = 30
"""Points without ink on each side."""
DARK = 160

Box = tuple[float, float, float, float]
"""Left, bottom, right and top in points, from the lower left corner."""


async def page_of(client: TaxParty) -> pypdfium2.PdfPage:
    app = MemoryApp(operator=OPERATOR)
    (meera, _), profile = await app.client(), await app.developer()
    for account, details in ((profile.account_id, ANANYA), (meera.id, client)):
        await app.services.billing.change(details, by=account)
    booking = await app.confirmed(meera, profile, starts_in=timedelta(days=3))
    await app.run()
    browser = await browser_of(app, meera)
    file = await browser.ask("GET", f"/bookings/{booking.id}/receipt.pdf")
    (page,) = pypdfium2.PdfDocument(await file.get_data(as_text=False))
    return page


def box_of(page: pypdfium2.PdfPage, words: str) -> Box:
    """Where the words are drawn."""
    text = page.get_textpage()
    found = text.search(words, match_case=True).get_next()
    assert found, words
    boxes = [text.get_charbox(n) for n in range(found[0], sum(found))]
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def ink(picture: Image.Image, box: Box) -> int:
    """How many pixels of the box are dark; one point is two pixels."""
    left, bottom, right, top = (round(each * 2) for each in box)
    height = A4[1] * 2
    dark: list[int] = picture.crop((left, height - top, right, height - bottom)).histogram()
    return sum(dark[:DARK])


@pytest.mark.parametrize(
    ("client", "place", "taxes"),
    [
        (KRISHNAN, "Maharashtra (27)", ["IGST 18"]),
        (BENGALURU, "Karnataka (29)", ["CGST 9", "SGST 9"]),
    ],
    ids=["between states", "within a state"],
)
async def test_a_receipt_shows_parties_place_and_taxes(
    client: TaxParty, place: str, taxes: list[str]
) -> None:
    page = await page_of(client)
    picture = page.render(scale=2).to_pil().convert("L")

    lines = ["Taxable value", *taxes, "Rupees four thousand"]
    words = [
        f"GSTIN {ANANYA.gstin}", f"GSTIN {client.gstin}", f"GSTIN {OPERATOR.gstin}",
        "Place of supply", place, *lines,
    ]  # fmt: skip
    boxes = {each: box_of(page, each) for each in words}

    assert tuple(round(each) for each in page.get_size()) == A4
    assert [each for each, box in boxes.items() if ink(picture, box) < 20] == []
    for above, below in pairwise(lines):
        assert boxes[below][3] < boxes[above][1], f"{below} is drawn over {above}"
    for side in (
        (0, 0, MARGIN, A4[1]), (A4[0] - MARGIN, 0, A4[0], A4[1]), (0, 0, A4[0], MARGIN / 2),
    ):  # fmt: skip
        assert ink(picture, side) == 0
    found = page.get_textpage().get_text_range()
    assert ("IGST" in found, "CGST" in found) == ("IGST 18" in taxes, "CGST 9" in taxes)
