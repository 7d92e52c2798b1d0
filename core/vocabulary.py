"""How profiles and searches become comparable terms: words, synonyms and skills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from core.folding import folded
from core.synonyms import SYNONYMS, parse_synonyms
from core.words import LONGEST_WORD, Token, tokens

RULES = 1
"""Counted up when the same text gives other terms. `onehour prepare` then rebuilds stored terms."""
MOST_QUERY_WORDS = 8
"""Words of one search; further ones are left out."""
LONGEST_QUERY = 200
LONGEST_PHRASE = 4
"""Words of a name in the table of synonyms."""
STOP_WORDS = frozenset(
    "a an and are as at be by for from how i in is it my of on or our that the this to with you"
    " your".split()
)


AROUND = " ,;:.!?\"'()[]{}<>\u2018\u2019\u201c\u201d«»"
"""Punctuation that is not shown around a word."""


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of a search, and how the visitor wrote it."""

    word: str
    written: str


@dataclass(frozen=True)
class Vocabulary:
    """The rules of the search. `added` are groups of synonyms beside the built-in ones, each with
    its main name first; a name in two groups belongs to the later one."""

    added: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def digest(self) -> str:
        """Changes when the same text would give other terms."""
        return sha256(repr((RULES, SYNONYMS, self.added)).encode()).hexdigest()[:12]

    @cached_property
    def _main_names(self) -> dict[str, str]:
        """The key of a name, and that of the main name of its group."""
        found = dict[str, str]()
        for main, *others in (*parse_synonyms(SYNONYMS), *self.added):
            found.update(dict.fromkeys(map(key_of, (main, *others)), key_of(main)))
        return {name: found.get(main, main) for name, main in found.items() if name}

    def query_words(self, text: str) -> tuple[QueryWord, ...]:
        """The words that a search for `text` compares, in their order, at most
        `MOST_QUERY_WORDS`. A phrase with a main name is one word."""
        written = [
            (token, chunk) for chunk in text[:LONGEST_QUERY].split() for token in tokens(chunk)
        ]
        found = dict[str, QueryWord]()
        place = 0
        while place < len(written) and len(found) < MOST_QUERY_WORDS:
            length, name = self._phrase([token for token, _ in written], place)
            phrase = " ".join(dict.fromkeys(chunk for _, chunk in written[place : place + length]))
            for word in [name] if name else written[place][0].words:
                if word not in STOP_WORDS:
                    found.setdefault(word, QueryWord(word, phrase.strip(AROUND)))
            place += length
        return tuple(found.values())[:MOST_QUERY_WORDS]

    def text_words(self, text: str) -> Iterator[str]:
        """The words by which a text is found, main names and parts included."""
        written = tokens(text)
        for place, token in enumerate(written):
            for word in (*token.words, *token.parts):
                if word not in STOP_WORDS:
                    yield self._main_names.get(word, word)
            for end in range(place + 1, min(place + LONGEST_PHRASE, len(written)) + 1):
                name = self._main_names.get(_joined(written[place:end]))
                if name:
                    yield name

    def skill_key(self, skill: str) -> str:
        """The form in which skills are compared: "Postgres" and "PostgreSQL" have the same."""
        key = key_of(skill)
        return self._main_names.get(key, key)

    def _phrase(self, written: Sequence[Token], place: int) -> tuple[int, str]:
        """How many words the longest name at `place` has, and its main name; 1 and "" for none."""
        for length in range(min(LONGEST_PHRASE, len(written) - place), 0, -1):
            name = self._main_names.get(_joined(written[place : place + length]))
            if name:
                return length, name
        return 1, ""


def key_of(name: str) -> str:
    """A name for comparison: without the spaces, hyphens and dots between its words. A name
    without a word is compared as it is."""
    return (_joined(tokens(name)) or folded(name))[:LONGEST_WORD]


def _joined(written: Iterable[Token]) -> str:
    return "".join(token.text for token in written)[:LONGEST_WORD]


VOCABULARY = Vocabulary()
"""The built-in rules."""
