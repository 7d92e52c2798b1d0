"""What the API takes and answers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Literal, cast

from pydantic import AwareDatetime, Field
from typing_extensions import TypedDict

from plugins.api import Body, Role
from plugins.campaigns.audience import Counts
from plugins.campaigns.consents import Consent, Topic
from plugins.campaigns.model import Campaign, Segment, Since, Target, Words
from plugins.campaigns.results import Line, Results

ROLES = Literal["client", "developer"]


class SegmentBody(Body):
    role: ROLES = "client"
    since: Since = Since.ANY
    days: int = Field(default=60, ge=1, le=3_650)
    skill: str = Field(default="", max_length=60)
    zone: str = Field(default="", max_length=60)
    language: str = Field(default="", max_length=20)

    def segment(self) -> Segment:
        return Segment(Role(self.role), self.since, self.days, self.skill, self.zone, self.language)


class WordsBody(Body):
    subject: str = ""
    line: str = ""
    text: str = ""
    button: str = ""
    target: Target = Target.NONE

    def words(self) -> Words:
        return Words(self.subject, self.line, self.text, self.button, self.target)


class CreateBody(Body):
    name: str


class ChangeBody(Body):
    """What is left out stays as it is."""

    name: str | None = None
    topic: Topic | None = None
    segment: SegmentBody | None = None
    words: WordsBody | None = None


class TrialBody(Body):
    """`reader` is the account with whose data the mail is filled in."""

    reader: str = Field(max_length=60)


class ScheduleBody(Body):
    """At once without `starts_at`; `rate` is in mails an hour."""

    starts_at: AwareDatetime | None = None
    rate: int = Field(default=200, ge=1, le=100_000)


class SegmentSchema(TypedDict):
    """As `Segment`; nothing is left out, as it may be in what is sent (`SegmentBody`)."""

    role: str
    since: str
    days: int
    skill: str
    zone: str
    language: str


class WordsSchema(TypedDict):
    """As `Words`."""

    subject: str
    line: str
    text: str
    button: str
    target: str


class CampaignSchema(TypedDict):
    id: str
    name: str
    state: str
    topic: str
    segment: SegmentSchema
    words: WordsSchema
    starts_at: datetime | None
    rate: int
    created_at: datetime
    saved_at: datetime
    changed_at: datetime | None
    by: str
    reason: str


class CampaignPage(TypedDict):
    items: list[CampaignSchema]
    next: str | None


class CountSchema(TypedDict):
    agreed: int
    other: int
    returns: int
    enough: int
    gets: int
    more: bool


class CampaignDetails(CampaignSchema):
    count: CountSchema


class LineSchema(TypedDict):
    zone: str
    sent: int
    delivered: int
    bounced: int
    complained: int
    clicked: int
    withdrew: int
    clicks_counted: int


class DaySchema(TypedDict):
    day: str
    clicks: int


class StatsSchema(TypedDict):
    progress: dict[str, int]
    total: LineSchema
    zones: list[LineSchema]
    days: list[DaySchema]


class ConsentSchema(TypedDict):
    email: str
    topics: list[str]
    clicks: bool


def campaign(each: Campaign) -> CampaignSchema:
    return {
        "id": each.id,
        "name": each.name,
        "state": each.state,
        "topic": each.topic,
        "segment": cast(SegmentSchema, asdict(each.segment)),
        "words": cast(WordsSchema, asdict(each.words)),
        "starts_at": each.starts_at,
        "rate": each.rate,
        "created_at": each.created_at,
        "saved_at": each.saved_at,
        "changed_at": each.changed_at,
        "by": each.by,
        "reason": each.reason,
    }


def count(each: Counts) -> CountSchema:
    return {
        "agreed": each.agreed,
        "other": each.other,
        "returns": each.returns,
        "enough": each.enough,
        "gets": each.gets,
        "more": each.more,
    }


def stats(results: Results) -> StatsSchema:
    return {
        "progress": {str(name): number for name, number in results.progress.items()},
        "total": _line(results.total),
        "zones": [_line(each) for each in results.zones],
        "days": [{"day": day.isoformat(), "clicks": clicks} for day, clicks in results.days],
    }


def consent(email: str, each: Consent) -> ConsentSchema:
    return {"email": email, "topics": [str(topic) for topic in each.topics], "clicks": each.clicks}


def _line(each: Line) -> LineSchema:
    return {
        "zone": each.zone,
        "sent": each.sent,
        "delivered": each.delivered,
        "bounced": each.bounced,
        "complained": each.complained,
        "clicked": each.clicked,
        "withdrew": each.withdrew,
        "clicks_counted": each.counted,
    }
