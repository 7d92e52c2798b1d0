"""The terms under which a profile is stored for the search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from core.developers import Developer
from core.folding import folded
from core.vocabulary import VOCABULARY, Vocabulary

MATCH_ALL = "*"
"""The term that every published profile has."""
MOST_WORDS = 160
"""Words of one profile: those of skills first, then of name and headline, then of the text."""
MOST_BIO_WORDS = 50
"""Words of the text about a developer, from its beginning."""
MARK = ":"
"""In the terms of skills, languages and zones, and in no word."""


@dataclass(frozen=True, slots=True)
class ProfileTerms:
    """All terms of a profile, and its words in three ranges of it: those of skills, those of
    headline and name alone, those of the text alone."""

    terms: tuple[str, ...]
    skills_end: int
    headline_end: int

    def weight(self, word: str) -> int:
        """3 for a word in a skill, 2 in the headline or name, 1 in the text, 0 elsewhere."""
        if word not in self.terms:
            return 0
        place = self.terms.index(word)
        return 3 if place < self.skills_end else 2 if place < self.headline_end else 1


def profile_terms(developer: Developer, vocabulary: Vocabulary = VOCABULARY) -> ProfileTerms:
    """The terms of a profile: what filters compare, then its words, the heaviest field first."""
    filters = [MATCH_ALL, zone_term(developer.timezone)]
    filters += [language_term(language) for language in developer.languages]
    filters += [skill_term(skill, vocabulary) for skill in developer.skills]
    found = dict.fromkeys(filters)
    most = len(found) + MOST_WORDS
    _add(found, skill_words(developer, vocabulary), most=most)
    skills_end = len(found)
    for text in (developer.name, developer.headline):
        _add(found, vocabulary.text_words(text), most=most)
    headline_end = len(found)
    _add(
        found,
        vocabulary.text_words(developer.bio),
        most=min(most, headline_end + MOST_BIO_WORDS),
    )
    return ProfileTerms(tuple(found), skills_end, headline_end)


def _add(found: dict[str, None], words: Iterable[str], *, most: int) -> None:
    """Add words until there are `most` terms."""
    new = (word for word in dict.fromkeys(words) if word not in found)
    found.update(dict.fromkeys(islice(new, max(most - len(found), 0))))


def skill_words(developer: Developer, vocabulary: Vocabulary = VOCABULARY) -> tuple[str, ...]:
    """The words of each skill, and its whole name in one piece: "reactnative"."""
    found = dict[str, None]()
    for skill in developer.skills:
        found.update(dict.fromkeys(vocabulary.text_words(skill)))
        found[vocabulary.skill_key(skill)] = None
    return tuple(found)


def skill_term(skill: str, vocabulary: Vocabulary = VOCABULARY) -> str:
    return f"skill{MARK}{vocabulary.skill_key(skill)}"


def language_term(language: str) -> str:
    return f"language{MARK}{folded(language)}"


def zone_term(timezone: str) -> str:
    return f"zone{MARK}{timezone}"
