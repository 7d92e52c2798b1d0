"""Signing in with an identity provider: whose account it is, and who is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.identity import MemoryIdentityProvider
from core.accounts import Account, EmailUnverified, Role, Suspended, WrongPassword
from core.codes import WrongCode
from core.errors import NotFound
from core.factors import Factor
from core.identities import IdentityTaken, IdentityUnproven, NoAccountYet, OnlySignInMethod
from core.policy import MINUTE
from core.sessions import Caller
from ports.identity import Identity, IdentityRefused, IdentityUnavailable
from services.accounts.identities import OAuthResult
from tests.app import CALLER, PASSWORD, MemoryApp

BROWSER = Caller("this browser", "203.0.113.9", "Firefox on Linux")
OTHER = Caller("another browser", "203.0.113.9", "Firefox on Linux")
SECOND = timedelta(seconds=1)


async def leave(app: MemoryApp, who: Identity, **how: object) -> Mapping[str, str]:
    """A user agrees at the provider; returns the query of the callback."""
    begun: dict[str, object] = {"caller": BROWSER, **how}
    address = await app.services.identities.start("memory", **begun)  # type: ignore[arg-type]
    return app.identity_provider.consent(address, who)


async def come_back(
    app: MemoryApp, answer: Mapping[str, str], *, provider: str = "memory", **how: object
) -> OAuthResult:
    back: dict[str, object] = {"timezone": "Europe/Madrid", "caller": BROWSER, **how}
    return await app.services.identities.finish(provider, answer, **back)  # type: ignore[arg-type]


async def sign_in(
    app: MemoryApp, who: Identity, role: Role | None = None, **how: object
) -> OAuthResult:
    arrived = await come_back(app, await leave(app, who, role=role, **how))
    await app.run()
    return arrived


async def connect(app: MemoryApp, account: Account, who: Identity) -> OAuthResult:
    arrived = await come_back(app, await leave(app, who, link_to=account.id), by=account.id)
    await app.run()
    return arrived


async def viewer(app: MemoryApp, arrived: OAuthResult) -> Account:
    assert arrived.signed_in
    found = await app.services.sessions.authenticate(arrived.signed_in.token)
    assert found
    return found[0]


async def linked(app: MemoryApp, account: Account) -> list[str]:
    return [one.subject for one in await app.services.identities.list_linked(account.id)]


def subjects(app: MemoryApp, email: str) -> list[str]:
    return [mail.subject for mail in app.mailer.to(email)]


async def activity(app: MemoryApp, account: Account) -> list[str]:
    await app.run()
    entries, _ = await app.services.audit.recent(by=account.id, limit=100)
    return [entry.what for entry in entries]


async def test_a_new_user_who_wants_to_book_gets_a_confirmed_account_and_is_signed_in(
    app: MemoryApp,
) -> None:
    gita = app.identity_provider.person("gita")

    arrived = await sign_in(app, gita, Role.CLIENT, target="/developers")

    assert (arrived.new, arrived.target) == (True, "/developers")
    account = await viewer(app, arrived)
    assert (account.name, account.email, account.timezone) == (
        "Gita", "gita@example.com", "Europe/Madrid",
    )  # fmt: skip
    assert (set(account.roles), account.email_verified) == ({Role.CLIENT}, True)
    assert account.password_hash is None
    assert await app.store.repositories.clients.find_by_account(account.id)
    assert await linked(app, account) == [gita.subject]
    assert {"registered", "identity_linked", "signed_in"} <= set(await activity(app, account))


async def test_a_new_user_who_offers_hours_gets_a_draft_profile_and_is_asked_for_a_code(
    app: MemoryApp,
) -> None:
    arrived = await sign_in(app, app.identity_provider.person("gita"), Role.DEVELOPER)

    assert arrived.new
    assert arrived.signed_in
    assert arrived.signed_in.pending_factor is Factor.EMAIL
    draft = await app.services.developers.own_profile(by=arrived.signed_in.account.id)
    assert (draft.published, draft.timezone) == (False, "Europe/Madrid")


async def test_a_user_without_an_account_or_a_role_is_asked_to_choose(app: MemoryApp) -> None:
    with pytest.raises(NoAccountYet):
        await sign_in(app, app.identity_provider.person("gita"))

    assert await app.store.repositories.accounts.find_by_email("gita@example.com") is None


async def test_a_known_identity_finds_its_account_under_any_address(app: MemoryApp) -> None:
    first = await sign_in(app, app.identity_provider.person("gita"), Role.CLIENT)
    moved = app.identity_provider.person("gita", email="new@example.org", verified=False)

    again = await sign_in(app, moved)

    assert not again.new
    assert (await viewer(app, again)).id == (await viewer(app, first)).id
    assert await app.store.repositories.accounts.find_by_email("new@example.org") is None


async def test_a_confirmed_address_links_to_the_account_that_has_confirmed_it(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    gita = app.identity_provider.person("gita", email=meera.email.upper())

    arrived = await sign_in(app, gita)

    assert not arrived.new
    changed = replace(meera, version=meera.version + 1, credentials_changed_at=app.clock.now())
    assert (await viewer(app, arrived)) == changed
    assert await linked(app, meera) == [gita.subject]
    assert "A sign-in method was added" in subjects(app, meera.email)
    assert "identity_linked" in await activity(app, meera)


@pytest.mark.parametrize("role", [None, Role.CLIENT])
async def test_an_address_the_provider_has_not_confirmed_neither_signs_in_nor_registers(
    app: MemoryApp, role: Role | None
) -> None:
    meera, _ = await app.client()
    for email in (meera.email, "gita@example.com"):
        mallory = app.identity_provider.person("mallory", email=email, verified=False)
        with pytest.raises(IdentityUnproven):
            await sign_in(app, mallory, role)

    assert await linked(app, meera) == []
    assert await app.store.repositories.accounts.find_by_email("gita@example.com") is None


async def test_an_account_whose_address_was_never_confirmed_is_taken_over_with_nothing_left(
    app: MemoryApp,
) -> None:
    squatter = await app.services.accounts.register(
        role=Role.DEVELOPER, name="Mallory", email="gita@example.com", password=PASSWORD,
        timezone="Asia/Kolkata", caller=OTHER,
    )  # fmt: skip
    await app.run()
    code = app.code_for("gita@example.com")

    arrived = await sign_in(app, app.identity_provider.person("gita"), Role.CLIENT)

    assert arrived.new
    account = await viewer(app, arrived)
    assert (account.id, account.name, set(account.roles)) == (squatter.id, "Gita", {Role.CLIENT})
    with pytest.raises(WrongPassword):
        await app.services.sessions.log_in(
            email="gita@example.com", password=PASSWORD, caller=OTHER
        )
    with pytest.raises(WrongCode):
        await app.services.accounts.verify_email(email="gita@example.com", code=code, caller=OTHER)


async def test_taking_over_an_account_ends_its_former_credentials(app: MemoryApp) -> None:
    """An administrator took the confirmation back: whoever had the address before is out."""
    old = app.identity_provider.person("mallory", email="gita@example.com")
    before = await sign_in(app, old, Role.CLIENT)
    mallory = await viewer(app, before)
    admin = await app.admin()
    await app.services.administration.change(mallory.id, by=admin, caller=CALLER, verified=False)

    gita = app.identity_provider.person("gita")
    arrived = await sign_in(app, gita, Role.CLIENT)

    account = await viewer(app, arrived)
    assert await linked(app, account) == [gita.subject]
    assert before.signed_in
    assert await app.services.sessions.authenticate(before.signed_in.token) is None


async def test_an_unconfirmed_account_cannot_sign_in_without_a_role(app: MemoryApp) -> None:
    await app.services.accounts.register(
        role=Role.CLIENT, name="Mallory", email="gita@example.com", password=PASSWORD,
        timezone="Asia/Kolkata", caller=OTHER,
    )  # fmt: skip

    with pytest.raises(NoAccountYet):
        await sign_in(app, app.identity_provider.person("gita"))
    with pytest.raises(EmailUnverified):
        await app.services.sessions.log_in(
            email="gita@example.com", password=PASSWORD, caller=OTHER
        )


async def test_of_two_first_sign_ins_at_once_one_account_comes(app: MemoryApp) -> None:
    gita = app.identity_provider.person("gita")
    answers = [await leave(app, gita, role=Role.CLIENT) for _ in range(2)]

    one, other = await asyncio.gather(*(come_back(app, answer) for answer in answers))

    assert (await viewer(app, one)).id == (await viewer(app, other)).id
    assert {one.new, other.new} == {True, False}
    assert await linked(app, await viewer(app, one)) == [gita.subject]


async def test_the_second_factor_is_asked_for_all_the_same(app: MemoryApp) -> None:
    lucia = await app.account(Role.DEVELOPER, "Lucía Fernández")
    person = app.identity_provider.person("lucia", email=lucia.email)

    arrived = await sign_in(app, person)

    assert arrived.signed_in
    assert arrived.signed_in.pending_factor is Factor.EMAIL
    found = await app.services.sessions.authenticate(arrived.signed_in.token)
    assert found
    done = await app.services.sessions.verify(
        found[1], code=app.code_for(lucia.email), caller=BROWSER
    )
    assert done.pending_factor is None


async def test_a_suspended_user_cannot_sign_in(app: MemoryApp) -> None:
    gita = app.identity_provider.person("gita")
    account = await viewer(app, await sign_in(app, gita, Role.CLIENT))
    admin = await app.admin()
    await app.services.administration.change(account.id, by=admin, caller=CALLER, suspended=True)

    with pytest.raises(Suspended):
        await sign_in(app, gita)

    assert await app.services.sessions.list_active(account) == []


async def test_somebody_signed_in_connects_an_identity_whatever_its_address(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    gita = app.identity_provider.person("gita", verified=False)

    arrived = await connect(app, meera, gita)

    assert arrived.signed_in is None
    assert await linked(app, meera) == [gita.subject]
    assert "A sign-in method was added" in subjects(app, meera.email)
    assert (await viewer(app, await sign_in(app, gita))).id == meera.id
    mails = len(app.mailer.sent)
    await connect(app, meera, gita)
    assert len(app.mailer.sent) == mails, "connected already, so no mail is sent"


async def test_the_identity_of_somebody_else_is_not_connected(app: MemoryApp) -> None:
    gita = app.identity_provider.person("gita")
    owner = await viewer(app, await sign_in(app, gita, Role.CLIENT))
    meera, _ = await app.client()

    with pytest.raises(IdentityTaken):
        await connect(app, meera, gita)

    assert await linked(app, meera) == []
    assert await linked(app, owner) == [gita.subject]


async def test_of_two_accounts_that_connect_one_identity_at_once_one_gets_it(
    app: MemoryApp,
) -> None:
    (meera, _), (nils, _) = await app.client(), await app.client("Nils Aasen")
    gita = app.identity_provider.person("gita")

    answers = await asyncio.gather(
        connect(app, meera, gita), connect(app, nils, gita), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in answers) == ["IdentityTaken", "OAuthResult"]
    assert len(await linked(app, meera) + await linked(app, nils)) == 1


async def test_no_identity_is_connected_if_another_user_has_signed_in_meanwhile(
    app: MemoryApp,
) -> None:
    (meera, _), (nils, _) = await app.client(), await app.client("Nils Aasen")
    for by in (None, nils.id):
        answer = await leave(app, app.identity_provider.person("gita"), link_to=meera.id)
        with pytest.raises(IdentityRefused):
            await come_back(app, answer, by=by)

    assert await linked(app, meera) == await linked(app, nils) == []


async def test_a_disconnected_identity_cannot_sign_in_and_a_mail_says_so(app: MemoryApp) -> None:
    meera, _ = await app.client()
    first, second = (
        app.identity_provider.person("gita"),
        app.identity_provider.person("gita-at-work"),
    )
    await connect(app, meera, first)
    await connect(app, meera, second)

    await app.services.identities.unlink(meera, "memory", CALLER)

    assert await linked(app, meera) == [], "all of that provider"
    for one in (first, second):
        with pytest.raises(NoAccountYet):
            await sign_in(app, one)
    assert "identity_unlinked" in await activity(app, meera)
    assert subjects(app, meera.email)[-1] == "A sign-in method was removed"
    with pytest.raises(NotFound):
        await app.services.identities.unlink(meera, "memory", CALLER)


async def test_the_last_sign_in_method_stays_until_there_is_another(app: MemoryApp) -> None:
    gita = await viewer(app, await sign_in(app, app.identity_provider.person("gita"), Role.CLIENT))
    with pytest.raises(OnlySignInMethod):
        await app.services.identities.unlink(gita, "memory", CALLER)
    assert len(await linked(app, gita)) == 1

    (session,) = await app.services.sessions.list_active(gita)
    await app.services.passwords.change(
        gita, session, current="", new="another-long-password", caller=CALLER
    )
    await app.services.identities.unlink(gita, "memory", CALLER)
    assert await linked(app, gita) == []


async def test_of_two_last_ways_disconnected_at_once_one_stays() -> None:
    app = app_with_two_providers()
    gita = await viewer(app, await sign_in(app, app.identity_provider.person("gita"), Role.CLIENT))
    other = app.identities["other"]
    address = await app.services.identities.start("other", caller=BROWSER, link_to=gita.id)
    answer = other.consent(address, other.person("gita"))  # type: ignore[attr-defined]
    await come_back(app, answer, provider="other", by=gita.id)
    assert len(await linked(app, gita)) == 2

    ended = await asyncio.gather(
        app.services.identities.unlink(gita, "memory", CALLER),
        app.services.identities.unlink(gita, "other", CALLER),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in ended) == ["NoneType", "OnlySignInMethod"]
    assert len(await linked(app, gita)) == 1


def app_with_two_providers() -> MemoryApp:
    return MemoryApp(identities={"other": MemoryIdentityProvider("other", "Other")})


async def test_an_answer_counts_once(app: MemoryApp) -> None:
    answer = await leave(app, app.identity_provider.person("gita"), role=Role.CLIENT)

    answers = await asyncio.gather(
        *(come_back(app, answer) for _ in range(5)), return_exceptions=True
    )

    assert sum(isinstance(one, OAuthResult) for one in answers) == 1
    assert sum(isinstance(one, IdentityRefused) for one in answers) == 4


async def test_an_answer_counts_only_in_the_browser_that_began(app: MemoryApp) -> None:
    for other in (OTHER, Caller()):
        answer = await leave(app, app.identity_provider.person("gita"), role=Role.CLIENT)
        with pytest.raises(IdentityRefused):
            await come_back(app, answer, caller=other)

    assert await app.store.repositories.accounts.find_by_email("gita@example.com") is None


async def test_an_answer_counts_only_at_the_provider_of_the_attempt() -> None:
    app = app_with_two_providers()
    answer = await leave(app, app.identity_provider.person("gita"), role=Role.CLIENT)

    with pytest.raises(IdentityRefused):
        await come_back(app, answer, provider="other")


async def test_an_answer_counts_for_ten_minutes(app: MemoryApp) -> None:
    in_time = await leave(app, app.identity_provider.person("gita"), role=Role.CLIENT)
    too_late = await leave(app, app.identity_provider.person("gita"), role=Role.CLIENT)

    app.clock.advance(10 * MINUTE - SECOND)
    await come_back(app, in_time)
    app.clock.advance(SECOND)
    with pytest.raises(IdentityRefused):
        await come_back(app, too_late)


@pytest.mark.parametrize(
    "answer",
    [{}, {"code": "code-1"}, {"state": ""}, {"code": "code-1", "state": "made up"},
     {"code": "code-1", "state": "\ud800"}],
)  # fmt: skip
async def test_an_unsolicited_answer_is_refused(app: MemoryApp, answer: dict[str, str]) -> None:
    await leave(app, app.identity_provider.person("gita"), role=Role.CLIENT)

    with pytest.raises(IdentityRefused):
        await come_back(app, answer)


async def test_a_state_cannot_be_read_from_the_database(app: MemoryApp) -> None:
    answer = await leave(app, app.identity_provider.person("gita"), role=Role.CLIENT)

    (oauth_state,) = app.store._tables.rows["oauth_states"].values()  # type: ignore[attr-defined]
    assert answer["state"] not in repr(oauth_state)


async def test_denying_access_at_the_provider_changes_nothing(app: MemoryApp) -> None:
    address = await app.services.identities.start("memory", caller=BROWSER, role=Role.CLIENT)

    with pytest.raises(IdentityRefused, match="chose not to"):
        await come_back(app, app.identity_provider.deny(address))

    assert await app.store.repositories.accounts.find_by_email("gita@example.com") is None


async def test_an_unavailable_provider_is_reported_before_the_redirect_and_after_the_return(
    app: MemoryApp,
) -> None:
    answer = await leave(app, app.identity_provider.person("gita"), role=Role.CLIENT)
    app.identity_provider.down = True

    with pytest.raises(IdentityUnavailable):
        await app.services.identities.start("memory", caller=BROWSER)
    with pytest.raises(IdentityUnavailable):
        await come_back(app, answer)


async def test_an_unknown_provider_is_not_found(app: MemoryApp) -> None:
    with pytest.raises(NotFound):
        await app.services.identities.start("nobody", caller=BROWSER)


async def test_a_name_that_cannot_be_shown_becomes_the_beginning_of_the_address(
    app: MemoryApp,
) -> None:
    strange = Identity("https://memory.example", "s", "gita@example.com", True, "\u202eatiG" * 30)

    account = await viewer(app, await sign_in(app, strange, Role.CLIENT))

    assert account.name == "gita"
