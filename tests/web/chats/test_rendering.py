"""Messages as HTML: what is formatted, and that nothing else gets through."""

from __future__ import annotations

import html
import re
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from onehour.testing.running_time import WithoutCollections
from web.chats.excerpts import excerpt
from web.chats.rendering import rendered
from web.shared.code import CHARACTERS_AT_MOST, LANGUAGES, LINES_AT_MOST

LINK = (
    '<a href="{0}" target="_blank" rel="noopener noreferrer nofollow ugc">{1}'
    '<span class="unseen"> (opens in a new tab)</span></a>'
)
ELEMENT = re.compile(r"<(/?)([a-z]+)((?: [a-z-]+=\"[^\"<>]*\")*)>")
LONGEST = 8_000
COUNTED = 2_000
"""Characters of texts whose work is counted, which is slow."""
HARD_LINES = ("a a " * 40, '"' * 150, "((" * 75, "a<a<" * 37, "\\" * 150, "{{" * 75)
"""At which expressions of languages go back and forth."""
BOUND_S = 20.0
"""Far more than any of these needs, far less than an expression that goes back and forth."""
REPEATED = (
    "[", "[](", "*a ", "*", "a**b", "**a *a ", "_a __b ", "`a``b```", "- ", "1. ", "http://",
    "www.", "a@", "<", "\\", "[a](https://b ", "(", "\n", "```\n", "`", "&", "a.", "[a", "![[",
    "[*_`", "a\n\n", "- a\n",
)  # fmt: skip


def test_the_small_part_of_markdown_is_formatted() -> None:
    text = "One **bold** and *italic*\nline with `code`.\n\n- a\n- b\n\n3. c"

    assert rendered(text) == (
        "<p>One <strong>bold</strong> and <em>italic</em><br>\nline with <code>code</code>.</p>\n"
        '<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start="3">\n<li>c</li>\n</ol>\n'
    )


@pytest.mark.parametrize(
    "text", ["# A heading", "> a quotation", "![a](b)", "a | b", "1 < 2 & 3", "    four", "---"]
)
def test_everything_else_is_shown_as_it_was_typed(text: str) -> None:
    shown = rendered(text)

    assert ELEMENT.sub("", shown).strip() == (
        text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    )
    assert shown.startswith("<p>") and shown.count("<") == 2


def test_links_open_a_new_tab_and_say_so() -> None:
    shown = rendered("See [the plan](https://example.com/a_b) and https://example.com/c_d_e.")

    plan = LINK.format("https://example.com/a_b", "the plan")
    other = LINK.format("https://example.com/c_d_e", "https://example.com/c_d_e")
    assert shown == f"<p>See {plan} and {other}.</p>\n"


def test_an_address_inside_a_link_is_no_second_link() -> None:
    shown = rendered("[https://a.example.com](https://b.example.com)")

    assert shown == f"<p>{LINK.format('https://b.example.com', 'https://a.example.com')}</p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](//evil.example/)",
        "[x](/account/data/erase)",
        "[x](&#106;avascript:alert(1))",
        '[x](https://a.example/"onmouseover="alert(1))',
        '[x](https://a.example "title")',
        '```x" onfocus="alert(1)\n</code></pre><script>alert(1)</script>\n```',
        "```html\n<script>alert(1)</script>\n```",
        "`<script>`",
        "<https://a.example>",
        "javascript:alert(1)",
        "\ufdd0 **a**",
    ],
)
def test_nothing_hostile_gets_through(text: str) -> None:
    shown = rendered(text)

    assert "<" not in ELEMENT.sub("", shown)
    for _, name, attributes in ELEMENT.findall(shown):
        assert name in ("p", "br", "a", "code", "pre", "span", "strong", "em")
        names = {each.partition("=")[0] for each in attributes.split()}
        assert not any(each.startswith("on") or each in ("style", "src", "id") for each in names)
    for address in re.findall(r'href="([^"]*)"', shown):
        assert address.startswith("https://a.example")


def test_code_is_highlighted_by_classes_and_keeps_its_spaces() -> None:
    shown = rendered("```python\ndef f():\n    return '<b>'  # 1\n```")

    assert '<pre tabindex="0" role="group" aria-label="Code, python"><code>' in shown
    assert '<span class="hl-k">def</span>' in shown
    assert '<span class="hl-c"># 1</span>' in shown
    assert ELEMENT.sub("", shown).strip() == "def f():\n    return '&lt;b&gt;'  # 1"


def test_code_of_an_unknown_language_and_very_long_lines_are_plain() -> None:
    assert "hl-" not in rendered("```brainf\n+++\n```")
    assert "hl-" not in rendered("```python\n" + "def f(): pass; " * 30 + "\n```")
    assert "hl-" not in rendered("```python\n" + "def f(): pass\n" * 400 + "```")


@pytest.mark.parametrize("part", REPEATED)
def test_the_work_for_a_text_grows_with_its_length_alone(part: str) -> None:
    """Twice the text is twice the work, and a little: what goes back and forth needs four times."""
    half, whole = (lines_run((part * length)[:length]) for length in (COUNTED // 2, COUNTED))

    assert whole <= 2.2 * half + 1_000


@pytest.mark.parametrize("part", REPEATED)
def test_the_longest_text_is_rendered_without_other_elements(part: str) -> None:
    shown = rendered((part * LONGEST)[:LONGEST])

    assert "<" not in ELEMENT.sub("", shown)


def lines_run(text: str) -> int:
    """How many lines of Python run to render the text, which nothing has rendered before."""
    rendered("The parser is made once.")
    count, before = 0, sys.gettrace()

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        with WithoutCollections():
            rendered.__wrapped__(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_code_of_every_language_is_shown_whole(language: str) -> None:
    code = "\n".join(HARD_LINES)

    shown = rendered(f"```{language}\n{code}\n```")

    assert html.unescape(ELEMENT.sub("", shown).strip()) == code
    assert "<" not in ELEMENT.sub("", shown)


@pytest.mark.long
@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("line", (*HARD_LINES, ""))
def test_code_of_every_language_is_rendered_in_bounded_time(language: str, line: str) -> None:
    """Measured by a clock: what an expression does inside cannot be counted."""
    lines = min(LINES_AT_MOST, CHARACTERS_AT_MOST // (len(line) + 1))
    began = time.perf_counter()

    shown = rendered(f"```{language}\n" + f"{line}\n" * lines + "```")

    assert time.perf_counter() - began < BOUND_S
    assert "<" not in ELEMENT.sub("", shown)


def test_deep_nesting_ends() -> None:
    shown = rendered("\n".join(f"{'  ' * depth}- a" for depth in range(80)))

    assert 0 < shown.count("<ul>") <= 10


def test_an_excerpt_shows_the_words_that_were_found() -> None:
    text = "x" * 100 + " the Slow query <b>, which is slow " + "y" * 200

    shown = excerpt(text, "slow query")

    assert shown.startswith("… xxx")
    assert shown.endswith("y …")
    assert "<mark>Slow</mark> <mark>query</mark> &lt;b&gt;" in shown
    assert shown.count("<mark>") == 3
