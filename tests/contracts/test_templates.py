"""Templates in Jinja2: found by name, strict about their variables, safe with what people wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.babel import BabelFormats
from adapters.jinja import JinjaTemplates
from core.money import Money
from ports.templates import TemplateFailed, Templates, UnknownTemplate

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PRICE = Money(240_000)
LAYOUTS = {
    "shop/layouts/email.txt": "{{ email.subject }}|{{ email.paragraphs | join('|') }}",
    "shop/layouts/email.html": "<p>{{ email.paragraphs | join('</p><p>' | safe) }}</p>",
}
SUBJECT = "{% block subject %}Order{% endblock %}"

Write = Callable[..., Templates]


@dataclass(frozen=True)
class Order:
    name: str = "Ravi"
    price: Money = PRICE
    at: datetime = TUESDAY
    later: datetime = TUESDAY + timedelta(hours=2)
    rounds: int = 2


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Templates with these files, by path; the first folder is the source's name."""

    def build(files: dict[str, str]) -> Templates:
        for path, content in {**LAYOUTS, **files}.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        sources = [(folder.name, folder) for folder in tmp_path.iterdir()]
        return JinjaTemplates(sources, formats=BabelFormats(), layout="shop/layouts/email")

    return build


def body(text: str) -> dict[str, str]:
    return {
        "shop/emails/order.txt": f"{SUBJECT}{{% block body %}}\n{text}\n{{% endblock %}}",
    }


def test_wrapped_lines_are_joined_and_empty_lines_separate_paragraphs(write: Write) -> None:
    templates = write(body("Dear {{ name }},\n  this is long.\n\n\n  \nBye."))

    email = templates.email("shop/order", Order(), zone="UTC")

    assert email.text == "Order|Dear Ravi, this is long.|Bye.\n"
    assert email.html == "<p>Dear Ravi, this is long.</p><p>Bye.</p>\n"


def test_formats_are_those_of_the_reader(write: Write) -> None:
    templates = write(
        body("{{ price | money }}, {{ at | at }}, {{ rounds | counted(one='try', other='tries') }}")
    )

    indian = templates.email("shop/order", Order(), zone="Asia/Kolkata")
    german = templates.email("shop/order", Order(), zone="Europe/Berlin", locale="de-DE")

    assert "₹2,400.00, Tue 24 Nov 2026, 15:30 IST, 2\N{NO-BREAK SPACE}tries" in indian.text
    assert "2.400,00\N{NO-BREAK SPACE}₹, Di., 24. Nov. 2026, 11:00 CET" in german.text


@pytest.mark.parametrize(
    ("filtered", "text"),
    [
        ("{{ 15 | percent }}", "15\N{NO-BREAK SPACE}%"),
        ("{{ 2 | hours }}", "2\N{NO-BREAK SPACE}hours"),
        ("{{ price | money(whole=true) }}", "₹2,400"),
        ("{{ at | day(year=false) }}", "Tue 24 Nov"),
        ("{{ at | clock }}", "15:30"),
        ("{{ at | clock('Europe/Madrid') }}", "11:00"),
        ("{{ at | span(later) }}", "Tue 24 Nov 2026, 15:30 to 17:30 IST"),
        ("{{ at | clocks(later) }}", "15:30 to 17:30 IST"),
        ("{{ (later - at) | duration }}", "2\N{NO-BREAK SPACE}h 00\N{NO-BREAK SPACE}min"),
        ("{{ 'Lucía Fernández' | first_name }}", "Lucía"),
    ],
)
def test_every_format_is_a_filter(write: Write, filtered: str, text: str) -> None:
    templates = write({"shop/documents/line.txt": filtered})

    assert templates.document("shop/line.txt", Order(), zone="Asia/Kolkata") == text


def test_a_source_extends_the_templates_of_another(write: Write) -> None:
    templates = write(
        {
            "shop/emails/_base.txt": f"{SUBJECT}{{% block body %}}From the shop.{{% endblock %}}",
            "gifts/emails/order.txt": (
                '{% extends "shop/emails/_base.txt" %}'
                "{% block body %}{{ super() }}\n\nWith a bow.{% endblock %}"
            ),
        }
    )

    email = templates.email("gifts/order", Order(), zone="UTC")

    assert email.text == "Order|From the shop.|With a bow.\n"


def test_documents_of_html_escape_what_people_wrote(write: Write) -> None:
    templates = write(
        {
            "shop/documents/receipt.html": "<b>{{ name }}</b>",
            "shop/documents/receipt.txt": "{{ name }}",
        }
    )
    order = Order(name="<i>R & R</i>\nBye")

    html = templates.document("shop/receipt.html", order, zone="UTC")
    text = templates.document("shop/receipt.txt", order, zone="UTC")

    assert html == "<b>&lt;i&gt;R &amp; R&lt;/i&gt;\nBye</b>"
    assert text == "<i>R & R</i>\nBye"


@pytest.mark.parametrize(
    "name", ["shop/other", "nobody/order", "order", "", "shop/../order", "shop/../../order"]
)
def test_an_unknown_name_is_refused(write: Write, name: str) -> None:
    templates = write(body("Hello."))

    with pytest.raises(UnknownTemplate):
        templates.email(name, Order(), zone="UTC")
    with pytest.raises(UnknownTemplate):
        templates.document(name, Order(), zone="UTC")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (f"{SUBJECT}{{% block body %}}{{{{ nmae }}}}{{% endblock %}}", "'nmae' is undefined"),
        (f"{SUBJECT}{{% block body %}}{{{{ name.x }}}}{{% endblock %}}", "no attribute 'x'"),
        (f"{SUBJECT}{{% block body %}}{{{{ name | money }}}}{{% endblock %}}", "has no attribute"),
        (f"{SUBJECT}{{% block body %}}{{{{ name | nope }}}}{{% endblock %}}", "No filter named"),
        (f"{SUBJECT}{{% block body %}}{{% if %}}{{% endblock %}}", "Expected an expression"),
        (f"{SUBJECT}{{% block body %}} {{% endblock %}}", "must not be empty"),
        ("{% block body %}Hello.{% endblock %}", "must not be empty"),
        (
            f"{SUBJECT}{{% block body %}}A{{% endblock %}}{{% block footer %}}B{{% endblock %}}",
            "the block footer is unknown",
        ),
        (
            f"{SUBJECT}{{% block body %}}A{{% endblock %}}{{% block button %}}B{{% endblock %}}",
            "button and link must be used together",
        ),
    ],
)
def test_a_faulty_template_says_what_is_wrong(write: Write, source: str, reason: str) -> None:
    templates = write({"shop/emails/order.txt": source})

    with pytest.raises(TemplateFailed) as failed:
        templates.email("shop/order", Order(), zone="UTC")

    assert reason in failed.value.reason
    assert failed.value.name == "shop/order"
    assert reason not in failed.value.message, "not for the eyes of users"
