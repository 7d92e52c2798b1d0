"""The page on which a draft is written, and its parts that follow what is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from quart import render_template

from plugins.api import Account, Invalid, now
from plugins.campaigns import forms
from plugins.campaigns.audience import Candidate
from plugins.campaigns.consents import TOPICS
from plugins.campaigns.mails import Mail
from plugins.campaigns.model import Campaign
from plugins.campaigns.service import CampaignService
from plugins.campaigns.words import WORDS, EmptyWord, TooMuch

READERS = 20
"""People with whose data a mail can be looked at."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The mail to `reader`, one of `readers`; without a mail, `problem` says why. `is_wrong`: what
    is typed must change."""

    readers: tuple[Candidate, ...]
    reader: Candidate | None = None
    mail: Mail | None = None
    problem: str = ""
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Editor:
    campaigns: CampaignService
    viewer: Account

    async def page(
        self, campaign: Campaign, typed: forms.Fields, errors: forms.Fields, *, done: str = ""
    ) -> str:
        """The whole page. `done`: 'saved' or 'tried'."""
        form = {**_plan(campaign), **forms.fields_of(campaign), **typed}
        return await render_template(
            "campaigns/edit.html",
            campaign=campaign,
            form=form,
            errors=errors,
            count=await self._counts(campaign),
            preview=await self._look(campaign, form),
            labels=forms,
            topics=TOPICS,
            words=WORDS,
            limits=self.campaigns.settings,
            done=done,
        )

    async def count(self, campaign: Campaign) -> str:
        counts = await self._counts(campaign)
        return await render_template("campaigns/_count.html", count=counts, swapped=True)

    async def preview(self, campaign: Campaign, typed: forms.Fields) -> str:
        look = await self._look(campaign, typed)
        return await render_template("campaigns/_preview.html", preview=look)

    async def _counts(self, campaign: Campaign) -> object:
        return await self.campaigns.count(
            campaign.id, campaign.topic, campaign.segment, zone=self.viewer.timezone
        )

    async def _look(self, campaign: Campaign, form: Mapping[str, str]) -> Preview:
        try:
            topic, segment, words = (
                forms.topic_of(form),
                forms.segment_of(form),
                forms.words_of(form),
            )
        except Invalid:
            topic, segment, words = campaign.topic, campaign.segment, campaign.words
        found = await self.campaigns.readers(campaign.id, topic, segment, limit=READERS)
        if not found:
            return Preview((), problem="Nobody gets it yet, so there is nothing to show.")
        chosen = form.get("reader", "")
        reader = next((each for each in found if each.account.id == chosen), found[0])
        if not (words.subject.strip() and words.text.strip()):
            return Preview(tuple(found), reader, problem="Write a subject and a text first.")
        try:
            mail = await self.campaigns.preview(campaign, words, reader, by=self.viewer)
        except EmptyWord as error:
            problem = f"“{error.word}” is empty for {reader.account.name}, who gets no mail."
            return Preview(tuple(found), reader, problem=problem)
        except TooMuch:
            too_long = "The text becomes too long."
            return Preview(tuple(found), reader, problem=too_long, is_wrong=True)
        except Invalid as error:
            return Preview(tuple(found), reader, problem=_said(error), is_wrong=True)
        return Preview(tuple(found), reader, mail)


def _said(error: Invalid) -> str:
    """What is wrong in which field."""
    return " ".join(f"{forms.FIELD_LABELS[name]}: {why}" for name, why in error.fields.items())


def _plan(campaign: Campaign) -> dict[str, str]:
    """The suggested start: tomorrow at ten."""
    tomorrow = now() + timedelta(days=1)
    return {"day": f"{tomorrow:%Y-%m-%d}", "clock": "10:00", "rate": str(campaign.rate)}
