"""Notifications over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StrictBool, StringConstraints
from quart import Blueprint, Response, request
from quart_schema import document_response, tag, validate_querystring, validate_request
from typing_extensions import TypedDict

from core.notice_preferences import NoticePreferences, QuietHours
from core.notifications import Area, Notification
from core.push_subscriptions import ENDPOINT_MAXIMUM
from ports.mail import ForgedReport
from services.notifications import PushOff
from web.shared.access import Who, allow
from web.shared.api import API, Body, Done, Paging, json_response, page_response, raw_body
from web.shared.context import me, services, site
from web.shared.cookies import caller
from web.shared.notices import NoticeLine, lines
from web.shared.openapi import document_errors

blueprint = Blueprint("api_notifications", __name__, url_prefix=API)
about = tag(["Notifications"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class NotificationQuery(Paging):
    """`unread`: only those that are not read; otherwise `area` may name one area."""

    unread: bool = False
    area: Area | None = None


class NotificationSchema(TypedDict):
    """`url` is the page it is about. `read_at` is null as long as it is unread."""

    id: str
    kind: str
    area: Area
    at: datetime
    heading: str
    detail: str
    url: str
    booking_id: str | None
    read_at: datetime | None


class ListedNotifications(TypedDict):
    """`unread` is the number of unread ones of the account; it is counted up to 100."""

    items: list[NotificationSchema]
    next: str | None
    unread: int


class ReadBody(Body):
    """The ids to mark as read, or `all`."""

    ids: list[Name] = Field(default_factory=list, max_length=100)
    all: StrictBool = False


class UnreadSchema(TypedDict):
    unread: int


class QuietBody(Body):
    """Local times of the account's time zone, as 22:00. They may include midnight."""

    start: str = Field(max_length=5)
    end: str = Field(max_length=5)


class ChoiceBody(Body):
    group: Name
    channel: Name
    on: StrictBool


class PreferencesBody(Body):
    """`choices` that are left out stay as they are. Without `quiet` there are no quiet hours."""

    choices: list[ChoiceBody] = Field(default_factory=list, max_length=200)
    quiet: QuietBody | None = None


class KeysBody(Body):
    """The public key and the secret of the browser, in base64url."""

    p256dh: str = Field(max_length=200)
    auth: str = Field(max_length=100)


class EndpointBody(Body):
    """The address of the push service for one browser."""

    endpoint: str = Field(max_length=ENDPOINT_MAXIMUM)


class SubscriptionBody(EndpointBody):
    keys: KeysBody


class ChoiceSchema(TypedDict):
    """`always`: it cannot be turned off."""

    channel: str
    on: bool
    always: bool


class GroupSchema(TypedDict):
    """One group of kinds. `always` is the reason why parts of it cannot be turned off, or null."""

    group: str
    label: str
    about: str
    always: str | None
    choices: list[ChoiceSchema]


class QuietSchema(TypedDict):
    start: str
    end: str


class PreferencesSchema(TypedDict):
    """`push_key` is the public key with which browsers subscribe, or null where the site sends no
    messages to browsers."""

    groups: list[GroupSchema]
    quiet: QuietSchema | None
    timezone: str
    push_key: str | None


@blueprint.get("/notifications")
@allow(Who.SIGNED_IN)
@about
@validate_querystring(NotificationQuery)
@document_response(ListedNotifications)
async def index(query_args: NotificationQuery) -> Response:
    """The notifications of the account, newest first."""
    page = await services().notifications.page(
        by=me().id,
        unread=query_args.unread,
        area=query_args.area,
        limit=query_args.limit,
        cursor=query_args.cursor,
    )
    unread = await services().notifications.unread(by=me().id)
    worded = await lines(page.items)
    items = [_schema(each, line) for each, line in zip(page.items, worded, strict=True)]
    return page_response(items, page.next, unread=unread)


@blueprint.post("/notifications/read")
@allow(Who.SIGNED_IN)
@about
@validate_request(ReadBody)
@document_response(UnreadSchema)
async def read(data: ReadBody) -> Response:
    """Mark notifications as read. Unknown ids have no effect."""
    await services().notifications.read(data.ids, by=me().id)
    if data.all:
        await services().notifications.read_all(by=me().id)
    return json_response({"unread": await services().notifications.unread(by=me().id)})


@blueprint.get("/notifications/preferences")
@allow(Who.SIGNED_IN)
@about
@document_response(PreferencesSchema)
async def preferences() -> Response:
    """What reaches the account on which channel, and its quiet hours."""
    return json_response(_preferences(await services().notice_preferences.find(by=me().id)))


@blueprint.put("/notifications/preferences")
@allow(Who.SIGNED_IN)
@about
@validate_request(PreferencesBody)
@document_response(PreferencesSchema)
async def save(data: PreferencesBody) -> Response:
    """Change choices and quiet hours. What is always on cannot be turned off."""
    quiet = QuietHours(data.quiet.start, data.quiet.end) if data.quiet else None
    chosen = {(each.group, each.channel): each.on for each in data.choices}
    changed = await services().notice_preferences.change(chosen, quiet, by=me().id)
    return json_response(_preferences(changed))


@blueprint.post("/notifications/push")
@allow(Who.SIGNED_IN)
@about
@validate_request(SubscriptionBody)
@document_response(Done)
@document_errors(PushOff)
async def subscribe(data: SubscriptionBody) -> Response:
    """Send messages to this browser: its `PushSubscription` as JSON. The site's public key is
    `push_key` of the preferences."""
    await services().push.subscribe(
        by=me().id,
        endpoint=data.endpoint,
        key=data.keys.p256dh,
        secret=data.keys.auth,
        device=caller().device,
    )
    return json_response({"status": "ok"})


@blueprint.delete("/notifications/push")
@allow(Who.SIGNED_IN)
@about
@validate_request(EndpointBody)
@document_response(Done)
async def unsubscribe(data: EndpointBody) -> Response:
    """Send no more messages to this browser. Unknown ones have no effect."""
    await services().push.unsubscribe(data.endpoint, by=me().id)
    return json_response({"status": "ok"})


def _schema(each: Notification, line: NoticeLine) -> NotificationSchema:
    return {
        "id": each.id,
        "kind": each.notice,
        "area": each.area,
        "at": each.at,
        "heading": line.heading,
        "detail": line.detail,
        "url": f"{site().base_url}{line.path or '/notifications'}",
        "booking_id": each.booking_id or None,
        "read_at": each.read_at,
    }


def _preferences(stored: NoticePreferences) -> PreferencesSchema:
    groups: list[GroupSchema] = [
        {
            "group": row.group.name,
            "label": row.group.label,
            "about": row.group.about,
            "always": row.group.always or None,
            "choices": [
                {"channel": each.channel, "on": each.on, "always": each.always}
                for each in row.choices
            ],
        }
        for row in services().notice_preferences.choices(stored)
    ]
    quiet: QuietSchema | None = None
    if stored.quiet:
        quiet = {"start": stored.quiet.start, "end": stored.quiet.end}
    return {
        "groups": groups,
        "quiet": quiet,
        "timezone": me().timezone,
        "push_key": services().push.public_key or None,
    }


@blueprint.post("/webhooks/mail")
@allow(Who.GATEWAY)
@tag(["Webhooks"])
@document_response(Done)
@document_errors(ForgedReport)
async def reports() -> Response:
    """What the mail provider reports about sent e-mails; a repeated one changes nothing."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    await services().mail_reports.receive(headers, await raw_body())
    return json_response({"status": "ok"})
