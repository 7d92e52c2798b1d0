"""Who gets what: every route with every caller and everybody's things, as a table to review.

`python -m tests.web.matrix` writes it to `matrix.txt`; the test compares. A change of who may
do what is a change of that file, and is reviewed as one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.routing import Rule

from tests.web.bodies import BODIES, CONFIRMED, STATES, Sent
from tests.web.cast import Cast, Person, cast
from tests.web.verdicts import CODES, refusal_of, verdict_of
from tests.web.wire import opened, sockets_of
from web.shared.access import Access, Who, declared

FILE = Path(__file__).with_name("matrix.txt")
NOT_ASKED = "."
OWN, FOREIGN, ABSENT, HIDDEN = "own", "foreign", "absent", "hidden"
KNOWN, UNSIGNED = "known", "unsigned"
OWNED = ("booking_id", "job_id", "payment_id", "session_id", "account_id", "developer_id")
OTHER = {"client2": "client", "dev2": "client"}
"""Whose things are foreign to whom; to all others it is the second client's."""
MISSING = {
    "booking_id": f"bkg_{'9' * 26}",
    "job_id": f"job_{'9' * 26}",
    "payment_id": f"pay_{'9' * 26}",
    "session_id": f"ses_{'9' * 26}",
    "account_id": f"acc_{'9' * 26}",
    "developer_id": f"dev_{'9' * 26}",
    "avatar_id": f"ava_{'9' * 26}",
    "provider": "nobody",
    "role": "admin",
    "link": f"acc_{'9' * 26}.token",
    "session": "no session",
    "number": "999",
    "filename": "nothing.css",
}
EVENTS = {"slots:watch": {"developer": MISSING["developer_id"]}}
"""What goes along with each event of the socket server."""


@dataclass(frozen=True)
class Row:
    """One question that everybody asks. `fresh`: with a code entered just now."""

    rule: Rule
    method: str
    access: Access
    thing: str
    fresh: bool

    @property
    def variable(self) -> str:
        return _variable(self.rule)

    @property
    def title(self) -> tuple[str, str, str, str, str]:
        code = ("fresh" if self.fresh else "stale") if self.access.fresh else "-"
        return self.method, self.rule.rule, self.access.who.value, self.thing or "-", code


@dataclass
class Answered:
    """`verdicts` by column. `refusals`: what else a refusal told, without what is only its own
    (ids, nonces, traces)."""

    row: Row
    verdicts: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)


def _variable(rule: Rule) -> str:
    """The thing in the path: the last variable, after which ones before it are settled."""
    return next(reversed(re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)), "")


def rows(made: Cast) -> Iterator[Row]:
    found = sorted(made.quart_app.url_map.iter_rules(), key=_place)
    for rule in found:
        access = declared(made.quart_app, rule.endpoint)
        assert access, rule.endpoint
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for thing in _things(rule):
                for fresh in (True, False) if access.fresh else (False,):
                    yield Row(rule, method, access, thing, fresh)


def _place(rule: Rule) -> tuple[bool, str, list[str]]:
    """Pages first, then the API."""
    return rule.rule.startswith("/api/"), rule.rule, sorted(rule.methods or ())


def _things(rule: Rule) -> tuple[str, ...]:
    variable = _variable(rule)
    if not variable:
        return ("",)
    if variable == "developer_id":
        return OWN, FOREIGN, HIDDEN, ABSENT
    if variable in OWNED:
        return OWN, FOREIGN, ABSENT
    return (KNOWN, UNSIGNED, ABSENT) if "webhooks" in rule.rule else (KNOWN, ABSENT)


async def ask(made: Cast) -> AsyncIterator[Answered]:
    for row in rows(made):
        answered = Answered(row)
        for person in made.people.values():
            thing = _thing(made, row, person)
            if thing is None:
                answered.verdicts[person.name] = NOT_ASKED
                continue
            await _put(made, answered, person, thing)
        yield answered


