"""What a page shows of its forms: errors beside fields, the summary, and the values."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

from quart import Response

ERROR = re.compile(r'<p class="error" id="([\w-]+)-error">.*?</svg>\s*([^<]+?)\s*</p>', re.DOTALL)
LINK = re.compile(r'<li><a href="#([\w-]+)">')


def shown_errors(html: str) -> dict[str, str]:
    """The message beside each field."""
    return {name: unescape(text) for name, text in ERROR.findall(html)}


def summary(html: str) -> list[str]:
    """The fields that the summary links to, in its order."""
    return LINK.findall(html)


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.ids: set[str] = set()
        self._open: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: text or "" for name, text in attrs}
        self.ids.add(named.get("id", ""))
        name = named.get("name", "")
        if tag == "input":
            choice = named.get("type") in ("radio", "checkbox")
            if not choice or "checked" in named:
                self._add(name, named.get("value", ""))
        elif tag == "textarea":
            self._add(name, "")
            self._open = name
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in named:
            self._add(self._select, named.get("value", ""))
            self._open = self._select if "value" not in named else None

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "option"):
            self._open = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._open:
            self.values[self._open][-1] += data

    def _add(self, name: str, text: str) -> None:
        self.values.setdefault(name, []).append(text)


def values(html: str) -> dict[str, list[str]]:
    """The values of all fields of the page as a browser would send them, by name."""
    parser = _Fields()
    parser.feed(html)
    return parser.values


def ids(html: str) -> set[str]:
    parser = _Fields()
    parser.feed(html)
    return parser.ids


def next_of(answer: Response) -> str:
    """The path to which the log-in or the code leads on."""
    return parse_qs(urlsplit(answer.headers["Location"]).query)["next"][0]
