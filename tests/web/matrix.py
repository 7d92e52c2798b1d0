"""The access matrix: every route with every caller and what they own, as a table to review.

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

from quart import Response
from werkzeug.routing import Rule

from tests.web.every_role import Person, SiteWithEveryRole, build_site_with_every_role
from tests.web.outcomes import CODES, outcome_of, refusal_of
from tests.web.route_samples import CONFIRMED, PathVariable, Sent, all_samples
from tests.web.sockets import SocketRefused, open_socket, sockets_of
from web.shared.access import Access, Who, access_of

FILE = Path(__file__).with_name("matrix.txt")
NOT_ASKED = "."
OWN, FOREIGN, ABSENT, HIDDEN = "own", "foreign", "absent", "hidden"
KNOWN, UNSIGNED = "known", "unsigned"


@dataclass(frozen=True)
class Row:
    """One request that every caller sends. `fresh`: with a code entered just now."""

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
        code = ("fresh" if self.fresh else "stale") if self.access.step_up else "-"
        return self.method, self.rule.rule, self.access.who.value, self.thing or "-", code


@dataclass
class Answered:
    """`outcomes` by column. `refusals`: the whole answers that refuse, without what
    differs each time (ids, nonces, traces)."""

    row: Row
    outcomes: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)


def _variable(rule: Rule) -> str:
    """The thing in the path: the last variable that somebody owns, or else the last one. The others
    are known to everybody."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)
    owned = [name for name in names if all_samples().variables[name].own]
    return next(reversed(owned or names), "")


def rows(site: SiteWithEveryRole) -> Iterator[Row]:
    found = sorted(site.quart_app.url_map.iter_rules(), key=_place)
    for rule in found:
        access = access_of(site.quart_app, rule.endpoint)
        assert access, rule.endpoint
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for thing in _things(rule, access):
                for fresh in (True, False) if access.step_up else (False,):
                    yield Row(rule, method, access, thing, fresh)


def _place(rule: Rule) -> tuple[bool, str, list[str]]:
    """Pages first, then the API."""
    return rule.rule.startswith("/api/"), rule.rule, sorted(rule.methods or ())


def _things(rule: Rule, access: Access) -> tuple[str, ...]:
    name = _variable(rule)
    if not name:
        return ("",)
    variable = all_samples().variables[name]
    if variable.own:
        return (OWN, FOREIGN, HIDDEN, ABSENT) if variable.hidden else (OWN, FOREIGN, ABSENT)
    return (KNOWN, UNSIGNED, ABSENT) if access.who is Who.GATEWAY else (KNOWN, ABSENT)


async def ask(site: SiteWithEveryRole) -> AsyncIterator[Answered]:
    for row in rows(site):
        answered = Answered(row)
        for person in site.people.values():
            thing = thing_of(site, row, person)
            if thing is None:
                answered.outcomes[person.name] = NOT_ASKED
                continue
            await _put(site, answered, person, thing)
        yield answered


async def _put(site: SiteWithEveryRole, answered: Answered, person: Person, thing: str) -> None:
    row = answered.row
    answer, _ = await send(site, row, person, thing)
    content = await answer.get_data(as_text=False)
    text = content.decode(errors="replace") if isinstance(content, bytes) else content
    outcome = answered.outcomes[person.name] = outcome_of(answer, text)
    if outcome not in ("yes", "away"):
        answered.refusals[person.name] = refusal_of(answer, text, thing)


async def send(
    site: SiteWithEveryRole, row: Row, person: Person, thing: str
) -> tuple[Response, Sent]:
    """The answer to one request in the kept state, and what was sent with it."""
    path, sent = await prepared(site, row, person, thing)
    return await person.ask(row.method, path, **sent), sent


async def prepared(
    site: SiteWithEveryRole, row: Row, person: Person, thing: str
) -> tuple[str, Sent]:
    """The path of the request and what is sent with it, in the kept state."""
    site.restore(fresh=row.fresh)
    body = all_samples().bodies.get(row.rule.endpoint, {})
    sent = body if isinstance(body, dict) else await body(site, person, _spoken(row, thing))
    path = row.rule.rule
    for name in row.rule.arguments:
        value = thing if name == row.variable else _known(site, name)
        path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
    return path, sent


def _spoken(row: Row, thing: str) -> str:
    return UNSIGNED if row.thing == UNSIGNED else thing


def thing_of(site: SiteWithEveryRole, row: Row, person: Person) -> str | None:
    """The value in the path; None where the person has no such thing."""
    if not row.variable:
        return ""
    variable = all_samples().variables[row.variable]
    if row.thing == OWN:
        return _own(variable, person, row)
    if row.thing == FOREIGN:
        return _own(variable, site.people[variable.foreign_to(person.name)], row)
    if row.thing == ABSENT:
        return variable.absent
    if row.thing == HIDDEN:
        assert variable.hidden, f"{row.variable}: no value for {row.thing}"
        return variable.hidden(site)
    return _known(site, row.variable)


def _known(site: SiteWithEveryRole, name: str) -> str:
    known = all_samples().variables[name].known
    assert known, f"{name}: nothing is known to everybody"
    return known(site)


def _own(variable: PathVariable, person: Person, row: Row) -> str | None:
    assert variable.own, f"{row.variable}: nobody owns one"
    state = all_samples().states.get(row.rule.endpoint, CONFIRMED)
    return variable.own(person, person.booking_in(state, row.access))


async def ask_sockets(
    site: SiteWithEveryRole,
) -> AsyncIterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Each event of the socket server, and whether a socket receives the events of its owner."""
    events = all_samples().events
    async with sockets_of(site) as sockets:
        news: dict[str, str] = {}
        text: dict[str, dict[str, str]] = {event: {} for event in sorted(sockets.events)}
        for person in site.people.values():
            site.restore(fresh=False)
            try:
                async with open_socket(sockets, person) as socket:
                    mine = person.account and f"account:{person.account.id}" in socket.rooms
                    news[person.name] = "yes" if mine else "login"
                    for event, outcomes in text.items():
                        data = events[event]
                        answer = await socket.send(event, data(person) if callable(data) else data)
                        outcomes[person.name] = _acknowledged(answer)
            except SocketRefused as refused:
                for outcomes in (news, *text.values()):
                    outcomes[person.name] = _acknowledged({"ok": False, "code": refused.code})
        yield ("socket", "(its owner's news)", Who.SIGNED_IN.value, OWN, "-"), news
        for event, outcomes in text.items():
            yield ("socket", event, sockets.events[event].who.value, KNOWN, "-"), outcomes


def _acknowledged(text: dict[str, Any]) -> str:
    return "yes" if text["ok"] else CODES.get(text["code"], str(text["code"]))


def table(found: list[Answered], socket_rows: list[tuple[tuple[str, ...], dict[str, str]]]) -> str:
    """The present head, and a line for each row; columns of one width, so that a change is
    the change of one line."""
    head, _, _ = FILE.read_text(encoding="utf-8").partition("\nmethod ")
    lines = [("method", "route", "who", "thing", "code", *found[0].outcomes)]
    lines += [(*each.row.title, *each.outcomes.values()) for each in found]
    lines += [(*title, *outcomes.values()) for title, outcomes in socket_rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    padded = (
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return f"{head}\n" + "\n".join(padded) + "\n"


async def whole() -> tuple[list[Answered], str]:
    """Every answer, and the table of them."""
    site = await build_site_with_every_role()
    found = [answered async for answered in ask(site)]
    return found, table(found, [each async for each in ask_sockets(site)])


def main() -> None:
    _, text = asyncio.run(whole())
    FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
