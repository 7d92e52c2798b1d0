"""What the e-mails about an account are rendered from; their wording is in templates/emails/."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.accounts import AccountEmail
from core.codes import Purpose


@dataclass(frozen=True, slots=True)
class ChangeEmail:
    """A notice that something was changed `at` a moment; `facts` are those of the message."""

    site: str
    at: datetime
    facts: AccountEmail


@dataclass(frozen=True, slots=True)
class CodeEmail:
    """A code of six `digits` that can be used until it `expires`."""

    digits: str
    purpose: Purpose
    expires: datetime


@dataclass(frozen=True, slots=True)
class LinkEmail:
    """A link to a page of the site; `token` is the part of it that proves who follows it."""

    site: str
    token: str = ""
