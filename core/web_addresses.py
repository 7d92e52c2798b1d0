"""Whether a text contains a web address."""

from __future__ import annotations

import re
import unicodedata

_DOMAINS = (
    "com|net|org|info|biz|dev|app|io|ai|co|me|tv|cc|xyz|site|online|shop|store|tech|club|link|"
    "live|top|pro|cloud|page|blog|website|space|click|in|uk|us|eu|de|fr|es|it|nl|ru|cn|jp|br|au|"
    "ca|ch|ly|gl|рф|भारत|中国"
)
"""Top-level domains of most web addresses; a list of all would contain many surnames."""
_ADDRESS = re.compile(
    rf"\w+://|\bhttps?:|\bwww\.\w|(?<![\w.])(?:[\w-]+\.)+(?:{_DOMAINS}|xn--[\w-]+)(?![\w-]|\.\w)",
    re.IGNORECASE,
)
_INITIALS = re.compile(
    r"\b(?:(?:[^\W\d_]|Dr|Mr|Mrs|Ms|St|Prof)\.)+(?!(?i:com|net|org)\b)[^\W\d_a-z][^\W\d_]+\b"
)
"""'J.Pro' of 'J.Pro Smith': initials or titles, then a word with a capital letter."""


def has_web_address(text: str) -> bool:
    """Whether a part of the text is a web or e-mail address, also without `http://`: e-mail
    programs make it a link. Initials are none: 'J.R. Smith', 'Dr.Pro'."""
    plain = unicodedata.normalize("NFKC", text).replace("。", ".")
    return _ADDRESS.search(_INITIALS.sub("", plain)) is not None
