"""The template contexts of e-mails about an account; their wording is in templates/emails/."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.accounts_messages import AccountEmail
from core.codes import Purpose


@dataclass(frozen=True, slots=True)
class ChangeEmail:
    """A notice of a change. `at` is its time in UTC; `facts` is the payload of the message."""

    site: str
    at: datetime
    facts: AccountEmail


@dataclass(frozen=True, slots=True)
class CodeEmail:
    """A code of six `digits` for one `purpose`, valid until `expires`."""

    digits: str
    purpose: Purpose
    expires: datetime


@dataclass(frozen=True, slots=True)
class LinkEmail:
    """A link to a page of the site; `token` authenticates the person who follows it."""

    site: str
    token: str = ""
