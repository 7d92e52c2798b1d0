"""Code highlighted by classes of a few kinds, in messages and in files."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup, escape
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, String, _TokenType

LANGUAGES = frozenset(
    "bash c cpp csharp css diff docker dockerfile go graphql html ini java javascript js json "
    "kotlin make nginx php postgresql powershell py python rb ruby rs rust scss sh shell sql swift "
    "terraform toml ts tsx typescript xml yaml yml".split()
)
"""The names after the opening fence. Of other names, code is shown without colours."""
READ_AS = {"java": "csharp"}
"""Java by the words of C#, which are nearly the same: its own expressions need minutes for some
short texts."""
CHARACTERS_AT_MOST, LINES_AT_MOST, LINE_AT_MOST = 4_000, 150, 160
"""Of code with colours. The expressions of some languages are slow for long lines and for many
empty ones, and cannot be stopped."""
KINDS: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "hl-c"),
    (Keyword, "hl-k"),
    (Name.Tag, "hl-k"),
    (Name.Builtin, "hl-n"),
    (Name.Function, "hl-n"),
    (Name.Class, "hl-n"),
    (Name.Attribute, "hl-n"),
    (Name.Decorator, "hl-n"),
    (String, "hl-s"),
    (Number, "hl-m"),
    (Generic.Inserted, "hl-i"),
    (Generic.Deleted, "hl-d"),
)
CLASSES = frozenset(name for _, name in KINDS)


def highlighted(code: str, language: str) -> Markup:
    """The code as HTML, in its own lines. The language is never guessed."""
    name = language.lower()
    if name not in LANGUAGES or not _is_short(code):
        return escape(code)
    return Markup("").join(_span(*found) for found in _tokens(name, code))


def highlighted_lines(code: str, language: str) -> list[Markup]:
    """The same by the line, each complete in itself."""
    name = language.lower()
    if name not in LANGUAGES or not _is_short(code):
        return [escape(line) for line in code.split("\n")]
    lines: list[list[Markup]] = [[]]
    for kind, text in _tokens(name, code):
        first, *others = text.split("\n")
        lines[-1].append(_span(kind, first))
        lines += [[_span(kind, other)] for other in others]
    return [Markup("").join(line) for line in lines]


def _is_short(code: str) -> bool:
    lines = code.split("\n")
    return (
        len(code) <= CHARACTERS_AT_MOST
        and len(lines) <= LINES_AT_MOST
        and max(map(len, lines)) <= LINE_AT_MOST
    )


def _tokens(name: str, code: str) -> Iterator[tuple[_TokenType, str]]:
    lexer = get_lexer_by_name(READ_AS.get(name, name), stripnl=False, ensurenl=False)
    yield from lexer.get_tokens(code)


def _span(token: _TokenType, text: str) -> Markup:
    name = next((name for kind, name in KINDS if token in kind), "")
    return (
        Markup('<span class="{}">{}</span>').format(name, text) if name and text else escape(text)
    )
