"""Somebody who wants another person's account, with every means a stranger has."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.accounts import Account, EmailUnverified, Role, WrongPassword
from core.codes import CodeTooSoon, Purpose, WrongCode
from core.policy import MINUTE
from core.sessions import Caller, Session
from ports.identity import IdentityRefused
from services.accounts.passwords import WrongLink
from services.accounts.signing import MOST
from tests.house import CALLER, PASSWORD, MemoryHouse

EMAIL = "victim@example.com"
SECOND = timedelta(seconds=1)
EVIL_PASSWORD = "evil-quiet-green-trains"
VICTIM, EVIL = Caller("victim", "203.0.113.7"), Caller("evil", "198.51.100.9")


async def register(house: MemoryHouse, caller: Caller) -> Account:
    """Each types the victim's address, and a password of their own."""
    account = await house.services.accounts.register(
        role=Role.CLIENT, name=caller.visit or "A program", email=EMAIL, timezone="Asia/Kolkata",
        password=PASSWORD if caller is VICTIM else EVIL_PASSWORD, caller=caller,
    )  # fmt: skip
    await house.run()
    return account


async def confirm(house: MemoryHouse, code: str, caller: Caller = VICTIM) -> Account:
    signed_in = await house.services.accounts.verify_email(email=EMAIL, code=code, caller=caller)
    return signed_in.account


async def assert_the_victims(house: MemoryHouse) -> None:
    log_in = house.services.sessions.log_in
    assert (await log_in(email=EMAIL, password=PASSWORD, caller=VICTIM)).account.name == "victim"
    with pytest.raises(WrongPassword):
        await log_in(email=EMAIL, password=EVIL_PASSWORD, caller=EVIL)


async def test_when_no_more_codes_are_sent_a_stranger_cannot_slip_in_before_the_last(
    house: MemoryHouse,
) -> None:
    for _ in range(house.policy.codes_per_hour - 1):
        await register(house, EVIL)
        house.clock.advance(2 * MINUTE)
    await register(house, VICTIM)
    await register(house, EVIL)

    await confirm(house, house.code_for(EMAIL))

    await assert_the_victims(house)


async def test_a_code_that_a_program_asked_for_confirms_nothing_in_a_browser(
    house: MemoryHouse,
) -> None:
    await register(house, VICTIM)
    mine = house.code_for(EMAIL)
    program = Caller("", EVIL.address)
    house.clock.advance(2 * MINUTE)
    await register(house, program)
    with pytest.raises(WrongCode):
        await confirm(house, house.code_for(EMAIL))
    with pytest.raises(WrongCode):
        await confirm(house, mine)

    mails = len(house.mailer.to(EMAIL))
    with pytest.raises(EmailUnverified):
        await house.services.tokens.issue(
            email=EMAIL, password=EVIL_PASSWORD, otp=None, caller=program
        )
    await house.run()
    assert len(house.mailer.to(EMAIL)) == mails


async def test_strangers_use_up_no_tries_of_a_code(house: MemoryHouse) -> None:
    await register(house, VICTIM)
    code = house.code_for(EMAIL)

    for guess in range(10):
        with pytest.raises(WrongCode):
            await confirm(house, f"{guess:06d}", EVIL)

    await confirm(house, code)
    await assert_the_victims(house)


async def test_who_registers_while_the_code_is_looked_at_gains_nothing(
    house: MemoryHouse,
) -> None:
    await register(house, VICTIM)
    accounts, code = house.services.accounts, house.code_for(EMAIL)
    account = await house.store.books.accounts.find_by_email(EMAIL)
    assert account
    right = await accounts.codes.right(Purpose.VERIFY_EMAIL, account.id, code, visit=VICTIM.visit)

    await register(house, EVIL)

    with pytest.raises(WrongCode):
        await house.store.transact(lambda books: accounts.codes.use(books, right))