async def _put(made: Cast, answered: Answered, person: Person, thing: str) -> None:
    row = answered.row
    made.restore(fresh=row.fresh)
    body = BODIES.get(row.rule.endpoint, {})
    sent: Sent = body if isinstance(body, dict) else await body(made, person, _spoken(row, thing))
    path = row.rule.rule
    for name in row.rule.arguments:
        value = thing if name == row.variable else _known(made, name)
        path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
    answer = await person.ask(row.method, path, **sent)
    text = await answer.get_data(as_text=False)
    told = text.decode(errors="replace") if isinstance(text, bytes) else text
    verdict = answered.verdicts[person.name] = verdict_of(answer, told, path)
    if verdict not in ("yes", "away"):
        answered.refusals[person.name] = refusal_of(answer, told, thing)


def _spoken(row: Row, thing: str) -> str:
    return UNSIGNED if row.thing == UNSIGNED else thing


def _thing(made: Cast, row: Row, person: Person) -> str | None:
    """What stands in the path; None where somebody has no such thing."""
    if not row.variable:
        return ""
    if row.thing == ABSENT:
        return MISSING[row.variable]
    if row.thing == HIDDEN:
        return made.facts["draft"]
    if row.thing == FOREIGN:
        return _own(made.people[_other(row, person)], row)
    return _own(person, row) if row.thing == OWN else _known(made, row.variable)


def _other(row: Row, person: Person) -> str:
    if row.variable == "developer_id":
        return "dev2" if person.name != "dev2" else "dev"
    return OTHER.get(person.name, "client2")


def _own(person: Person, row: Row) -> str | None:
    booking = person.deal(STATES.get(row.rule.endpoint, CONFIRMED), row.access)
    if row.variable not in ("booking_id", "job_id", "payment_id"):
        return person.own.get(row.variable)
    if booking is None:
        return None
    names = {"booking_id": booking.id, "job_id": booking.job_id, "payment_id": booking.payment_id}
    return names[row.variable]


def _known(made: Cast, variable: str) -> str:
    return {
        "provider": "memory", "role": "client", "session": "session_123", "number": "1",
        "filename": "look.css", "link": made.facts["link"], "avatar_id": made.facts["avatar"],
    }[variable]  # fmt: skip


async def ask_sockets(made: Cast) -> AsyncIterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Each event of the socket server, and whether its owner's news reach an open socket."""
    async with sockets_of(made) as sockets:
        news: dict[str, str] = {}
        told: dict[str, dict[str, str]] = {event: {} for event in sorted(sockets.events)}
        for person in made.people.values():
            made.restore(fresh=False)
            async with opened(sockets, person) as wire:
                mine = person.account and f"account:{person.account.id}" in wire.rooms
                news[person.name] = "yes" if mine else "login"
                for event, verdicts in told.items():
                    verdicts[person.name] = _acknowledged(await wire.send(event, EVENTS[event]))
        yield ("socket", "(its owner's news)", Who.SIGNED_IN.value, OWN, "-"), news
        for event, verdicts in told.items():
            yield ("socket", event, sockets.events[event].who.value, KNOWN, "-"), verdicts


def _acknowledged(told: dict[str, Any]) -> str:
    return "yes" if told["ok"] else CODES.get(told["code"], str(told["code"]))


def table(found: list[Answered], heard: list[tuple[tuple[str, ...], dict[str, str]]]) -> str:
    """The head as it is, and a line for each row; columns of one width, so that a change is
    the change of one line."""
    head, _, _ = FILE.read_text(encoding="utf-8").partition("\nmethod ")
    lines = [("method", "route", "who", "thing", "code", *found[0].verdicts)]
    lines += [(*each.row.title, *each.verdicts.values()) for each in found]
    lines += [(*title, *verdicts.values()) for title, verdicts in heard]
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    padded = (
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return f"{head}\n" + "\n".join(padded) + "\n"


async def whole() -> tuple[list[Answered], str]:
    """Every answer, and the table of them."""
    made = await cast()
    found = [answered async for answered in ask(made)]
    return found, table(found, [heard async for heard in ask_sockets(made)])


def main() -> None:
    _, text = asyncio.run(whole())
    FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
