"""One layout for every e-mail: safe, readable in the dark, and with a first line worth reading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest

from adapters.babel import BabelFormats
from adapters.jinja import JinjaTemplates
from ports.templates import Choice, Email, Templates
from services.accounts.emails import LinkEmail
from services.bookings import BookingContext
from services.bootstrap import CAPABILITIES
from services.shared.templates import LAYOUT, contact, mail_url, template_sources
from tests.app import SITE, SUPPORT, MemoryApp, templates
from tests.services.emails import every_email

HELP = f"{SITE}/help"
SOURCE = """\
{% block subject %}{{ subject }}{% endblock %}
{% block body %}
{{ when }}

{{ brief | quote }}
{% endblock %}
{% block button %}Answer{% endblock %}
{% block link %}{{ url }}{% endblock %}
{% block further %}Receipt{% endblock %}
{% block further_link %}{{ url }}/receipt{% endblock %}
{% block note %}Leave this mail alone.{% endblock %}
"""


@dataclass(frozen=True)
class Request:
    subject: str = "Ravi asks for 2 hours"
    when: str = "Monday, 10:00 to 12:00"
    brief: str = "Tables <b>& joins</b>"
    url: str = 'https://onehour.test/bookings/1?a="b"&c=1'


@pytest.fixture(name="templates")
def with_a_plugin(tmp_path: Path) -> Templates:
    """Those of the capabilities, and one of a plugin."""
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails" / "request.txt").write_text(SOURCE, encoding="utf-8")
    sources = [*template_sources(CAPABILITIES), ("a_plugin", tmp_path)]
    return JinjaTemplates(
        sources, formats=BabelFormats(), layout=LAYOUT, values=contact(SITE, SUPPORT)
    )


def rendered(templates: Templates, request: Request | None = None) -> Email:
    return templates.email("a_plugin/request", request or Request(), zone="UTC")


def test_what_people_wrote_stays_text(templates: Templates) -> None:
    html = rendered(templates).html

    assert ">Tables &lt;b&gt;&amp; joins&lt;/b&gt;</blockquote>" in html
    assert 'href="https://onehour.test/bookings/1?a=&#34;b&#34;&amp;c=1"' in html


def test_what_people_wrote_is_no_template(templates: Templates) -> None:
    email = rendered(templates, Request(brief="$title costs {{ 5 * 5 }} {% raw %}"))

    assert ">$title costs {{ 5 * 5 }} {% raw %}</blockquote>" in email.html
    assert "> $title costs {{ 5 * 5 }} {% raw %}\n" in email.text


def test_line_breaks_that_people_wrote_begin_no_paragraph_and_no_header(
    templates: Templates,
) -> None:
    email = rendered(templates, Request(subject="Ravi\r\nBcc: all", brief="One.\n\nTwo,\nthree."))

    assert email.subject == "Ravi Bcc: all"
    assert "\n\n> One.\n>\n> Two,\n> three.\n\n" in email.text
    assert ';white-space:pre-line">One.\n\nTwo,\nthree.</blockquote>' in email.html


def test_a_list_of_mails_shows_the_first_paragraph_beside_the_subject(
    templates: Templates,
) -> None:
    body = rendered(templates).html.partition("<body")[2].partition(">")[2]

    words = [unescape(text).strip() for text in re.split(r"<[^>]*>", body)]

    assert [text for text in words if text][:2] == ["Monday, 10:00 to 12:00", "1HourDeveloper"]


def test_both_forms_of_an_email_say_the_same(templates: Templates) -> None:
    email, request = rendered(templates), Request()
    text, html = email.text, unescape(email.html)

    parts = (email.subject, request.when, request.brief, "Answer", request.url, "Receipt")
    for words in (*parts, f"{request.url}/receipt", "Leave this mail alone.", SUPPORT, HELP):
        assert words in text
        assert words in html


def test_every_colour_changes_in_dark_mode(templates: Templates) -> None:
    html = rendered(templates).html
    dark = html.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]

    classes = set(re.findall(r'class="(\w+)"', html))

    assert classes == {"desk", "sheet", "quote", "button", "link", "note", "foot"}
    assert {name for name in classes if re.search(rf"\.{name}[ ,]", dark)} == classes


async def test_every_template_of_an_email_has_golden_files() -> None:
    found = {
        f"{source}.{file.stem}"
        for source, folder in template_sources(CAPABILITIES)
        for file in (folder / "emails").glob("[!_]*.txt")
    }

    rendered = {".".join(name.split(".")[:2]) for name in await every_email()}
    assert rendered == found


async def test_times_and_amounts_follow_the_locale(app: MemoryApp) -> None:
    (client, _), developer = await app.client(), await app.developer()
    booking = await app.confirmed(client, developer)
    details = await app.services.timeline.details(booking.id, by=client.id)
    context = BookingContext.for_reader(
        client, details, notice="accepted", site=app.site, now=app.clock.now()
    )

    german = templates().email("bookings/accepted", context, zone="Europe/Berlin", locale="de-DE")

    assert "You meet on Do., 26. Nov. 2026, 07:00" in german.text
    assert "holds 4.800,00\N{NO-BREAK SPACE}₹ until" in german.text


def test_the_layout_shows_nothing_of_parts_that_are_not_there(templates: Templates) -> None:
    email = templates.email("accounts/unconfirmed", LinkEmail(SITE), zone="UTC")

    assert f"Sign up:\n{SITE}/sign-up\n\n--\n1HourDeveloper\n" in email.text
    assert "<blockquote" not in email.html
    assert 'class="note"' not in email.html
    assert "monospace" not in email.html


def test_every_email_says_where_to_get_help(templates: Templates) -> None:
    email = rendered(templates)

    assert email.text.endswith(f"--\n1HourDeveloper\nQuestions: {SUPPORT}\nHelp: {HELP}\n")
    assert f'href="mailto:{SUPPORT}"' in email.html
    assert f'href="{HELP}"' in email.html


def test_an_email_says_what_its_reader_can_choose(templates: Templates) -> None:
    choice = Choice("You choose which e-mails you get.", f"{SITE}/choices", "Choose")

    email = templates.email("accounts/unconfirmed", LinkEmail(SITE), zone="UTC", choice=choice)

    assert f"\n\nYou choose which e-mails you get.\nChoose:\n{SITE}/choices\n\n--\n" in email.text
    assert f'href="{SITE}/choices" style="color:#0b5563">Choose</a>' in email.html


async def test_every_email_says_whether_its_kind_can_be_turned_off() -> None:
    for name, message in (await every_email()).items():
        optional = "You choose which e-mails you get, and when." in message.text
        assert optional is not ("E-mails of this kind are always on: " in message.text), name


def test_without_a_support_address_an_email_names_the_help_page_only() -> None:
    plain = JinjaTemplates(
        template_sources(CAPABILITIES),
        formats=BabelFormats(),
        layout=LAYOUT,
        values=contact(SITE, ""),
    )

    email = plain.email("accounts/unconfirmed", LinkEmail(SITE), zone="UTC")

    assert email.text.endswith(f"--\n1HourDeveloper\nHelp: {HELP}\n")
    assert "mailto:" not in email.html
    assert "Questions" not in email.html


def test_the_address_of_a_support_link_is_encoded() -> None:
    assert mail_url("a&b?c=%@example.com") == "mailto:a%26b%3Fc%3D%25@example.com"
