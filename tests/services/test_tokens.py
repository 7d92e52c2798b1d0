"""Tokens for programs: two at a time, renewed once each, ended with whatever ends a session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pyotp
import pytest

from core.accounts import Account, EmailUnverified, Role, Suspended, TooManyTries, WrongPassword
from core.codes import WrongCode
from core.policy import DAY, MINUTE
from core.sessions import Caller, Kind
from ports.tokens import TokenRefused
from services.accounts.tokens import OtpNeeded, RefreshRefused, Tokens
from tests.house import CALLER, PASSWORD, MemoryHouse

PROGRAM = Caller("", "198.51.100.7", "curl/8.5")
SECOND = timedelta(seconds=1)
LEEWAY = 30 * SECOND


async def issue(house: MemoryHouse, account: Account, otp: str | None = None) -> Tokens:
    return await house.services.tokens.issue(
        email=account.email, password=PASSWORD, otp=otp, caller=PROGRAM
    )


async def refresh(house: MemoryHouse, tokens: Tokens) -> Tokens:
    return await house.services.tokens.refresh(tokens.refresh, caller=PROGRAM)


async def opens(house: MemoryHouse, tokens: Tokens) -> bool:
    try:
        account, session = await house.services.tokens.viewer(tokens.access)
    except TokenRefused:
        return False
    assert (account.id, session.kind) == (tokens.account.id, Kind.PROGRAM)
    return True


async def renews(house: MemoryHouse, tokens: Tokens) -> bool:
    try:
        await refresh(house, tokens)
    except RefreshRefused:
        return False
    return True


async def activity(house: MemoryHouse, account: Account) -> list[str]:
    await house.run()
    entries, _ = await house.services.audit.recent(by=account.id, limit=100)
    return [entry.what for entry in entries]


def changes(house: MemoryHouse) -> int:
    """Grows with every row that is written."""
    count: int = house.store._tables.changes  # type: ignore[attr-defined]
    return count


async def a_developer(house: MemoryHouse) -> Account:
    return await house.account(Role.DEVELOPER, "Lucía Fernández")


async def with_app(house: MemoryHouse) -> tuple[Account, Callable[[], str], list[str]]:
    """Somebody with an authenticator app: what it shows now, and the recovery codes."""
    account, factors = await a_developer(house), house.services.factors
    app = await factors.begin_app(account.id)
    show = _shows(app.secret, house)
    codes = list(await factors.confirm_app(account.id, code=show(), caller=CALLER))
    house.clock.advance(MINUTE)
    return await house.store.books.accounts.get(account.id), show, codes


def _shows(secret: str, house: MemoryHouse) -> Callable[[], str]:
    return lambda: str(pyotp.TOTP(secret).at(house.clock.now()))


async def test_the_right_password_gives_a_token_that_opens_and_one_that_renews(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()

    tokens = await issue(house, meera)

    assert (tokens.account, tokens.expires_in) == (meera, 15 * MINUTE)
    assert await opens(house, tokens)
    assert "token_issued" in await activity(house, meera)


@pytest.mark.parametrize("password", ["", "four-quiet-green-train", "x" * 1000])
async def test_a_wrong_password_gives_nothing(house: MemoryHouse, password: str) -> None:
    meera, _ = await house.client()
    before = await house.store.books.sessions.of_account(meera.id)

    with pytest.raises(WrongPassword):
        await house.services.tokens.issue(
            email=meera.email, password=password, otp=None, caller=PROGRAM
        )

    assert await house.store.books.sessions.of_account(meera.id) == before


async def test_guessing_at_the_door_of_programs_shuts_it_as_at_that_of_browsers(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await house.services.tokens.issue(
                email=meera.email, password="wrong", otp=None, caller=PROGRAM
            )

    with pytest.raises(TooManyTries):
        await issue(house, meera)


async def test_an_address_that_is_not_confirmed_or_an_account_suspended_gives_nothing(
    house: MemoryHouse,
) -> None:
    admin = await house.admin()
    meera, _ = await house.client()
    change = house.services.administration.change

    await change(meera.id, by=admin, caller=CALLER, suspended=True)
    with pytest.raises(Suspended):
        await issue(house, meera)

    await change(meera.id, by=admin, caller=CALLER, suspended=False, verified=False)
    with pytest.raises(EmailUnverified):
        await issue(house, meera)


async def test_who_logs_in_with_a_code_sends_the_one_from_the_mail_with_the_password(
    house: MemoryHouse,
) -> None:
    lucia = await a_developer(house)
    with pytest.raises(OtpNeeded):
        await issue(house, lucia)
    await house.run()

    tokens = await issue(house, lucia, house.code_for(lucia.email))

    assert await opens(house, tokens)
    _, session = await house.services.tokens.viewer(tokens.access)
    assert session.verified_at == house.clock.now(), "a code was entered, so it is fresh"
    with pytest.raises(WrongCode):
        await issue(house, lucia, house.code_for(lucia.email))


async def test_a_code_mailed_for_a_program_opens_nothing_else_and_five_guesses_end_it(
    house: MemoryHouse,
) -> None:
    lucia = await a_developer(house)
    with pytest.raises(OtpNeeded):
        await issue(house, lucia)
    await house.run()
    code = house.code_for(lucia.email)
    for wrong in range(5):
        with pytest.raises(WrongCode):
            await issue(house, lucia, f"{(int(code) + 1 + wrong) % 10**6:06d}")

    with pytest.raises(WrongCode):
        await issue(house, lucia, code)


async def test_the_code_of_an_app_or_a_recovery_code_is_sent_with_the_password_each_once(
    house: MemoryHouse,
) -> None:
    lucia, show, recovery = await with_app(house)
    with pytest.raises(OtpNeeded):
        await issue(house, lucia)

    for code in (show(), recovery[0]):
        assert await opens(house, await issue(house, lucia, code))
        with pytest.raises(WrongCode):
            await issue(house, lucia, code)

    assert "recovery_code_used" in await activity(house, lucia)


async def test_of_many_guesses_at_an_apps_code_at_once_five_are_looked_at(
    house: MemoryHouse,
) -> None:
    lucia, show, _ = await with_app(house)
    right = show()
    guesses = [f"{(int(right) + 1 + n) % 10**6:06d}" for n in range(19)]

    await asyncio.gather(*(issue(house, lucia, g) for g in guesses), return_exceptions=True)

    with pytest.raises(WrongCode):
        await issue(house, lucia, right)


async def test_the_access_token_ends_after_a_quarter_of_an_hour(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    tokens = await issue(house, meera)

    house.clock.advance(15 * MINUTE + LEEWAY - SECOND)
    assert await opens(house, tokens)
    house.clock.advance(SECOND)
    assert not await opens(house, tokens)
    assert await opens(house, await refresh(house, tokens))


async def test_the_refresh_token_is_good_once_within_thirty_days(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    tokens = await issue(house, meera)

    house.clock.advance(30 * DAY - SECOND)
    second = await refresh(house, tokens)
    house.clock.advance(30 * DAY)

    assert not await renews(house, second)
    assert not await opens(house, second)


async def test_an_old_refresh_token_ends_the_family_and_tells_the_owner(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    other = await issue(house, meera)
    stolen = await issue(house, meera)
    latest = await refresh(house, await refresh(house, stolen))

    with pytest.raises(RefreshRefused):
        await refresh(house, stolen)

    assert not await opens(house, latest)
    assert not await renews(house, latest)
    assert await opens(house, other), "another program of the account goes on"
    assert (await activity(house, meera)).count("token_reused") == 1
    subjects = [mail.subject for mail in house.mailer.to(meera.email)]
    assert subjects.count("A program was signed out") == 1


async def test_of_twenty_refreshes_at_once_at_most_one_pair_lives_and_one_mail_tells_of_it(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    tokens = await issue(house, meera)

    answers = await asyncio.gather(
        *(refresh(house, tokens) for _ in range(20)), return_exceptions=True
    )

    pairs = [one for one in answers if isinstance(one, Tokens)]
    refused = [one for one in answers if isinstance(one, RefreshRefused)]
    assert len(pairs) + len(refused) == 20
    assert len(pairs) == 1
    assert sum([await renews(house, pair) for pair in pairs]) <= 1
    assert (await activity(house, meera)).count("token_reused") == 1
    subjects = [mail.subject for mail in house.mailer.to(meera.email)]
    assert subjects.count("A program was signed out") == 1


async def test_a_refresh_in_the_moment_of_revoking_is_no_theft(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    tokens = await issue(house, meera)

    await asyncio.gather(
        house.services.tokens.revoke(tokens.refresh, caller=PROGRAM),
        refresh(house, tokens),
        return_exceptions=True,
    )

    assert not await opens(house, tokens)
    assert "token_reused" not in await activity(house, meera)


async def test_revoking_signs_the_program_out_and_may_be_repeated(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    other, tokens = await issue(house, meera), await issue(house, meera)

    for _ in range(2):
        await house.services.tokens.revoke(tokens.refresh, caller=PROGRAM)

    assert not await opens(house, tokens)
    assert not await renews(house, tokens)
    assert await opens(house, other)


async def test_made_up_refresh_tokens_change_nothing_and_cost_no_write(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    tokens = await issue(house, meera)
    family, generation, mac = tokens.refresh.split(".")
    before = changes(house)

    for made_up in (
        "", ".", "..", "a.b.c", tokens.refresh[:-1], tokens.refresh + "0", tokens.refresh.upper(),
        f"{family}.{int(generation) + 1}.{mac}", f"{family}.{mac}", f"{family}.x.{mac}",
        f"{meera.id}.0.{mac}", tokens.access, "\0" * 500, "é.0.ü", tokens.refresh + "\ud800",
    ):  # fmt: skip
        with pytest.raises(RefreshRefused):
            await house.services.tokens.refresh(made_up, caller=PROGRAM)
        await house.services.tokens.revoke(made_up, caller=PROGRAM)

    assert changes(house) == before
    assert await renews(house, tokens)


async def test_a_cookies_value_is_no_token_and_a_token_no_cookie(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    tokens = await issue(house, meera)
    family = tokens.refresh.partition(".")[0]

    assert await house.services.sessions.viewer(family) is None
    assert await house.services.sessions.viewer(tokens.access) is None
    (browser,) = [
        one for one in await house.services.sessions.of(meera) if one.kind is Kind.BROWSER
    ]
    forged = house.services.tokens._tokens(meera, browser)
    assert not await opens(house, forged)
    assert not await renews(house, forged)


async def suspend(house: MemoryHouse, account: Account) -> None:
    admin = await house.admin()
    await house.services.administration.change(account.id, by=admin, caller=CALLER, suspended=True)


async def change_password(house: MemoryHouse, account: Account) -> None:
    (browser,) = [s for s in await house.services.sessions.of(account) if s.kind is Kind.BROWSER]
    await house.services.passwords.change(
        account, browser, current=PASSWORD, new="another-long-password", caller=CALLER
    )


async def reset_password(house: MemoryHouse, account: Account) -> None:
    await house.services.passwords.forgot(email=account.email, caller=CALLER)
    await house.run()
    text = house.mailer.to(account.email)[-1].text
    link = text.partition("/reset/")[2].split()[0]
    await house.services.passwords.reset(link, password="another-long-password", caller=CALLER)


async def end_it_in_the_list(house: MemoryHouse, account: Account) -> None:
    for session in await house.services.sessions.of(account):
        if session.kind is Kind.PROGRAM:
            await house.services.sessions.end(account.id, session.name, CALLER)


async def erase(house: MemoryHouse, account: Account) -> None:
    await house.services.personal_data.erase(account, CALLER)


End = Callable[[MemoryHouse, Account], Awaitable[None]]


@pytest.mark.parametrize(
    "end", [suspend, change_password, reset_password, end_it_in_the_list, erase]
)
async def test_what_ends_sessions_ends_programs_at_once(house: MemoryHouse, end: End) -> None:
    meera, _ = await house.client()
    tokens, twin = await issue(house, meera), await issue(house, meera)

    await end(house, meera)

    for each in (tokens, twin):
        assert not await opens(house, each)
        assert not await renews(house, each)


async def test_programs_stand_among_the_sessions_each_under_a_name_of_its_own(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    first, second = await issue(house, meera), await issue(house, meera)

    programs = [s for s in await house.services.sessions.of(meera) if s.kind is Kind.PROGRAM]

    assert [(s.device, s.place) for s in programs] == [("curl/8.5", "198.51.100.0/24")] * 2
    assert len({s.name for s in programs}) == 2
    _, session = await house.services.tokens.viewer(first.access)
    await house.services.sessions.end(meera.id, session.name, CALLER)
    assert not await opens(house, first)
    assert await opens(house, second)


async def test_a_program_that_changes_the_account_stays_signed_in(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    tokens = await issue(house, meera)
    _, session = await house.services.tokens.viewer(tokens.access)

    await house.services.accounts.add_role(
        meera.id, Role.DEVELOPER, session=session, caller=PROGRAM
    )

    assert await opens(house, tokens)
    assert await renews(house, tokens)
