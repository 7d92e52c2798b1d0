"""The words of the search: the built-in synonyms and those in a file of the operator."""

from __future__ import annotations

from pathlib import Path

from core.synonyms import WrongSynonyms, parse_synonyms
from core.vocabulary import VOCABULARY, Vocabulary
from ports.settings import WrongSetting

LARGEST_FILE = 200_000
"""Bytes."""


def read_vocabulary(file: Path | None) -> Vocabulary:
    """Raises `WrongSetting` for a file that cannot be read."""
    if file is None:
        return VOCABULARY
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise WrongSynonyms(f"It has more than {LARGEST_FILE:,} bytes.")
        return Vocabulary(parse_synonyms(content.decode("utf-8-sig")))
    except OSError as error:
        raise _wrong(f"It cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise _wrong("It is not UTF-8.") from None
    except WrongSynonyms as error:
        raise _wrong(error.message) from None


def _wrong(reason: str) -> WrongSetting:
    reason = reason[0].lower() + reason[1:]
    return WrongSetting(f"ONEHOUR_SEARCH_SYNONYMS must be a file of synonyms: {reason}")
