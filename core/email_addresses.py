"""E-mail addresses: how they are shown, and which mailbox they belong to.

An address is stored in its canonical form (`ports/email_addresses.py`): in lower case, with the
domain in its ASCII form (`xn--…`).
"""

from __future__ import annotations

import re
import unicodedata

GMAIL = frozenset(("gmail.com", "googlemail.com"))
"""Two domains of one provider, which ignores dots before the @ (Gmail help, "Dots don't
matter in Gmail addresses")."""
_PREFIX = "xn--"
_PLAIN = re.compile(r"""[^\s()<>\[\]:;@\\,"\x00-\x1f\x7f]+@[^\s()<>\[\]:;@\\,"\x00-\x1f\x7f]+""")


def readable_address(address: str) -> str:
    """The address with its domain in the letters of its language: 'a@bücher.example'."""
    local, at, domain = address.rpartition("@")
    return local + at + ".".join(map(_readable_label, domain.split(".")))


def mailbox(address: str) -> str:
    """The mailbox that gets mail to a canonical address: limits of e-mails count by it.

    Without a tag (`meera+work@`, RFC 5233), and without dots where the provider ignores them.
    """
    local, at, domain = address.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    return local + at + domain


def early_forms(address: str) -> tuple[str, ...]:
    """A canonical address, then the other forms in which version 0.1.0 stored the same one: with
    the domain as it was typed, composed (NFC) or decomposed (NFD)."""
    local, _, domain = address.rpartition("@")
    domains = (domain, readable_address(address).rpartition("@")[2])
    forms = (
        f"{unicodedata.normalize(form, local)}@{unicodedata.normalize(form, each)}"
        for each in domains
        for form in ("NFC", "NFD")
    )
    return tuple(dict.fromkeys((address, *forms)))


def is_plain(address: str) -> bool:
    """Whether the text is one address and nothing else. A comment or quotation marks could name
    another mailbox than the one that is seen: mail to '(a)b@example.com' goes to b."""
    return _PLAIN.fullmatch(address) is not None


def _readable_label(label: str) -> str:
    """The label decoded (RFC 3492) if it consists of letters, marks, digits and hyphens."""
    if not label.startswith(_PREFIX):
        return label
    try:
        plain = label.removeprefix(_PREFIX).encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    proper = plain.replace("-", "").replace("\u200c", "").replace("\u200d", "")
    kinds = {unicodedata.category(char)[0] for char in proper}
    return plain if proper and kinds <= {"L", "M", "N"} and not plain.isascii() else label
