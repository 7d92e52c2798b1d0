"""One layout for every mail: safe, readable in the dark, and with a first line worth reading."""

from __future__ import annotations

import re
from html import unescape

from core.letters import Letter
from services.notifications.layout import as_html, as_text

LETTER = Letter(
    "Ravi asks for 2 hours",
    ("Monday, 10:00 to 12:00", "“Tables <b>& joins</b>”"),
    button=("Answer", 'https://onehour.test/bookings/1?a="b"&c=1'),
    note="Leave this mail alone.",
)


def test_what_people_wrote_stays_text() -> None:
    html = as_html(LETTER)

    assert "“Tables &lt;b&gt;&amp; joins&lt;/b&gt;”" in html
    assert 'href="https://onehour.test/bookings/1?a=&quot;b&quot;&amp;c=1"' in html


def test_a_dollar_is_a_dollar() -> None:
    assert "$title costs $5" in as_html(Letter("Price", ("$title costs $5",)))


def test_a_list_of_mails_shows_the_first_paragraph_beside_the_subject() -> None:
    body = as_html(LETTER).partition("<body")[2].partition(">")[2]

    words = [unescape(text).strip() for text in re.split(r"<[^>]*>", body)]

    assert [text for text in words if text][:2] == ["Monday, 10:00 to 12:00", "1HourDeveloper"]


def test_both_forms_of_a_letter_say_the_same() -> None:
    text, html = as_text(LETTER), unescape(as_html(LETTER))

    for words in (LETTER.subject, *LETTER.paragraphs, *(LETTER.button or ()), LETTER.note):
        assert words in text
        assert words in html


def test_a_reader_in_the_dark_sees_every_colour_changed() -> None:
    html = as_html(LETTER)
    dark = html.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]

    classes = set(re.findall(r'class="(\w+)"', html))

    assert classes == {"desk", "sheet", "button", "note"}
    assert {name for name in classes if f".{name} {{" in dark} == classes
