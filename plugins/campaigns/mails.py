"""The mail of a campaign to one person: filled words in the layout of the site."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from plugins.api import (
    Account,
    Clock,
    Email,
    EmailChoice,
    Formats,
    Message,
    Repositories,
    Templates,
)
from plugins.campaigns.audience import Candidate
from plugins.campaigns.model import Campaign, Target, Words
from plugins.campaigns.people import values_of
from plugins.campaigns.tokens import Tokens
from plugins.campaigns.words import Text, checked

BREAKS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")
STOP = "Stop these mails"
FIELDS = ("subject", "line", "text", "button")


@dataclass(frozen=True, slots=True)
class CampaignEmail:
    """The context of the template `campaigns/campaign`."""

    subject: str
    line: str
    paragraphs: tuple[str, ...]
    button: str
    link: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is sent, and its parts. `choice.url` is where it is stopped."""

    email: Email
    parts: CampaignEmail
    choice: EmailChoice


def message_of(name: str, to: str, mail: Mail, *, subject: str = "") -> Message:
    """`name` becomes its Message-ID, and `subject` stands before its own."""
    return Message(
        id=name,
        to=to,
        subject=f"{subject}{mail.email.subject}",
        text=mail.email.text,
        html=mail.email.html,
        unsubscribe=mail.choice.url,
    )


def templates_of(words: Words) -> dict[str, Text]:
    """The checked templates by field. Raises `Invalid`."""
    return {field: checked(getattr(words, field), field=field) for field in FIELDS}


def words_used(words: Words) -> frozenset[str]:
    """Raises `Invalid`."""
    return frozenset().union(*(text.words for text in templates_of(words).values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mails:
    templates: Templates
    formats: Formats
    tokens: Tokens
    clock: Clock
    site: str

    def unsubscribe_url(self, campaign: str, account: str) -> str:
        return f"{self.site}/mail/unsubscribe/{self.tokens.make(campaign, account)}"

    async def make(
        self, repositories: Repositories, campaign: Campaign, reader: Candidate, *, test: str = ""
    ) -> Mail:
        """`test` is the account that tries it, whose link to stop mails is put in. Raises
        `EmptyWord`, `TooMuch`, `TemplateFailed` and `Invalid`."""
        values, developer = await values_of(
            repositories, reader.account, reader.person, self.formats, self.clock.now()
        )
        # The first mail of a process reads templates and the words of a language.
        return await asyncio.to_thread(self._composed, campaign, reader, values, developer, test)

    def _composed(
        self,
        campaign: Campaign,
        reader: Candidate,
        values: Mapping[str, str],
        developer: str,
        test: str,
    ) -> Mail:
        account, consent = reader.account, reader.consent
        filled = {name: text.fill(values) for name, text in templates_of(campaign.words).items()}
        link = self._link(campaign, account, developer, counted=consent.clicks and not test)
        parts = CampaignEmail(
            subject=_one_line(filled["subject"]),
            line=_one_line(filled["line"]),
            paragraphs=_paragraphs(filled["text"]),
            button=_one_line(filled["button"]) if link else "",
            link=link if filled["button"].strip() else "",
        )
        url = self.unsubscribe_url(campaign.id, test or account.id)
        day = self.formats.day(consent.given_at, account.timezone)
        choice = EmailChoice(f"You get this because you agreed to it on {day}.", url, STOP)
        email = self.templates.email(
            "campaigns/campaign", parts, zone=account.timezone, choice=choice
        )
        return Mail(email, parts, choice)

    def _link(self, campaign: Campaign, account: Account, developer: str, *, counted: bool) -> str:
        path = path_of(campaign.words.target, developer)
        if counted and path:
            return f"{self.site}/mail/click/{self.tokens.make(campaign.id, account.id)}"
        return f"{self.site}{path}" if path else ""


def path_of(target: Target, developer: str) -> str:
    """Where the button leads on this site; '' for no button. Without the developer, to all."""
    paths: Mapping[Target, str] = {
        Target.HOME: "/",
        Target.DEVELOPERS: "/developers",
        Target.DEVELOPER: f"/developers/{developer}" if developer else "/developers",
        Target.DASHBOARD: "/dashboard",
    }
    return paths.get(target, "")


def _one_line(text: str) -> str:
    return BREAKS.sub(" ", text).strip()


def _paragraphs(text: str) -> tuple[str, ...]:
    """Empty lines separate paragraphs."""
    lines = [line.strip() for line in text.strip().splitlines()]
    found, current = list[str](), list[str]()
    for line in [*lines, ""]:
        if line:
            current.append(line)
        elif current:
            found.append(" ".join(current))
            current = []
    return tuple(found)
