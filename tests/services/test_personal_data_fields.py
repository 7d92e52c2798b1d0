"""Every text that any repository stores about a person is exported, and is gone after erasure.

A person's story fills the repositories; then each text field of each of their rows gets a text of
its own (a canary), which must be found in the export and nowhere after the erasure. What a
capability declares as `withheld` or `kept` is excepted, and must be declared for a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any

import orjson
import pytest

from core.accounts import Account, AccountId, Role
from core.bookings import Booking
from core.developers import DeveloperId
from core.policy import HOUR
from onehour.testing.pictures_samples import BLUE, plain
from onehour.testing.samples import all_samples
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import CALLER, MemoryApp
from tests.services.test_personal_data import (
    book,
    completed,
    leave_traces,
    paid,
    tables,
)

REFERENCES = frozenset(
    "id key what kind actor account accounts currency provider issuer previous seal last lease "
    "account_id booking_id client_id developer_id job_id order_id payment_id captured method "
    "subject checkout_url visit purpose token digest nonce session stem sender chat "
    "blocked_by".split()
)
"""Names of fields with identifiers, kinds, hashes and tokens that the platform itself makes up."""
UNIQUE = frozenset({"email", "new_email", "timezone", "avatar", "start", "end"})
"""Fields whose form is checked or which are keys. The story gives them a value of their own, so
that it serves as the canary."""
STORED_AS = {"effects": "outbox", "request_keys": "idempotency_keys", "journeys": "oauth_states"}
"""Collections of MongoDB that still have their first name."""
NOT_OF_PEOPLE = {"periodic_jobs", "findings", "skill_words", "session_changes"}
OF_THE_CLIENT = {"bookings.brief", "bookings.files"}
"""What the client wrote stays when the developer's account is erased."""
ZONE = "Pacific/Chatham"
NAME = "Zubeida Canary"


def texts(value: Any, path: str, *, of: str | None = None) -> Iterator[tuple[str, str]]:
    """Each text within a value with its path, but for the parts of a party other than `of`."""
    if isinstance(value, Enum):
        return
    if isinstance(value, str):
        if path.rpartition(".")[2] not in REFERENCES:
            yield path, value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from texts(one, f"{path}.{name}", of=of)
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from texts(one, path, of=of)
    elif is_dataclass(value) and (of is None or getattr(value, "account_id", of) == of):
        for part in fields(value):
            yield from texts(getattr(value, part.name), f"{path}.{part.name}", of=of)