async def signed_in(house: MemoryHouse, account: Account) -> Session:
    """In a browser, which is what `CALLER` is."""
    found = await house.services.sessions.log_in(
        email=account.email, password=PASSWORD, caller=CALLER
    )
    viewer = await house.services.sessions.viewer(found.token)
    assert viewer
    return viewer[1]


async def link_for(house: MemoryHouse, email: str) -> str:
    """The newest reset link in the mailbox."""
    await house.services.passwords.forgot(email=email, caller=CALLER)
    await house.run()
    return house.mailer.to(email)[-1].text.partition("/reset/")[2].split()[0]


async def test_a_change_of_address_does_not_tell_who_has_an_account(house: MemoryHouse) -> None:
    asking, _ = await house.client()
    taken = await house.account(Role.CLIENT, "Gita")

    for email in ("nobody@example.com", taken.email):
        house.clock.advance(2 * MINUTE)
        await house.services.accounts.ask_new_email(asking.id, email=email, caller=CALLER)
        with pytest.raises(CodeTooSoon):
            await house.services.accounts.ask_new_email(asking.id, email=email, caller=CALLER)
    await house.run()

    assert house.mailer.to(taken.email)[-1].subject == "You already have an account"


async def test_a_code_for_one_address_confirms_no_other(house: MemoryHouse) -> None:
    asking, _ = await house.client()
    taken = await house.account(Role.CLIENT, "Gita")
    accounts, session = house.services.accounts, await signed_in(house, asking)
    await accounts.ask_new_email(asking.id, email="mine@example.com", caller=CALLER)
    await house.run()
    house.clock.advance(2 * MINUTE)
    await accounts.ask_new_email(asking.id, email=taken.email, caller=CALLER)

    with pytest.raises(WrongCode):
        await accounts.confirm_new_email(
            asking.id, code=house.code_for("mine@example.com"), session=session, caller=CALLER
        )


async def test_a_reset_link_in_the_old_mailbox_opens_nothing_after_a_change(
    house: MemoryHouse,
) -> None:
    account, _ = await house.client()
    accounts, session = house.services.accounts, await signed_in(house, account)
    link = await link_for(house, account.email)
    await accounts.ask_new_email(account.id, email="new@example.com", caller=CALLER)
    await house.run()
    await accounts.confirm_new_email(
        account.id, code=house.code_for("new@example.com"), session=session, caller=CALLER
    )

    with pytest.raises(WrongLink):
        await house.services.passwords.reset(link, password=EVIL_PASSWORD, caller=EVIL)


async def test_a_reset_link_opens_nothing_after_the_password_was_changed(
    house: MemoryHouse,
) -> None:
    account, _ = await house.client()
    link, session = await link_for(house, account.email), await signed_in(house, account)
    await house.services.passwords.change(
        account, session, current=PASSWORD, new="nine-loud-purple-buses", caller=CALLER
    )

    with pytest.raises(WrongLink):
        await house.services.passwords.reset(link, password=EVIL_PASSWORD, caller=EVIL)


async def test_who_knew_the_password_keeps_nobody_out_once_it_is_reset(house: MemoryHouse) -> None:
    """By asking for one code after the other, until no more are sent."""
    account = await house.account(Role.DEVELOPER, "Lucia")
    with pytest.raises(CodeTooSoon):
        for _ in range(house.policy.codes_per_hour + 1):
            await house.services.sessions.log_in(
                email=account.email, password=PASSWORD, caller=EVIL
            )

    link = await link_for(house, account.email)
    await house.services.passwords.reset(link, password=EVIL_PASSWORD, caller=CALLER)

    mine = await house.services.sessions.log_in(
        email=account.email, password=EVIL_PASSWORD, caller=CALLER
    )
    assert mine.wants == "email"


async def test_a_thief_who_was_signed_out_cannot_finish_linking_a_sign_in(
    house: MemoryHouse,
) -> None:
    """Their browser still has the cookie of its first visit; the session it needs is over."""
    account, _ = await house.client()
    identities = house.services.identities
    mallory = house.elsewhere.person("mallory")
    address = await identities.start("memory", caller=EVIL, link_to=account.id)
    answer = house.elsewhere.consent(address, mallory)

    with pytest.raises(IdentityRefused):
        await identities.finish("memory", answer, timezone="UTC", caller=EVIL)

    assert await identities.of(account.id) == []


