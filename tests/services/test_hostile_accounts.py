"""Attacks on an account by an attacker who knows its address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.accounts import Account, EmailUnverified, Role, WrongPassword
from core.accounts_policy import AccountPolicy
from core.codes import CodeTooSoon, Purpose, WrongCode
from core.policy import MINUTE
from core.sessions import Caller, Session
from ports.identity import IdentityRefused
from services.accounts.passwords import WrongLink
from services.accounts.session_writer import MAX_SESSIONS
from tests.app import CALLER, PASSWORD, MemoryApp

EMAIL = "victim@example.com"
SECOND = timedelta(seconds=1)
ATTACKER_PASSWORD = "evil-quiet-green-trains"
VICTIM, ATTACKER = Caller("victim", "203.0.113.7"), Caller("evil", "198.51.100.9")


async def register(app: MemoryApp, caller: Caller) -> Account:
    """Registers the victim's address with the caller's own password."""
    account = await app.services.accounts.register(
        role=Role.CLIENT, name=caller.visit or "A program", email=EMAIL, timezone="Asia/Kolkata",
        password=PASSWORD if caller is VICTIM else ATTACKER_PASSWORD, caller=caller,
    )  # fmt: skip
    await app.run()
    return account


async def confirm(app: MemoryApp, code: str, caller: Caller = VICTIM) -> Account:
    signed_in = await app.services.accounts.verify_email(email=EMAIL, code=code, caller=caller)
    return signed_in.account


async def assert_password_unchanged(app: MemoryApp) -> None:
    log_in = app.services.sessions.log_in
    assert (await log_in(email=EMAIL, password=PASSWORD, caller=VICTIM)).account.name == "victim"
    with pytest.raises(WrongPassword):
        await log_in(email=EMAIL, password=ATTACKER_PASSWORD, caller=ATTACKER)


async def test_when_no_more_codes_are_sent_an_attacker_cannot_use_the_last_attempt(
    app: MemoryApp,
) -> None:
    for _ in range(app.policies[AccountPolicy].codes_per_hour - 1):
        await register(app, ATTACKER)
        app.clock.advance(2 * MINUTE)
    await register(app, VICTIM)
    await register(app, ATTACKER)

    await confirm(app, app.code_for(EMAIL))

    await assert_password_unchanged(app)


async def test_a_code_that_a_program_asked_for_confirms_nothing_in_a_browser(
    app: MemoryApp,
) -> None:
    await register(app, VICTIM)
    mine = app.code_for(EMAIL)
    program = Caller("", ATTACKER.address)
    app.clock.advance(2 * MINUTE)
    await register(app, program)
    with pytest.raises(WrongCode):
        await confirm(app, app.code_for(EMAIL))
    with pytest.raises(WrongCode):
        await confirm(app, mine)

    mails = len(app.mailer.to(EMAIL))
    with pytest.raises(EmailUnverified):
        await app.services.tokens.issue(
            email=EMAIL, password=ATTACKER_PASSWORD, otp=None, caller=program
        )
    await app.run()
    assert len(app.mailer.to(EMAIL)) == mails


async def test_other_browsers_use_up_no_attempts_of_a_code(app: MemoryApp) -> None:
    await register(app, VICTIM)
    code = app.code_for(EMAIL)

    for guess in range(10):
        with pytest.raises(WrongCode):
            await confirm(app, f"{guess:06d}", ATTACKER)

    await confirm(app, code)
    await assert_password_unchanged(app)


async def test_a_registration_while_the_code_is_checked_gains_nothing(
    app: MemoryApp,
) -> None:
    await register(app, VICTIM)
    accounts, code = app.services.accounts, app.code_for(EMAIL)
    account = await app.store.repositories.accounts.find_by_email(EMAIL)
    assert account
    right = await accounts.codes.verify(Purpose.VERIFY_EMAIL, account.id, code, visit=VICTIM.visit)

    await register(app, ATTACKER)

    with pytest.raises(WrongCode):
        await app.store.transact(lambda repositories: accounts.codes.consume(repositories, right))


async def signed_in(app: MemoryApp, account: Account) -> Session:
    """In a browser, which is what `CALLER` is."""
    found = await app.services.sessions.log_in(
        email=account.email, password=PASSWORD, caller=CALLER
    )
    viewer = await app.services.sessions.authenticate(found.token)
    assert viewer
    return viewer[1]


async def link_for(app: MemoryApp, email: str) -> str:
    """The newest reset link in the mailbox."""
    await app.services.passwords.request_reset(email=email, caller=CALLER)
    await app.run()
    return app.mailer.to(email)[-1].text.partition("/reset/")[2].split()[0]


async def test_a_change_of_address_does_not_reveal_who_has_an_account(app: MemoryApp) -> None:
    asking, _ = await app.client()
    taken = await app.account(Role.CLIENT, "Gita")

    for email in ("nobody@example.com", taken.email):
        app.clock.advance(2 * MINUTE)
        await app.services.accounts.request_new_email(asking.id, email=email, caller=CALLER)
        with pytest.raises(CodeTooSoon):
            await app.services.accounts.request_new_email(asking.id, email=email, caller=CALLER)
    await app.run()

    assert app.mailer.to(taken.email)[-1].subject == "You already have an account"


async def test_a_code_for_one_address_confirms_no_other(app: MemoryApp) -> None:
    asking, _ = await app.client()
    taken = await app.account(Role.CLIENT, "Gita")
    accounts, session = app.services.accounts, await signed_in(app, asking)
    await accounts.request_new_email(asking.id, email="mine@example.com", caller=CALLER)
    await app.run()
    app.clock.advance(2 * MINUTE)
    await accounts.request_new_email(asking.id, email=taken.email, caller=CALLER)

    with pytest.raises(WrongCode):
        await accounts.confirm_new_email(
            asking.id, code=app.code_for("mine@example.com"), session=session, caller=CALLER
        )


async def test_a_reset_link_in_the_old_mailbox_is_invalid_after_a_change(
    app: MemoryApp,
) -> None:
    account, _ = await app.client()
    accounts, session = app.services.accounts, await signed_in(app, account)
    link = await link_for(app, account.email)
    await accounts.request_new_email(account.id, email="new@example.com", caller=CALLER)
    await app.run()
    await accounts.confirm_new_email(
        account.id, code=app.code_for("new@example.com"), session=session, caller=CALLER
    )

    with pytest.raises(WrongLink):
        await app.services.passwords.reset(link, password=ATTACKER_PASSWORD, caller=ATTACKER)


async def test_a_reset_link_is_invalid_after_the_password_was_changed(
    app: MemoryApp,
) -> None:
    account, _ = await app.client()
    link, session = await link_for(app, account.email), await signed_in(app, account)
    await app.services.passwords.change(
        account, session, current=PASSWORD, new="nine-loud-purple-buses", caller=CALLER
    )

    with pytest.raises(WrongLink):
        await app.services.passwords.reset(link, password=ATTACKER_PASSWORD, caller=ATTACKER)


async def test_an_attacker_who_knew_the_password_cannot_lock_out_the_owner_after_a_reset(
    app: MemoryApp,
) -> None:
    """By asking for one code after the other, until no more are sent."""
    account = await app.account(Role.DEVELOPER, "Lucia")
    with pytest.raises(CodeTooSoon):
        for _ in range(app.policies[AccountPolicy].codes_per_hour + 1):
            await app.services.sessions.log_in(
                email=account.email, password=PASSWORD, caller=ATTACKER
            )

    link = await link_for(app, account.email)
    await app.services.passwords.reset(link, password=ATTACKER_PASSWORD, caller=CALLER)

    mine = await app.services.sessions.log_in(
        email=account.email, password=ATTACKER_PASSWORD, caller=CALLER
    )
    assert mine.pending_factor == "email"


async def test_an_attacker_who_was_signed_out_cannot_finish_linking_a_sign_in(
    app: MemoryApp,
) -> None:
    """The attacker's browser has its first cookie, but the session has ended."""
    account, _ = await app.client()
    identities = app.services.identities
    mallory = app.identity_provider.person("mallory")
    address = await identities.start("memory", caller=ATTACKER, link_to=account.id)
    answer = app.identity_provider.consent(address, mallory)

    with pytest.raises(IdentityRefused):
        await identities.finish("memory", answer, timezone="UTC", caller=ATTACKER)

    assert await identities.list_linked(account.id) == []


