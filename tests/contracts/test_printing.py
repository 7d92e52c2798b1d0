"""Printed documents: the words of each file, letters of many scripts, and the same bytes each time.

Files are read by pypdf, which has no code in common with the printer.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from adapters.fpdf import FpdfPrinter
from ports.printing import Block, Fact, Row, Sheet, Sum
from web.shared.assets import DOCUMENT_FONTS

PRINTER = FpdfPrinter(DOCUMENT_FONTS)
SHEET = Sheet(
    title="Receipt",
    under="Not a tax invoice",
    number="R-2026-001873",
    badge="Paid",
    issuer="1HourDeveloper",
    issued_at=datetime(2026, 11, 24, 12, 44, tzinfo=UTC),
    facts=(Fact("Number", "R-2026-001873"), Fact("Date", "Tue 24 Nov 2026, 18:14 IST")),
    blocks=(
        Block("Work by", "Ananya Iyer", ("Developer",)),
        Block("Paid by", "Meera Krishnan", ("Client",)),
    ),
    columns=("What", "Hours", "Price per hour", "Amount"),
    rows=(
        Row("Software development by the hour", ("2", "₹1,950.00", "₹3,900.00"), "Fri 27 Nov"),
        Row("Coupon for friends", ("−₹100.00",)),
    ),
    details=(Fact("Paid with", "UPI"), Fact("Reference", "1846029317")),
    sums=(Sum("Before", "₹3,900.00"), Sum("Paid", "₹3,800.00", total=True)),
    hint="The payment provider holds the money until the work is approved.",
    in_words="Rupees three thousand eight hundred only",
)
NAMES = {
    "Devanagari": "अनन्या अय्यर",
    "Bengali": "সৌরভ চক্রবর্তী",
    "Gujarati": "નરસિંહ મહેતા",
    "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "Kannada": "ಕೃಷ್ಣಮೂರ್ತಿ",
    "Malayalam": "ശ്രീകുമാർ",
    "Tamil": "கிருஷ்ணன்",
    "Telugu": "వెంకటేశ్వర్లు",
    "Chinese": "李小龙 歐陽娜娜",
    "Arabic": "محمد الهاشمي",
    "Hebrew": "דוד כהן",
    "Thai": "สมชาย",
    "Greek": "Ελένη Παπαδοπούλου",
    "Cyrillic": "Наталья Ёлкина",
    "Vietnamese": "Nguyễn Thị Ánh",
    "Latin": "Łukasz Żółć-Ōtsuka",
}

JOINED = {"Bengali", "Gujarati", "Kannada", "Malayalam", "Arabic", "Vietnamese"}


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def text_of(content: bytes) -> str:
    return " ".join(" ".join(pages_of(content)).split())


async def test_every_word_of_a_document_can_be_read_in_its_file() -> None:
    text = text_of(await PRINTER.pdf(SHEET))

    for part in (
        "1HourDeveloper Paid", "Receipt Not a tax invoice", "Number R-2026-001873",
        "Date Tue 24 Nov 2026, 18:14 IST", "Work by Ananya Iyer Developer",
        "Paid by Meera Krishnan Client", "What Hours Price per hour Amount",
        "Software development by the hour Fri 27 Nov 2 ₹1,950.00 ₹3,900.00",
        "Coupon for friends −₹100.00", "Paid with UPI Reference 1846029317",
        "Before ₹3,900.00 Paid ₹3,800.00", "Rupees three thousand eight hundred only",
        SHEET.hint, "R-2026-001873 Page 1 of 1",
    ):  # fmt: skip
        assert part in text


@pytest.mark.parametrize("script", NAMES)
async def test_names_of_many_scripts_are_drawn_with_their_letters(script: str) -> None:
    """Joined letters have glyphs without a code, so not every name can be read back."""
    name = NAMES[script]
    named = replace(SHEET, blocks=(Block("Work by", name), Block("Paid by", "Meera Krishnan")))

    text = text_of(await PRINTER.pdf(named))

    assert "[U+" not in text
    read = "".join(text.partition("Work by")[2].partition("Paid by")[0].split())
    assert sorted(read) == sorted("".join(name.split())) or script in JOINED


async def test_a_character_that_no_font_has_is_written_as_its_code() -> None:
    named = replace(SHEET, blocks=(Block("Work by", "Ananya 😀 𒀀"),))

    assert "Ananya [U+1F600] [U+12000]" in text_of(await PRINTER.pdf(named))


async def test_long_words_are_wrapped_and_a_long_table_goes_on_on_a_new_page() -> None:
    name, rows = "W" * 80, tuple(Row(f"Line {n}", (f"₹{n}.00",)) for n in range(60))

    content = await PRINTER.pdf(replace(SHEET, blocks=(Block("Work by", name),), rows=rows))
    pages = pages_of(content)

    assert len(pages) == 3
    assert "".join(pages[0].split()).count("W" * 80) == 1
    assert [f"Line {n} ₹{n}.00" in " ".join(" ".join(pages).split()) for n in range(60)] == [
        True
    ] * 60


async def test_all_rows_are_drawn_at_one_size_also_after_letters_of_another_font() -> None:
    """The sign of the rupee is in another file of the font than the letters before it."""
    rows = tuple(
        Row("Released", ("₹1.00", "₹2.00", "₹3.00"), "Less the fee of ₹1.00.") for _ in range(3)
    )
    content = await PRINTER.pdf(replace(SHEET, rows=rows))
    sizes = list[float]()

    def note(text: str, cm: object, tm: object, font: object, size: float) -> None:
        if "Released" in text:
            sizes.append(size)

    PdfReader(io.BytesIO(content)).pages[0].extract_text(visitor_text=note)

    assert sizes == [10, 10, 10]


async def test_the_same_document_is_the_same_file() -> None:
    first, later = await PRINTER.pdf(SHEET), await FpdfPrinter(DOCUMENT_FONTS).pdf(SHEET)

    assert first == later
    found = PdfReader(io.BytesIO(first)).metadata
    assert found
    assert found.title == "Receipt R-2026-001873"
    assert found.creation_date == SHEET.issued_at
