"""The words of a mail with those of each person put in: `Hello {{ name }}`.

What may stand between the braces is decided on the syntax tree, before anything runs: names of
words, texts, a few filters and conditions. Attributes, items, calls, loops, sums, macros and
templates of others are refused, so the time and the length of a result grow only with the length
of the template. Jinja's sandbox and two limits come on top.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from time import thread_time

from jinja2 import Template, TemplateError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from plugins.api import Invalid

WORDS: dict[str, str] = {
    "name": "the first name",
    "developer": "the first name of the developer of the last booking",
    "hours": "the length of the last booking",
    "topic": "the beginning of what the last booking was about",
    "last_month": "the month of the last booking",
    "next_free": "when that developer is free next",
}
FILTERS = frozenset({"upper", "lower", "capitalize", "title", "trim", "default", "d"})
SECONDS_AT_MOST, TRIES = 0.1, 3
"""Of computing, and more than once: neither a machine that is busy with other work nor a collection
of garbage may cost anybody the mail."""
CHARACTERS_AT_MOST = 1_000_000
NODES_AT_MOST = 2_000
DEPTH_AT_MOST = 40
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter,
    nodes.If, nodes.CondExpr, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand,
)  # fmt: skip
REFUSED = "Only words such as {{ name }}, filters and conditions can stand between braces"


class EmptyWord(Exception):
    """A word that the mail needs is empty for this person."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class TooMuch(Exception):
    """The result is too long, or takes too long."""


class TooSlow(Exception):
    """It took too long this time."""


class _Missing(Undefined):
    """A word without a value. Conditions and `default` may ask for it."""

    __slots__ = ()

    def __str__(self) -> str:
        raise EmptyWord(str(self._undefined_name))


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(undefined=_Missing, autoescape=False)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.tests.clear()
    return made


ENVIRONMENT = _environment()


@dataclass(frozen=True, slots=True)
class Text:
    """A checked template. `words` are those it uses."""

    template: Template
    words: frozenset[str]

    def fill(self, values: Mapping[str, str]) -> str:
        """The text for one person; values are put in as they are. Raises `EmptyWord` for a word
        that has no value and no `default`, and `TooMuch`."""
        for _ in range(TRIES):
            with suppress(TooSlow):
                return self._fill(values)
        raise TooMuch

    def _fill(self, values: Mapping[str, str]) -> str:
        end, length, parts = thread_time() + SECONDS_AT_MOST, 0, list[str]()
        for part in self.template.generate({k: v for k, v in values.items() if v}):
            length += len(part)
            if length > CHARACTERS_AT_MOST:
                raise TooMuch
            if thread_time() > end:
                raise TooSlow
            parts.append(part)
        return "".join(parts)


@lru_cache(maxsize=256)
def checked(source: str, *, field: str) -> Text:
    """The template of a text, read once for all mails of a campaign. Raises `Invalid` for the
    field, with the line of what is wrong."""
    try:
        tree = ENVIRONMENT.parse(source)
        used = frozenset(_check(tree, field=field))
        return Text(ENVIRONMENT.from_string(source), used)
    except TemplateError as error:
        line = f"Line {getattr(error, 'lineno', 1)}: "
        raise Invalid(**{field: f"{line}{_sentence(error)}."}) from error
    except RecursionError as error:
        raise Invalid(**{field: "This is nested too deeply."}) from error


def _check(tree: nodes.Template, *, field: str) -> Iterator[str]:
    for count, (node, depth) in enumerate(_walk(tree, 0)):
        if count > NODES_AT_MOST or depth > DEPTH_AT_MOST:
            raise Invalid(**{field: "There are too many words in braces."})
        if not isinstance(node, ALLOWED):
            raise Invalid(**{field: f"Line {node.lineno}: {REFUSED}."})
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise Invalid(**{field: f"Line {node.lineno}: there is no filter {node.name!r}."})
        if isinstance(node, nodes.Const) and not isinstance(node.value, str):
            raise Invalid(**{field: f"Line {node.lineno}: {REFUSED}."})
        if isinstance(node, nodes.Name):
            if node.ctx != "load" or node.name not in WORDS:
                known = ", ".join(WORDS)
                said = f"Line {node.lineno}: there is no word {node.name!r}; there are {known}."
                raise Invalid(**{field: said})
            yield node.name


def _walk(node: nodes.Node, depth: int) -> Iterator[tuple[nodes.Node, int]]:
    yield node, depth
    for child in node.iter_child_nodes():
        yield from _walk(child, depth + 1)


def _sentence(error: TemplateError) -> str:
    return " ".join((error.message or "this cannot be read").split()).rstrip(".")[:200]