async def test_a_second_identity_of_one_provider_goes_with_the_first(app: MemoryApp) -> None:
    account, _ = await app.client()
    identities = app.services.identities
    for name in ("meera", "mallory"):
        address = await identities.start("memory", caller=CALLER, link_to=account.id)
        answer = app.identity_provider.consent(address, app.identity_provider.person(name))
        await identities.finish("memory", answer, timezone="UTC", caller=CALLER, by=account.id)
    assert len(await identities.list_linked(account.id)) == 2

    await identities.unlink(account, "memory", CALLER)

    assert await identities.list_linked(account.id) == []


async def test_a_page_left_open_keeps_no_administrator_signed_in(app: MemoryApp) -> None:
    """Its socket is checked every minute without any action of the user."""
    admin = await app.admin()
    session = await signed_in_with_code(app, admin)

    for _ in range(29):
        app.clock.advance(MINUTE)
        assert await app.services.sessions.find_active(session.id)
    app.clock.advance(2 * MINUTE)

    assert await app.services.sessions.find_active(session.id) is None


async def signed_in_with_code(app: MemoryApp, account: Account) -> Session:
    sessions = app.services.sessions
    waiting = await sessions.log_in(email=account.email, password=PASSWORD, caller=CALLER)
    await app.run()
    pending = await sessions.authenticate(waiting.token)
    assert pending
    done = await sessions.verify(pending[1], code=app.code_for(account.email), caller=CALLER)
    viewer = await sessions.authenticate(done.token)
    assert viewer
    return viewer[1]