async def test_a_second_identity_of_one_provider_goes_with_the_first(house: MemoryHouse) -> None:
    account, _ = await house.client()
    identities = house.services.identities
    for name in ("meera", "mallory"):
        address = await identities.start("memory", caller=CALLER, link_to=account.id)
        answer = house.elsewhere.consent(address, house.elsewhere.person(name))
        await identities.finish("memory", answer, timezone="UTC", caller=CALLER, by=account.id)
    assert len(await identities.of(account.id)) == 2

    await identities.unlink(account, "memory", CALLER)

    assert await identities.of(account.id) == []


async def test_a_page_left_open_keeps_no_administrator_signed_in(house: MemoryHouse) -> None:
    """Its socket is looked after every minute, which is nobody's doing."""
    admin = await house.admin()
    session = await signed_in_with_code(house, admin)

    for _ in range(29):
        house.clock.advance(MINUTE)
        assert await house.services.sessions.look(session.id)
    house.clock.advance(2 * MINUTE)

    assert await house.services.sessions.look(session.id) is None


async def signed_in_with_code(house: MemoryHouse, account: Account) -> Session:
    sessions = house.services.sessions
    waiting = await sessions.log_in(email=account.email, password=PASSWORD, caller=CALLER)
    await house.run()
    pending = await sessions.viewer(waiting.token)
    assert pending
    done = await sessions.verify(pending[1], code=house.code_for(account.email), caller=CALLER)
    viewer = await sessions.viewer(done.token)
    assert viewer
    return viewer[1]


async def test_giving_up_an_app_that_was_never_confirmed_turns_nothing_on(
    house: MemoryHouse,
) -> None:
    account, _ = await house.client()
    await house.services.factors.begin_app(account.id)

    after = await house.services.factors.remove_app(account.id, caller=CALLER)

    assert (after.factor, after.totp) == (None, None)


async def test_doubting_an_address_is_not_recorded_as_confirming_it(house: MemoryHouse) -> None:
    account, admin = await house.account(Role.CLIENT, "Gita"), await house.admin()

    await house.services.administration.change(account.id, by=admin, caller=CALLER, verified=False)
    await house.run()

    entries, _ = await house.services.audit.recent(by=account.id)
    told = [entry.what for entry in entries]
    assert (told.count("email_unconfirmed"), told.count("email_confirmed")) == (1, 1)


async def test_registering_a_taken_address_works_about_as_hard_as_a_new_one(
    house: MemoryHouse,
) -> None:
    """So that the time of the answer does not tell, either; on MongoDB the two are within a
    tenth of each other, and hashing the password takes twenty times as long."""
    written = []
    await confirm_mine(house)
    for email in ("new@example.com", EMAIL):
        before = house.store._tables.changes  # type: ignore[attr-defined]
        await house.services.accounts.register(
            role=Role.CLIENT, name="Evil", email=email, timezone="UTC", password=EVIL_PASSWORD,
            caller=EVIL,
        )  # fmt: skip
        written.append(house.store._tables.changes - before)  # type: ignore[attr-defined]

    new, taken = written
    assert new / 2 < taken <= new


async def confirm_mine(house: MemoryHouse) -> None:
    await register(house, VICTIM)
    await confirm(house, house.code_for(EMAIL))


async def test_a_thief_cannot_open_more_sessions_than_can_be_ended(house: MemoryHouse) -> None:
    account, _ = await house.client()
    first = await signed_in(house, account)
    for _ in range(MOST):
        house.clock.advance(SECOND)
        last = await signed_in(house, account)

    sessions = await house.store.books.sessions.of_account(account.id)

    assert len(sessions) == MOST
    assert first not in sessions
    assert last in sessions