def changed(value: Any, path: str, change: Callable[[str, str], str], *, of: str) -> Any:
    """The value with every text that `texts` finds replaced."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return change(path, value) if path.rpartition(".")[2] not in REFERENCES else value
    if isinstance(value, Mapping):
        return {name: changed(one, f"{path}.{name}", change, of=of) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(changed(one, path, change, of=of) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        if getattr(value, "account_id", of) != of:
            return value
        parts = {
            part.name: changed(getattr(value, part.name), f"{path}.{part.name}", change, of=of)
            for part in fields(value)
            if part.init
        }
        return replace(value, **parts)
    return value


@dataclass
class Canaries:
    """The canary of each path, after planting."""

    account: Account
    planted: dict[str, set[str]]

    def add(self, path: str, canary: str) -> str:
        self.planted.setdefault(path, set()).add(canary)
        return canary


def declared(which: str) -> dict[str, str]:
    """What all capabilities keep or withhold, with the reasons."""
    merged = dict[str, str]()
    for record in CAPABILITIES:
        merged |= getattr(record.personal_data, which, {})
    return merged


def excepted(path: str, exceptions: Mapping[str, str]) -> bool:
    return any(path == name or path.startswith(f"{name}.") for name in exceptions)


def plant(app: MemoryApp, account: Account, ids: set[str]) -> Canaries:
    """Into every row that names the person, their profiles, bookings or addresses."""
    canaries = Canaries(account, {})

    def change(path: str, text: str) -> str:
        if not text or path.rpartition(".")[2] in UNIQUE:
            return canaries.add(path, text) if text else text
        if path in OF_THE_CLIENT and Role.CLIENT not in account.roles:
            return text
        number = sum(len(found) for found in canaries.planted.values())
        return canaries.add(path, f"canary-{number:04d}-end")

    for name, rows in tables(app).items():
        for key, row in list(rows.items()):
            if ":unique" not in name and name != "outbox" and any(i in repr(row) for i in ids):
                path = name.removeprefix("documents:")
                app.store._tables.put(name, key, changed(row, path, change, of=account.id))  # type: ignore[attr-defined]
    return canaries


def found_in(app: MemoryApp, canary: str) -> set[str]:
    """The tables in which it still is."""
    return {
        name
        for name, rows in tables(app).items()
        if name != "outbox"
        for key, row in rows.items()
        if canary in f"{key!r} {row!r}"
    }


async def a_client(app: MemoryApp) -> tuple[Account, set[str]]:
    account, _ = await app.client(NAME)
    await app.services.accounts.update(account.id, name=NAME, timezone=ZONE)
    await app.services.clients.update(by=account.id, phone="9876501234")
    await app.services.avatars.change(by=account.id, upload=plain("PNG", (300, 300), BLUE))
    lucia = await app.developer()
    done = await completed(app, account, lucia)
    start = app.clock.now() + 120 * HOUR
    held = await book(app, account, lucia, start=start)
    await app.store.repositories.bookings.save(replace(held, files=("fil_2",)))
    called_off = await paid(app, held)
    await app.services.answers.decline(called_off.id, by=lucia.account_id, reason="I travel.")
    await app.run()
    await leave_traces(app, account)
    await written(app, account.id, lucia.id, by=account.id)
    return await _current(app, account.id), _ids(account, "", done, called_off)


async def a_developer(app: MemoryApp) -> tuple[Account, set[str]]:
    meera, _ = await app.client()
    yolanda = await app.developer(NAME, bio="A bio", headline="A headline")
    account = await _current(app, AccountId(yolanda.account_id))
    await app.services.accounts.update(account.id, name=NAME, timezone=ZONE)
    await app.services.avatars.change(by=account.id, upload=plain("PNG", (300, 300), BLUE))
    booking = await paid(app, await book(app, meera, yolanda))
    await written(app, meera.id, yolanda.id, by=account.id)
    await app.services.answers.decline(booking.id, by=account.id, reason="I travel.")
    await app.run()
    return await _current(app, account.id), _ids(account, yolanda.id, booking)


async def written(app: MemoryApp, client: str, developer: DeveloperId, *, by: str) -> None:
    """A message of the person with files, in the chat of the two."""
    chat = await app.services.chats.open_with_developer(developer, by=client)
    sent = await app.services.messages.send(chat.id, by=by, body="Hello.", client_id="m-1")
    await app.store.repositories.messages.save(
        replace(sent, files=("fil_1",), file_names=("a plan.txt",))
    )
    await app.services.chat_summaries.settle()


def _ids(account: Account, profile_id: str, *bookings: Booking) -> set[str]:
    of_bookings = {each for booking in bookings for each in (booking.id, booking.payment_id)}
    return {account.id, account.email, "zubeida-new@example.org", *of_bookings} | (
        {profile_id} if profile_id else set()
    )


async def _current(app: MemoryApp, account_id: AccountId) -> Account:
    return await app.store.repositories.accounts.get(account_id)


STORIES = {Role.CLIENT: a_client, Role.DEVELOPER: a_developer}


@pytest.fixture(params=STORIES)
async def canaries(app: MemoryApp, request: pytest.FixtureRequest) -> Canaries:
    account, ids = await STORIES[request.param](app)
    return plant(app, account, ids)


async def test_every_text_about_a_person_is_in_the_export(
    app: MemoryApp, canaries: Canaries
) -> None:
    account = await _current(app, canaries.account.id)
    document = orjson.dumps(await app.services.personal_data.export(account, CALLER)).decode()

    missing = {
        path
        for path, found in canaries.planted.items()
        if not excepted(path, declared("withheld"))
        if not all(canary in document for canary in found)
    }
    assert missing == set()


async def test_no_text_about_a_person_is_left_after_erasure(
    app: MemoryApp, canaries: Canaries
) -> None:
    account = await _current(app, canaries.account.id)
    await app.services.personal_data.erase(account, CALLER)
    await app.run()
    await app.pass_time(2 * HOUR)

    kept = {
        canary
        for path, found in canaries.planted.items()
        if excepted(path, declared("kept"))
        for canary in found
    }
    left = {
        path: where
        for path, found in canaries.planted.items()
        for canary in found - kept
        if (where := found_in(app, canary))
    }
    assert left == {}


async def test_every_text_field_of_every_repository_is_covered(app: MemoryApp) -> None:
    """A new field, or a new capability, fails here until the stories above plant it."""
    planted = set[str]()
    for story in STORIES.values():
        each = MemoryApp()
        account, ids = await story(each)
        planted |= set(plant(each, account, ids).planted)
    exceptions = declared("kept") | declared("withheld")
    stored = {
        path
        for sample in all_samples()
        for name in [STORED_AS.get(sample.collection, sample.collection)]
        if name not in NOT_OF_PEOPLE
        for path, _ in texts(sample.expected, name)
    }

    assert {path for path in stored - planted if not excepted(path, exceptions)} == set()


async def test_every_exception_is_about_a_repository_there_is(app: MemoryApp) -> None:
    documents = {kind.collection for kind in documents_of(CAPABILITIES)}
    repositories = app.store.repository_names | documents
    for which in ("kept", "withheld"):
        for path, reason in declared(which).items():
            assert path.partition(".")[0] in repositories, path
            assert reason.strip(), path