async def test_giving_up_an_app_that_was_never_confirmed_turns_nothing_on(
    app: MemoryApp,
) -> None:
    account, _ = await app.client()
    await app.services.factors.start_app_setup(account.id)

    after = await app.services.factors.remove_app(account.id, caller=CALLER)

    assert (after.factor, after.totp) == (None, None)


async def test_doubting_an_address_is_not_recorded_as_confirming_it(app: MemoryApp) -> None:
    account, admin = await app.account(Role.CLIENT, "Gita"), await app.admin()

    await app.services.administration.change(account.id, by=admin, caller=CALLER, verified=False)
    await app.run()

    entries, _ = await app.services.audit.recent(by=account.id)
    kinds = [entry.what for entry in entries]
    assert (kinds.count("email_unconfirmed"), kinds.count("email_confirmed")) == (1, 1)


async def test_registering_a_taken_address_works_about_as_hard_as_a_new_one(
    app: MemoryApp,
) -> None:
    """So that the time of the answer does not tell, either; on MongoDB the two are within a
    tenth of each other, and hashing the password takes twenty times as long."""
    written = []
    await confirm_mine(app)
    for email in ("new@example.com", EMAIL):
        before = app.store._tables.changes  # type: ignore[attr-defined]
        await app.services.accounts.register(
            role=Role.CLIENT, name="Evil", email=email, timezone="UTC", password=ATTACKER_PASSWORD,
            caller=ATTACKER,
        )  # fmt: skip
        written.append(app.store._tables.changes - before)  # type: ignore[attr-defined]

    new, taken = written
    assert new / 2 < taken <= new


async def confirm_mine(app: MemoryApp) -> None:
    await register(app, VICTIM)
    await confirm(app, app.code_for(EMAIL))


async def test_an_attacker_cannot_open_more_sessions_than_can_be_ended(app: MemoryApp) -> None:
    account, _ = await app.client()
    first = await signed_in(app, account)
    for _ in range(MAX_SESSIONS):
        app.clock.advance(SECOND)
        last = await signed_in(app, account)

    sessions = await app.store.repositories.sessions.of_account(account.id)

    assert len(sessions) == MAX_SESSIONS
    assert first not in sessions
    assert last in sessions
