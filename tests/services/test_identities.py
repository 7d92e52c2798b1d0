"""Signing in with an account somewhere else: whose it is, and who may not get in this way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from adapters.memory.identity import MemoryIdentityProvider
from core.accounts import Account, EmailUnverified, Role, Suspended, WrongPassword
from core.codes import WrongCode
from core.errors import NotFound
from core.factors import Factor
from core.identities import IdentityTaken, IdentityUnproven, LastDoor, NoAccountYet
from core.policy import MINUTE
from core.sessions import Caller
from ports.identity import Identity, IdentityRefused, IdentityUnavailable
from services.accounts.identities import Arrived
from tests.house import CALLER, PASSWORD, MemoryHouse

BROWSER = Caller("this browser", "203.0.113.9", "Firefox on Linux")
OTHER = Caller("another browser", "203.0.113.9", "Firefox on Linux")
SECOND = timedelta(seconds=1)


async def leave(house: MemoryHouse, who: Identity, **how: object) -> Mapping[str, str]:
    """Somebody goes to the provider and agrees; the answer their browser comes back with."""
    begun: dict[str, object] = {"caller": BROWSER, **how}
    address = await house.services.identities.start("memory", **begun)  # type: ignore[arg-type]
    return house.elsewhere.consent(address, who)


async def come_back(
    house: MemoryHouse, answer: Mapping[str, str], *, provider: str = "memory", **how: object
) -> Arrived:
    back: dict[str, object] = {"timezone": "Europe/Madrid", "caller": BROWSER, **how}
    return await house.services.identities.finish(provider, answer, **back)  # type: ignore[arg-type]


async def sign_in(
    house: MemoryHouse, who: Identity, role: Role | None = None, **how: object
) -> Arrived:
    arrived = await come_back(house, await leave(house, who, role=role, **how))
    await house.run()
    return arrived


async def connect(house: MemoryHouse, account: Account, who: Identity) -> Arrived:
    arrived = await come_back(house, await leave(house, who, link_to=account.id), by=account.id)
    await house.run()
    return arrived


async def viewer(house: MemoryHouse, arrived: Arrived) -> Account:
    assert arrived.signed_in
    found = await house.services.sessions.viewer(arrived.signed_in.token)
    assert found
    return found[0]


async def linked(house: MemoryHouse, account: Account) -> list[str]:
    return [one.subject for one in await house.services.identities.of(account.id)]


def subjects(house: MemoryHouse, email: str) -> list[str]:
    return [mail.subject for mail in house.mailer.to(email)]


async def activity(house: MemoryHouse, account: Account) -> list[str]:
    await house.run()
    entries, _ = await house.services.audit.recent(by=account.id, limit=100)
    return [entry.what for entry in entries]


async def test_a_stranger_who_wants_to_book_gets_a_confirmed_account_and_is_in(
    house: MemoryHouse,
) -> None:
    gita = house.elsewhere.person("gita")

    arrived = await sign_in(house, gita, Role.CLIENT, target="/developers")

    assert (arrived.new, arrived.target) == (True, "/developers")
    account = await viewer(house, arrived)
    assert (account.name, account.email, account.timezone) == (
        "Gita", "gita@example.com", "Europe/Madrid",
    )  # fmt: skip
    assert (set(account.roles), account.email_verified) == ({Role.CLIENT}, True)
    assert account.password_hash is None
    assert await house.store.books.clients.find_by_account(account.id)
    assert await linked(house, account) == [gita.subject]
    assert {"registered", "identity_linked", "signed_in"} <= set(await activity(house, account))


async def test_a_stranger_who_offers_hours_gets_a_draft_profile_and_is_asked_for_a_code(
    house: MemoryHouse,
) -> None:
    arrived = await sign_in(house, house.elsewhere.person("gita"), Role.DEVELOPER)

    assert arrived.new
    assert arrived.signed_in
    assert arrived.signed_in.wants is Factor.EMAIL
    draft = await house.services.developers.mine(by=arrived.signed_in.account.id)
    assert (draft.published, draft.timezone) == (False, "Europe/Madrid")


async def test_who_has_no_account_and_said_no_role_is_told_to_choose(house: MemoryHouse) -> None:
    with pytest.raises(NoAccountYet):
        await sign_in(house, house.elsewhere.person("gita"))

    assert await house.store.books.accounts.find_by_email("gita@example.com") is None


async def test_a_known_identity_finds_its_account_under_any_address(house: MemoryHouse) -> None:
    first = await sign_in(house, house.elsewhere.person("gita"), Role.CLIENT)
    moved = house.elsewhere.person("gita", email="new@example.org", verified=False)

    again = await sign_in(house, moved)

    assert not again.new
    assert (await viewer(house, again)).id == (await viewer(house, first)).id
    assert await house.store.books.accounts.find_by_email("new@example.org") is None


async def test_a_confirmed_address_links_to_the_account_that_has_confirmed_it(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    gita = house.elsewhere.person("gita", email=meera.email.upper())

    arrived = await sign_in(house, gita)

    assert not arrived.new
    assert (await viewer(house, arrived)) == meera
    assert await linked(house, meera) == [gita.subject]
    assert "Another sign-in opens your account" in subjects(house, meera.email)
    assert "identity_linked" in await activity(house, meera)


@pytest.mark.parametrize("role", [None, Role.CLIENT])
async def test_an_address_the_provider_has_not_confirmed_opens_and_makes_nothing(
    house: MemoryHouse, role: Role | None
) -> None:
    meera, _ = await house.client()
    for email in (meera.email, "gita@example.com"):
        mallory = house.elsewhere.person("mallory", email=email, verified=False)
        with pytest.raises(IdentityUnproven):
            await sign_in(house, mallory, role)

    assert await linked(house, meera) == []
    assert await house.store.books.accounts.find_by_email("gita@example.com") is None


async def test_an_account_whose_address_was_never_confirmed_is_taken_over_with_nothing_left(
    house: MemoryHouse,
) -> None:
    squatter = await house.services.accounts.register(
        role=Role.DEVELOPER, name="Mallory", email="gita@example.com", password=PASSWORD,
        timezone="Asia/Kolkata", caller=OTHER,
    )  # fmt: skip
    await house.run()
    code = house.code_for("gita@example.com")

    arrived = await sign_in(house, house.elsewhere.person("gita"), Role.CLIENT)

    assert arrived.new
    account = await viewer(house, arrived)
    assert (account.id, account.name, set(account.roles)) == (squatter.id, "Gita", {Role.CLIENT})
    with pytest.raises(WrongPassword):
        await house.services.sessions.log_in(
            email="gita@example.com", password=PASSWORD, caller=OTHER
        )
    with pytest.raises(WrongCode):
        await house.services.accounts.verify_email(
            email="gita@example.com", code=code, caller=OTHER
        )


async def test_taking_over_ends_what_opened_the_account_before(house: MemoryHouse) -> None:
    """An administrator took the confirmation back: whoever had the address before is out."""
    old = house.elsewhere.person("mallory", email="gita@example.com")
    before = await sign_in(house, old, Role.CLIENT)
    mallory = await viewer(house, before)
    admin = await house.admin()
    await house.services.administration.change(mallory.id, by=admin, caller=CALLER, verified=False)

    gita = house.elsewhere.person("gita")
    arrived = await sign_in(house, gita, Role.CLIENT)

    account = await viewer(house, arrived)
    assert await linked(house, account) == [gita.subject]
    assert before.signed_in
    assert await house.services.sessions.viewer(before.signed_in.token) is None


async def test_an_unconfirmed_account_is_not_opened_without_a_role(house: MemoryHouse) -> None:
    await house.services.accounts.register(
        role=Role.CLIENT, name="Mallory", email="gita@example.com", password=PASSWORD,
        timezone="Asia/Kolkata", caller=OTHER,
    )  # fmt: skip

    with pytest.raises(NoAccountYet):
        await sign_in(house, house.elsewhere.person("gita"))
    with pytest.raises(EmailUnverified):
        await house.services.sessions.log_in(
            email="gita@example.com", password=PASSWORD, caller=OTHER
        )


async def test_of_two_first_sign_ins_at_once_one_account_comes(house: MemoryHouse) -> None:
    gita = house.elsewhere.person("gita")
    answers = [await leave(house, gita, role=Role.CLIENT) for _ in range(2)]

    one, other = await asyncio.gather(*(come_back(house, answer) for answer in answers))

    assert (await viewer(house, one)).id == (await viewer(house, other)).id
    assert {one.new, other.new} == {True, False}
    assert await linked(house, await viewer(house, one)) == [gita.subject]


async def test_the_second_factor_is_asked_for_all_the_same(house: MemoryHouse) -> None:
    lucia = await house.account(Role.DEVELOPER, "Lucía Fernández")
    person = house.elsewhere.person("lucia", email=lucia.email)

    arrived = await sign_in(house, person)

    assert arrived.signed_in
    assert arrived.signed_in.wants is Factor.EMAIL
    found = await house.services.sessions.viewer(arrived.signed_in.token)
    assert found
    done = await house.services.sessions.verify(
        found[1], code=house.code_for(lucia.email), caller=BROWSER
    )
    assert done.wants is None


async def test_who_is_suspended_stays_outside(house: MemoryHouse) -> None:
    gita = house.elsewhere.person("gita")
    account = await viewer(house, await sign_in(house, gita, Role.CLIENT))
    admin = await house.admin()
    await house.services.administration.change(account.id, by=admin, caller=CALLER, suspended=True)

    with pytest.raises(Suspended):
        await sign_in(house, gita)

    assert await house.services.sessions.of(account) == []


async def test_somebody_signed_in_connects_an_identity_whatever_its_address(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    gita = house.elsewhere.person("gita", verified=False)

    arrived = await connect(house, meera, gita)

    assert arrived.signed_in is None
    assert await linked(house, meera) == [gita.subject]
    assert "Another sign-in opens your account" in subjects(house, meera.email)
    assert (await viewer(house, await sign_in(house, gita))).id == meera.id
    mails = len(house.mailer.sent)
    await connect(house, meera, gita)
    assert len(house.mailer.sent) == mails, "connected already, so nothing is told"


async def test_the_identity_of_somebody_else_is_not_connected(house: MemoryHouse) -> None:
    gita = house.elsewhere.person("gita")
    owner = await viewer(house, await sign_in(house, gita, Role.CLIENT))
    meera, _ = await house.client()

    with pytest.raises(IdentityTaken):
        await connect(house, meera, gita)

    assert await linked(house, meera) == []
    assert await linked(house, owner) == [gita.subject]


async def test_of_two_accounts_that_connect_one_identity_at_once_one_gets_it(
    house: MemoryHouse,
) -> None:
    (meera, _), (nils, _) = await house.client(), await house.client("Nils Aasen")
    gita = house.elsewhere.person("gita")

    answers = await asyncio.gather(
        connect(house, meera, gita), connect(house, nils, gita), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in answers) == ["Arrived", "IdentityTaken"]
    assert len(await linked(house, meera) + await linked(house, nils)) == 1


async def test_who_comes_back_signed_in_as_another_connects_nothing(house: MemoryHouse) -> None:
    (meera, _), (nils, _) = await house.client(), await house.client("Nils Aasen")
    for by in (None, nils.id):
        answer = await leave(house, house.elsewhere.person("gita"), link_to=meera.id)
        with pytest.raises(IdentityRefused):
            await come_back(house, answer, by=by)

    assert await linked(house, meera) == await linked(house, nils) == []


async def test_disconnecting_shuts_that_door_and_tells_it(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    first, second = house.elsewhere.person("gita"), house.elsewhere.person("gita-at-work")
    await connect(house, meera, first)
    await connect(house, meera, second)

    await house.services.identities.unlink(meera, "memory", CALLER)

    assert await linked(house, meera) == [], "all of that provider"
    for one in (first, second):
        with pytest.raises(NoAccountYet):
            await sign_in(house, one)
    assert "identity_unlinked" in await activity(house, meera)
    assert subjects(house, meera.email)[-1] == "A sign-in was disconnected"
    with pytest.raises(NotFound):
        await house.services.identities.unlink(meera, "memory", CALLER)


async def test_the_last_way_in_stays_until_there_is_another(house: MemoryHouse) -> None:
    gita = await viewer(house, await sign_in(house, house.elsewhere.person("gita"), Role.CLIENT))
    with pytest.raises(LastDoor):
        await house.services.identities.unlink(gita, "memory", CALLER)
    assert len(await linked(house, gita)) == 1

    (session,) = await house.services.sessions.of(gita)
    await house.services.passwords.change(
        gita, session, current="", new="another-long-password", caller=CALLER
    )
    await house.services.identities.unlink(gita, "memory", CALLER)
    assert await linked(house, gita) == []


async def test_of_two_last_ways_disconnected_at_once_one_stays() -> None:
    house = house_of_two()
    gita = await viewer(house, await sign_in(house, house.elsewhere.person("gita"), Role.CLIENT))
    other = house.identities["other"]
    address = await house.services.identities.start("other", caller=BROWSER, link_to=gita.id)
    answer = other.consent(address, other.person("gita"))  # type: ignore[attr-defined]
    await come_back(house, answer, provider="other", by=gita.id)
    assert len(await linked(house, gita)) == 2

    ended = await asyncio.gather(
        house.services.identities.unlink(gita, "memory", CALLER),
        house.services.identities.unlink(gita, "other", CALLER),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in ended) == ["LastDoor", "NoneType"]
    assert len(await linked(house, gita)) == 1


def house_of_two() -> MemoryHouse:
    return MemoryHouse(identities={"other": MemoryIdentityProvider("other", "Other")})


async def test_an_answer_counts_once(house: MemoryHouse) -> None:
    answer = await leave(house, house.elsewhere.person("gita"), role=Role.CLIENT)

    answers = await asyncio.gather(
        *(come_back(house, answer) for _ in range(5)), return_exceptions=True
    )

    assert sum(isinstance(one, Arrived) for one in answers) == 1
    assert sum(isinstance(one, IdentityRefused) for one in answers) == 4


async def test_an_answer_counts_only_in_the_browser_that_began(house: MemoryHouse) -> None:
    for other in (OTHER, Caller()):
        answer = await leave(house, house.elsewhere.person("gita"), role=Role.CLIENT)
        with pytest.raises(IdentityRefused):
            await come_back(house, answer, caller=other)

    assert await house.store.books.accounts.find_by_email("gita@example.com") is None


async def test_an_answer_counts_only_at_the_provider_it_was_begun_with() -> None:
    house = house_of_two()
    answer = await leave(house, house.elsewhere.person("gita"), role=Role.CLIENT)

    with pytest.raises(IdentityRefused):
        await come_back(house, answer, provider="other")


async def test_an_answer_counts_for_ten_minutes(house: MemoryHouse) -> None:
    in_time = await leave(house, house.elsewhere.person("gita"), role=Role.CLIENT)
    too_late = await leave(house, house.elsewhere.person("gita"), role=Role.CLIENT)

    house.clock.advance(10 * MINUTE - SECOND)
    await come_back(house, in_time)
    house.clock.advance(SECOND)
    with pytest.raises(IdentityRefused):
        await come_back(house, too_late)


@pytest.mark.parametrize(
    "answer",
    [{}, {"code": "code-1"}, {"state": ""}, {"code": "code-1", "state": "made up"},
     {"code": "code-1", "state": "\ud800"}],
)  # fmt: skip
async def test_an_answer_nobody_asked_for_is_refused(
    house: MemoryHouse, answer: dict[str, str]
) -> None:
    await leave(house, house.elsewhere.person("gita"), role=Role.CLIENT)

    with pytest.raises(IdentityRefused):
        await come_back(house, answer)


async def test_a_state_cannot_be_read_from_the_database(house: MemoryHouse) -> None:
    answer = await leave(house, house.elsewhere.person("gita"), role=Role.CLIENT)

    (journey,) = house.store._tables.rows["journeys"].values()  # type: ignore[attr-defined]
    assert answer["state"] not in repr(journey)


async def test_who_says_no_at_the_provider_has_changed_nothing(house: MemoryHouse) -> None:
    address = await house.services.identities.start("memory", caller=BROWSER, role=Role.CLIENT)

    with pytest.raises(IdentityRefused, match="chose not to"):
        await come_back(house, house.elsewhere.deny(address))

    assert await house.store.books.accounts.find_by_email("gita@example.com") is None


async def test_a_provider_that_is_away_is_told_before_leaving_and_after_coming_back(
    house: MemoryHouse,
) -> None:
    answer = await leave(house, house.elsewhere.person("gita"), role=Role.CLIENT)
    house.elsewhere.down = True

    with pytest.raises(IdentityUnavailable):
        await house.services.identities.start("memory", caller=BROWSER)
    with pytest.raises(IdentityUnavailable):
        await come_back(house, answer)


async def test_a_provider_nobody_offers_is_not_found(house: MemoryHouse) -> None:
    with pytest.raises(NotFound):
        await house.services.identities.start("nobody", caller=BROWSER)


async def test_a_name_that_cannot_be_shown_becomes_the_beginning_of_the_address(
    house: MemoryHouse,
) -> None:
    strange = Identity("https://memory.example", "s", "gita@example.com", True, "\u202eatiG" * 30)

    account = await viewer(house, await sign_in(house, strange, Role.CLIENT))

    assert account.name == "gita"
