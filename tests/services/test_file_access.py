"""Who may see a file: every state, every thing it is attached to, everybody who asks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from core.accounts import Account, AccountId
from core.errors import NotFound
from core.files import FileId, Purpose, State, StoredFile
from services.files.documents import FILES
from tests.app import CALLER, MemoryApp
from tests.builders.files import final

PURPOSES = {
    "job": Purpose.DELIVERY, "booking": Purpose.BRIEF, "chat": Purpose.CHAT,
    "foreign job": Purpose.DELIVERY, "foreign chat": Purpose.CHAT,
    "unknown": Purpose.EVIDENCE, "": Purpose.DELIVERY,
}  # fmt: skip


@dataclass
class People:
    owner: Account
    other: Account
    stranger: Account
    admin: Account
    things: dict[str, str]


@pytest.fixture
async def people(app: MemoryApp) -> People:
    meera, rohan = (await app.client())[0], (await app.client("Rohan"))[0]
    lucia, arjun = await app.developer(), await app.developer("Arjun")
    booking, foreign = await app.confirmed(meera, lucia), await app.confirmed(rohan, arjun)
    chat = await app.services.chats.open_for_booking(booking.id, by=meera.id)
    foreign_chat = await app.services.chats.open_for_booking(foreign.id, by=rohan.id)
    things = {
        "job": (await app.job(booking)).id, "booking": booking.id, "chat": chat.id,
        "foreign job": (await app.job(foreign)).id, "foreign chat": foreign_chat.id,
        "unknown": "xyz_1", "": "",
    }  # fmt: skip
    accounts = app.store.repositories.accounts
    other = await accounts.get(AccountId(lucia.account_id))
    return People(meera, other, rohan, await app.admin(), things)


async def stored(app: MemoryApp, file: StoredFile, **changes: object) -> StoredFile:
    """The file as if it had come into this state."""
    current = await app.store.repositories.documents(FILES).get(file.id)
    changed = replace(current, **changes)  # type: ignore[arg-type]
    return await app.store.repositories.documents(FILES).save(changed)


async def gets(app: MemoryApp, file: FileId, by: Account) -> bool:
    """Whether the account gets the bytes; the record is never shown to more people."""
    try:
        await app.services.files.link(file, by=by, caller=CALLER)
    except NotFound:
        return False
    return True


async def sees(app: MemoryApp, file: FileId, by: Account) -> bool:
    try:
        await app.services.files.get(file, by=by.id)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("state", State)
async def test_who_gets_a_file(app: MemoryApp, people: People, state: State) -> None:
    file = await final(app, people.owner.id)
    got: dict[str, set[str]] = {}
    for thing, attached_to in people.things.items():
        purpose = PURPOSES[thing]
        await stored(app, file, state=state, attached_to=attached_to, purpose=purpose)
        everybody = {"owner": people.owner, "other": people.other,
                     "stranger": people.stranger, "admin": people.admin}  # fmt: skip
        got[thing] = {name for name, each in everybody.items() if await gets(app, file.id, each)}
        for name, each in everybody.items():
            seen = await sees(app, file.id, each)
            assert seen or name == "admin" or name not in got[thing], (thing, name)
            assert not seen or name in ("owner", *got[thing]), (thing, name)

    if state in (State.PENDING, State.QUARANTINED, State.REFUSED):
        assert set().union(*got.values()) == set()
        return
    with_admin = {"owner", "admin"} if state is State.FINAL else {"owner"}
    parties = {"other"} if state is State.FINAL else set()
    assert got == {
        "job": with_admin | parties, "booking": with_admin | parties, "chat": {"owner"} | parties,
        "foreign job": with_admin | ({"stranger"} if parties else set()),
        "foreign chat": {"owner"} | ({"stranger"} if parties else set()),
        "unknown": with_admin, "": {"owner"},
    }  # fmt: skip
