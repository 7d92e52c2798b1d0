"""Words in braces: what is refused, what is put in, and that values are never run."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from plugins.campaigns.words import (
    CHARACTERS_AT_MOST,
    ENVIRONMENT,
    WORDS,
    EmptyWord,
    TooMuch,
    checked,
)

WALKS = (
    "name.__class__", "name.__class__.__mro__", "name['__class__']", "name|attr('__class__')",
    "''.__class__.__mro__[1].__subclasses__()", "self.__init__.__globals__",
    "self._TemplateReference__context", "cycler.__init__.__globals__.os", "joiner.__init__",
    "namespace.__init__", "lipsum.__globals__", "request.application", "config.items()", "g.pop",
    "url_for.__globals__", "get_flashed_messages()", "name.upper()", "name.format(name)",
    "'{0.__class__}'.format(name)", "name.format_map(name)", "name|map('upper')",
    "name|format('x')", "'%s'|format(name)", "name|list", "name|tojson", "name|safe",
    "name|xmlattr", "name|groupby('x')", "name|select", "name|replace('a', 'b')", "name|join",
    "name|escape", "name|center(9999999999)", "name|indent(999999999)", "name|wordwrap(1)",
    "name|batch(3)|list", "name|pprint", "name|reverse", "name|urlize", "name|striptags",
    "name|random", "name|length", "name[0]", "name[1:]", "name[::-1]", "name()", "name(1)",
    "range(10)", "range(999999999)", "dict()", "1", "7*7", "7 * 7", "9**9**9", "name*9",
    "name+name", "name~name", "-name", "1/0", "1//2", "5 % 3", "[1]", "[name]", "(name,)",
    "{'a': name}", "{}", "True", "None", "1.5", "x", "_", "__builtins__", "__import__('os')",
    "open('/etc/passwd')", "eval('1')", "password", "secret_key", "env", "loop", "super()",
    "caller()", "name is string", "name is defined", "name in name.x", "varargs",
    "name|map(attribute='x')",
)  # fmt: skip
BLOCKS = (
    "{% for x in name %}{{ x }}{% endfor %}", "{% for x in range(10**9) %}a{% endfor %}",
    "{% set x = name %}", "{% set x %}a{% endset %}", "{% include 'layout.html' %}",
    "{% include name %}", "{% import 'a' as b %}", "{% from 'a' import b %}",
    "{% extends 'layout.html' %}", "{% block a %}{% endblock %}", "{% macro a() %}{% endmacro %}",
    "{% call name() %}{% endcall %}", "{% filter upper %}a{% endfilter %}",
    "{% with x = name %}{% endwith %}", "{% autoescape false %}{% endautoescape %}",
    "{% do name %}", "{% trans %}a{% endtrans %}", "{% debug %}", "{% break %}", "{% if name",
    "{{ name", "{% endif %}", "{{ }}", "{% %}", "{{ name | }}", "{{ name nam }}", "{{ 'a }}",
    "{% if %}a{% endif %}", "{# never closed",
)  # fmt: skip
VALUES = (
    "{{ 7*7 }}", "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% raw %}", "{# a #}",
    "{{ name }}", "{% for x in y %}", "{0.__class__}", "%s%n", "%(name)s", "$name", "{name}",
    "<b>bold</b>", "<script>alert(1)</script>", "&amp;", "'\"", "\\x00", "{{ self }}", "=1+1",
    "@SUM(A1)", "../../etc/passwd",
)  # fmt: skip


@pytest.mark.parametrize("source", [*("{{ " + each + " }}" for each in WALKS), *BLOCKS])
def test_more_than_words_filters_and_conditions_is_refused(source: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(f"Hello\n{source}", field="text")

    assert list(refusal.value.fields) == ["text"]


def test_there_are_more_than_a_hundred_such_payloads() -> None:
    assert len(WALKS) + len(BLOCKS) + len(VALUES) >= 100


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_put_in_as_it_is(value: str) -> None:
    text = checked("Hello {{ name }}, {{ topic | trim }}", field="text")

    assert text.fill({"name": value, "topic": value}) == f"Hello {value}, {value}"


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ("{{ name }}", "Priya"),
        ("{{ name|upper }} {{ name | lower }}", "PRIYA priya"),
        ("{{ developer | default('your developer') }}", "your developer"),
        ("{{ developer | d(name) | upper }}", "PRIYA"),
        ("{% if developer %}{{ developer }}{% elif name %}you{% else %}x{% endif %}", "you"),
        ("{{ name if name else 'you' }}", "Priya"),
        ("{% if not developer and (name or topic) %}yes{% endif %}", "yes"),
        ("{% if name == 'Priya' %}it is{% endif %}", "it is"),
        ("100 % of { braces } {# a comment #}stay", "100 % of { braces } stay"),
    ],
)
def test_words_filters_and_conditions_are_filled_in(source: str, filled: str) -> None:
    assert checked(source, field="text").fill({"name": "Priya", "developer": ""}) == filled


@pytest.mark.parametrize("source", ["{{ developer }}", "{{ developer | upper }}"])
def test_an_empty_word_is_not_sent_as_a_gap(source: str) -> None:
    with pytest.raises(EmptyWord) as missing:
        checked(source, field="text").fill({"name": "Priya", "developer": ""})

    assert missing.value.word == "developer"


def test_the_refusal_names_the_line_and_the_words_there_are() -> None:
    with pytest.raises(Invalid, match="Line 3: there is no word 'nmae'; there are name,"):
        checked("Hello\n\n{{ nmae }}", field="text")


def test_a_text_that_becomes_too_long_is_stopped() -> None:
    text = checked("{{ name }}" * 100, field="text")

    with pytest.raises(TooMuch):
        text.fill({"name": "n" * (CHARACTERS_AT_MOST // 50)})


@pytest.mark.parametrize(
    "source",
    [
        "{{ name }}" * 5_000,
        "{% if name %}" * 60 + "a" + "{% endif %}" * 60,
        "{{ " + "not " * 500 + "name }}",
        "{{ " + "(" * 500 + "name" + ")" * 500 + " }}",
    ],
)
def test_what_would_take_long_to_read_is_refused(source: str) -> None:
    try:
        checked(source, field="text").fill({"name": "Priya"})
    except Invalid as refusal:
        assert refusal.fields


def test_the_sandbox_itself_has_nothing_to_offer() -> None:
    assert ENVIRONMENT.globals == {} and ENVIRONMENT.tests == {}
    assert ENVIRONMENT.loader is None
    assert sorted(WORDS) == ["developer", "hours", "last_month", "name", "next_free", "topic"]
