"""Messages as HTML: a small part of Markdown, with links and highlighted code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import nh3
from jinja2.utils import urlize
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

from web.shared.code import CLASSES, highlighted

KEPT = 1000
"""Texts whose HTML a process keeps. A changed message has another text."""
NESTED_AT_MOST = 10
"""Lists in lists, and marks in marks; what is deeper stays plain text."""
LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
LINK_ATTRIBUTES = "noopener noreferrer nofollow ugc"
OPENS_A_TAB = '<span class="unseen"> (opens in a new tab)</span>'
RULES = (
    *("backticks", "emphasis", "escape", "fence", "link", "list", "newline"),
    *("balance_pairs", "fragments_join"),
)
LINKED = "linked_text"
TAGS = frozenset({"p", "br", "em", "strong", "ul", "ol", "li", "a", "code", "pre", "span"})
ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href"},
    "ol": {"start"},
    "pre": {"tabindex", "role", "aria-label"},
}


@lru_cache(maxsize=KEPT)
def rendered(text: str) -> Markup:
    """Paragraphs, line breaks, bold, italic, lists, links, inline code and code blocks. Everything
    else, HTML included, is shown as it was typed. The result has only these elements, links only to
    http, https and mailto, and classes only of highlighted code."""
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        _find_links(token.children or ())
    return Markup(_clean(parser.renderer.render(tokens, parser.options, {})))  # noqa: S704


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    options = {"breaks": True, "html": False, "maxNesting": NESTED_AT_MOST}
    parser = MarkdownIt("zero", options).enable(list(RULES))
    parser.validateLink = lambda url: bool(LINK.match(url))  # type: ignore[method-assign]
    for name, rule in (("fence", _code), (LINKED, _linked), ("link_close", _end_of_link)):
        parser.add_render_rule(name, rule)
    return parser


def _find_links(children: Sequence[Token]) -> None:
    """Addresses in the text become links, but not inside a link."""
    inside = 0
    for child in children:
        inside += child.nesting if child.type in ("link_open", "link_close") else 0
        if child.type == "text" and not inside:
            child.type = LINKED


def _linked(renderer: RendererProtocol, tokens: Sequence[Token], index: int, *_: Any) -> str:
    return urlize(tokens[index].content).replace("</a>", f"{OPENS_A_TAB}</a>")


def _end_of_link(renderer: RendererProtocol, *_: Any) -> str:
    return f"{OPENS_A_TAB}</a>"


def _code(
    renderer: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: Any,
) -> str:
    token = tokens[index]
    language = next(iter(token.info.split()), "")
    label = f"Code, {language}" if language else "Code"
    code = highlighted(token.content.rstrip("\n"), language)
    return f'<pre tabindex="0" role="group" aria-label="{escape(label)}"><code>{code}</code></pre>'


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        allowed_classes={"span": {*CLASSES, "unseen"}},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=LINK_ATTRIBUTES,
    )
