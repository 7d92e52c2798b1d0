"""Chats of everybody with a booking, with one message of each."""

from __future__ import annotations

from collections.abc import Callable

from core.chats import chat_id
from core.developers import DeveloperId
from core.files import Purpose
from tests.builders.files import final
from tests.web.every_role import Person, SiteWithEveryRole
from tests.web.route_samples import NO_BODY, PathVariable, RouteSamples

NO_CHAT = f"cht_{'9' * 26}"
PEOPLE = ("client", "client2", "dev", "dev2", "bothC", "bothD", "token")


async def prepare(site: SiteWithEveryRole) -> None:
    services = site.app.services
    for name in PEOPLE:
        person = site.people[name]
        assert person.account
        booking = next(iter(person.bookings.values()))
        chat = await services.chats.open_for_booking(booking.id, by=person.account.id)
        file = await final(site.app, person.account.id, purpose=Purpose.CHAT)
        await services.messages.send(
            chat.id, by=person.account.id, body="Hello.", client_id=f"of-{name}", files=[file.id]
        )
        person.own["chat_id"] = chat.id
        if name == "client2" and "report" not in site.facts:
            report = await services.chat_reports.report(
                chat.id, by=person.account.id, reason="Asks for payment outside of the site."
            )
            site.facts["report"], site.facts["chat_file"] = report.id, file.id
    await services.chat_summaries.settle()


def in_own_chat(**data: object) -> Callable[[Person], dict[str, object]]:
    """The data of an event about the chat of the person, if it has one."""
    return lambda person: {"chat": person.own.get("chat_id", NO_CHAT), **data}


async def with_developer(site: SiteWithEveryRole, person: Person, thing: str) -> dict[str, object]:
    return {"json": {"with": site.people["dev"].own["developer_id"]}}


SAMPLES = RouteSamples(
    bodies={
        "api_chats.open_chat": with_developer,
        "api_chats.send": {"json": {"client_id": "m-1", "body": "When do we meet?"}},
        "api_chats.edit": {"json": {"body": "When shall we meet?"}},
        "api_chats.delete": NO_BODY,
        "api_chats.read": {"json": {"seq": 1}},
        "api_chats.block": NO_BODY,
        "api_chats.unblock": NO_BODY,
        "chats.send": {"form": {"body": "When do we meet?"}},
        "chats.edit": {"form": {"body": "When shall we meet?"}},
        "chats.delete": NO_BODY,
        "chats.read": {"form": {"seq": "1"}},
        "chats.block": NO_BODY,
        "chats.unblock": NO_BODY,
        "chat_reports.report": {"form": {"reason": "Asks for payment outside of the site."}},
        "chat_reports.take_back": NO_BODY,
        "chat_reports.close": NO_BODY,
        "api_chat_reports.report": {"json": {"reason": "Asks for payment outside of the site."}},
        "api_chat_reports.take_back": NO_BODY,
        "chat_opening.write_to_developer": {"form": {"body": "When do we meet?"}},
        "chat_opening.write_for_booking": {"form": {"body": "When do we meet?"}},
    },
    variables={
        "chat_id": PathVariable(
            example=lambda site: chat_id(site.client.id, DeveloperId(site.developer_id)),
            own=lambda person, booking: person.own.get("chat_id"),
            absent=NO_CHAT,
        ),
        "report_id": PathVariable(
            example=lambda site: site.report_id,
            known=lambda site: site.facts["report"],
            absent="rep_none",
        ),
        "chat_file_id": PathVariable(
            example=lambda site: site.chat_file_id,
            known=lambda site: site.facts["chat_file"],
            absent="fil_none",
        ),
        "seq": PathVariable(
            example=lambda site: "1", known=lambda site: "1", absent="999"
        ),  # written by the client of each chat
    },
    events={
        "chat:open": in_own_chat(),
        "chat:close": in_own_chat(),
        "chat:here": in_own_chat(),
        "chat:send": in_own_chat(client_id="m-1", body="When do we meet?"),
        "chat:sync": in_own_chat(after=0),
        "chat:typing": in_own_chat(),
        "chat:read": in_own_chat(seq=1),
    },
    prepare=prepare,
)
