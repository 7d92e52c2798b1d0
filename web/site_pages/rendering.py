"""Markdown to clean HTML, for texts of operators."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from web.shared.site_pages import SitePage

TAGS = frozenset(
    {
        *("h2", "h3", "h4", "p", "hr", "br", "ul", "ol", "li", "blockquote", "pre", "code"),
        *("a", "em", "strong", "s", "del", "table", "thead", "tbody", "tr", "th", "td"),
    }
)
SCHEMES = frozenset({"http", "https", "mailto", "tel"})


class NoTitle(ValueError):
    """The text does not begin with a heading of the first level that has words."""


def rendered(text: str) -> SitePage:
    """The page of a CommonMark text, with tables. Its first line is the title, as `# Terms`.

    HTML in the text is shown as text; pictures are left out. The result has no scripts, styles,
    classes (except that of tables) or ids. Raises `NoTitle`.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    title = _title(tokens)
    for token in tokens[3:]:
        _adapt(token)
    html = parser.renderer.render(tokens[3:], parser.options, {})
    return SitePage(title, _clean(html))


def _title(tokens: list[Token]) -> str:
    begins = len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[0].tag == "h1"
    title = _words(tokens[1]) if begins else ""
    if not title:
        raise NoTitle
    return title


def _words(inline: Token) -> str:
    """The text of a heading without its marks."""
    parts = (child.content or " " for child in inline.children or () if not child.nesting)
    return " ".join("".join(parts).split())


def _adapt(token: Token) -> None:
    """The page has one heading of the first level, and tables look like those of the site."""
    if token.tag == "h1":
        token.tag = "h2"
    elif token.tag in ("h5", "h6"):
        token.tag = "h4"


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        set_tag_attribute_values={"table": {"class": "table"}},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
    )
