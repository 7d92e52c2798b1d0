"""Why a text is no usable e-mail address, as a sentence for the person who typed it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from core.characters import named

LONGEST = 320
"""Characters; longer than any address is."""
LOCAL_MAXIMUM, DOMAIN_MAXIMUM, LABEL_MAXIMUM = 64, 253, 63
EMPTY = "Enter your e-mail address."
OTHER = "This does not look like an e-mail address. Check it for typing errors."


def reason(text: str) -> str:
    """The first reason that applies."""
    if not text:
        return EMPTY
    return next(_reasons(text), OTHER)


def _reasons(text: str) -> Iterator[str]:
    if len(text) > LONGEST:
        yield "This is too long for an e-mail address."
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs"):
            yield f"The address contains an invisible character ({named(char)}). Remove it."
    if re.search(r"[()]", text):
        yield "Leave out the parentheses: mail programs read them as a comment."
    if '"' in text:
        yield "Addresses with quotation marks are not supported."
    if re.search(r"[<>,;\s]", text):
        yield "Enter one address only, without a name and without spaces."
    yield from _reasons_of_parts(text)


def _reasons_of_parts(text: str) -> Iterator[str]:
    local, at, domain = text.rpartition("@")
    if not at:
        yield "An @ is missing, as in name@example.com."
    if "@" in local:
        yield "An address has only one @."
    if not local:
        yield "The part before the @ is missing."
    if not domain:
        yield "The part after the @ is missing."
    yield from _reasons_of_domain(domain)
    if any(part.startswith(".") or part.endswith(".") or ".." in part for part in (local, domain)):
        yield "A dot cannot stand at the start or the end of a part, or beside another dot."
    if len(local.encode(errors="replace")) > LOCAL_MAXIMUM:
        yield f"The part before the @ is longer than {LOCAL_MAXIMUM} bytes."
    if len(domain) > DOMAIN_MAXIMUM or any(len(each) > LABEL_MAXIMUM for each in domain.split(".")):
        yield "The part after the @ is too long for a domain."


def _reasons_of_domain(domain: str) -> Iterator[str]:
    if domain.startswith("[") or re.fullmatch(r"[\d.:]+", domain):
        yield "Use the name of a domain after the @, not an IP address."
    if "." not in domain.strip("."):
        yield "The part after the @ needs a dot, as in example.com."
    if any(each.startswith("-") or each.endswith("-") for each in domain.split(".")):
        yield "A part of the domain cannot begin or end with a hyphen."
    if domain.lower().rpartition(".")[2] in (
        "invalid",
        "local",
        "localhost",
        "onion",
        "test",
        "arpa",
    ):
        yield "This domain is reserved: no mail can be sent to it."
