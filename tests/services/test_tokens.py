"""Tokens for programs: issued in pairs, renewed once each, ended with their session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pyotp
import pytest

from core.accounts import Account, EmailUnverified, Role, Suspended, TooManyAttempts, WrongPassword
from core.codes import WrongCode
from core.policy import DAY, MINUTE
from core.sessions import Caller, Kind
from ports.tokens import TokenRefused
from services.accounts.tokens import OtpNeeded, RefreshRefused, Tokens
from tests.app import CALLER, PASSWORD, MemoryApp

PROGRAM = Caller("", "198.51.100.7", "curl/8.5")
SECOND = timedelta(seconds=1)
LEEWAY = 30 * SECOND


async def issue(app: MemoryApp, account: Account, otp: str | None = None) -> Tokens:
    return await app.services.tokens.issue(
        email=account.email, password=PASSWORD, otp=otp, caller=PROGRAM
    )


async def refresh(app: MemoryApp, tokens: Tokens, by: Caller = PROGRAM) -> Tokens:
    return await app.services.tokens.refresh(tokens.refresh, caller=by)


async def opens(app: MemoryApp, tokens: Tokens) -> bool:
    try:
        account, session = await app.services.tokens.authenticate(tokens.access)
    except TokenRefused:
        return False
    assert (account.id, session.kind) == (tokens.account.id, Kind.PROGRAM)
    return True


async def renews(app: MemoryApp, tokens: Tokens) -> bool:
    try:
        await refresh(app, tokens)
    except RefreshRefused:
        return False
    return True


async def activity(app: MemoryApp, account: Account) -> list[str]:
    await app.run()
    entries, _ = await app.services.audit.recent(by=account.id, limit=100)
    return [entry.what for entry in entries]


def changes(app: MemoryApp) -> int:
    """Grows with every row that is written."""
    count: int = app.store._tables.changes  # type: ignore[attr-defined]
    return count


async def a_developer(app: MemoryApp) -> Account:
    return await app.account(Role.DEVELOPER, "Lucía Fernández")


async def with_app(app: MemoryApp) -> tuple[Account, Callable[[], str], list[str]]:
    """Somebody with an authenticator app: what it shows now, and the recovery codes."""
    account, factors = await a_developer(app), app.services.factors
    authenticator = await factors.start_app_setup(account.id)
    show = _shows(authenticator.secret, app)
    codes = list(await factors.confirm_app(account.id, code=show(), caller=CALLER))
    app.clock.advance(MINUTE)
    return await app.store.repositories.accounts.get(account.id), show, codes


def _shows(secret: str, app: MemoryApp) -> Callable[[], str]:
    return lambda: str(pyotp.TOTP(secret).at(app.clock.now()))


async def test_the_right_password_gives_an_access_token_and_a_refresh_token(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()

    tokens = await issue(app, meera)

    assert (tokens.account, tokens.expires_in) == (meera, 15 * MINUTE)
    assert await opens(app, tokens)
    assert "token_issued" in await activity(app, meera)


@pytest.mark.parametrize("password", ["four-quiet-green-train", "x" * 1000])
async def test_a_wrong_password_gives_nothing(app: MemoryApp, password: str) -> None:
    meera, _ = await app.client()
    before = await app.store.repositories.sessions.of_account(meera.id)

    with pytest.raises(WrongPassword):
        await app.services.tokens.issue(
            email=meera.email, password=password, otp=None, caller=PROGRAM
        )

    assert await app.store.repositories.sessions.of_account(meera.id) == before


async def test_guesses_at_the_token_endpoint_lock_an_account_as_those_at_the_login_page_do(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await app.services.tokens.issue(
                email=meera.email, password="wrong", otp=None, caller=PROGRAM
            )

    with pytest.raises(TooManyAttempts):
        await issue(app, meera)


async def test_an_address_that_is_not_confirmed_or_an_account_suspended_gives_nothing(
    app: MemoryApp,
) -> None:
    admin = await app.admin()
    meera, _ = await app.client()
    change = app.services.administration.change

    await change(meera.id, by=admin, caller=CALLER, suspended=True)
    with pytest.raises(Suspended):
        await issue(app, meera)

    await change(meera.id, by=admin, caller=CALLER, suspended=False, verified=False)
    with pytest.raises(EmailUnverified):
        await issue(app, meera)


async def test_an_account_with_mailed_codes_sends_the_code_with_the_password(
    app: MemoryApp,
) -> None:
    lucia = await a_developer(app)
    with pytest.raises(OtpNeeded):
        await issue(app, lucia)
    await app.run()

    tokens = await issue(app, lucia, app.code_for(lucia.email))

    assert await opens(app, tokens)
    _, session = await app.services.tokens.authenticate(tokens.access)
    assert session.verified_at == app.clock.now(), "a code was entered, so it is fresh"
    with pytest.raises(WrongCode):
        await issue(app, lucia, app.code_for(lucia.email))


async def test_a_code_mailed_for_a_program_is_for_that_alone_and_ends_after_five_guesses(
    app: MemoryApp,
) -> None:
    lucia = await a_developer(app)
    with pytest.raises(OtpNeeded):
        await issue(app, lucia)
    await app.run()
    code = app.code_for(lucia.email)
    for wrong in range(5):
        with pytest.raises(WrongCode):
            await issue(app, lucia, f"{(int(code) + 1 + wrong) % 10**6:06d}")

    with pytest.raises(WrongCode):
        await issue(app, lucia, code)


async def test_the_code_of_an_app_or_a_recovery_code_is_sent_with_the_password_each_once(
    app: MemoryApp,
) -> None:
    lucia, show, recovery = await with_app(app)
    with pytest.raises(OtpNeeded):
        await issue(app, lucia)

    for code in (show(), recovery[0]):
        assert await opens(app, await issue(app, lucia, code))
        with pytest.raises(WrongCode):
            await issue(app, lucia, code)

    assert "recovery_code_used" in await activity(app, lucia)


async def test_of_many_guesses_at_an_apps_code_at_once_five_are_looked_at(
    app: MemoryApp,
) -> None:
    lucia, show, _ = await with_app(app)
    right = show()
    guesses = [f"{(int(right) + 1 + n) % 10**6:06d}" for n in range(19)]

    await asyncio.gather(*(issue(app, lucia, g) for g in guesses), return_exceptions=True)

    with pytest.raises(WrongCode):
        await issue(app, lucia, right)


async def test_the_access_token_ends_after_a_quarter_of_an_hour(app: MemoryApp) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)

    app.clock.advance(15 * MINUTE + LEEWAY - SECOND)
    assert await opens(app, tokens)
    app.clock.advance(SECOND)
    assert not await opens(app, tokens)
    assert await opens(app, await refresh(app, tokens))


async def test_the_refresh_token_is_good_once_within_thirty_days(app: MemoryApp) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)

    app.clock.advance(30 * DAY - SECOND)
    second = await refresh(app, tokens)
    app.clock.advance(30 * DAY)

    assert not await renews(app, second)
    assert not await opens(app, second)


async def test_an_old_refresh_token_ends_the_family_and_the_owner_gets_a_mail(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    other = await issue(app, meera)
    stolen = await issue(app, meera)
    latest = await refresh(app, await refresh(app, stolen))

    with pytest.raises(RefreshRefused):
        await refresh(app, stolen)

    assert not await opens(app, latest)
    assert not await renews(app, latest)
    assert await opens(app, other), "another program of the account goes on"
    assert (await activity(app, meera)).count("token_reused") == 1
    subjects = [mail.subject for mail in app.mailer.to(meera.email)]
    assert subjects.count("A program was signed out") == 1


async def test_twenty_refreshes_at_once_of_one_client_get_one_pair(app: MemoryApp) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)

    pairs = await asyncio.gather(*(refresh(app, tokens) for _ in range(20)))

    assert len({(pair.access, pair.refresh) for pair in pairs}) == 1
    assert await opens(app, pairs[0])
    assert await renews(app, pairs[0])
    assert "token_reused" not in await activity(app, meera)
    assert "A program was signed out" not in [m.subject for m in app.mailer.to(meera.email)]


@pytest.mark.parametrize("repeats", [pytest.param(1, id="once"), pytest.param(5, id="five times")])
async def test_the_same_client_gets_the_same_pair_again_for_thirty_seconds(
    app: MemoryApp, repeats: int
) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)
    pair = await refresh(app, tokens)
    app.clock.advance(LEEWAY - SECOND)
    before = changes(app)

    for _ in range(repeats):
        again = await refresh(app, tokens)
        assert (again.access, again.refresh) == (pair.access, pair.refresh)
        assert again.expires_in == 15 * MINUTE - LEEWAY + SECOND

    assert changes(app) == before
    assert await opens(app, pair)
    assert await renews(app, pair)


async def test_a_repeat_after_thirty_seconds_ends_the_family(app: MemoryApp) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)
    pair = await refresh(app, tokens)
    app.clock.advance(LEEWAY)

    assert not await renews(app, tokens)

    assert not await opens(app, pair)
    assert (await activity(app, meera)).count("token_reused") == 1


@pytest.mark.parametrize(
    "other",
    [Caller("", "198.51.100.8", "curl/8.5"), Caller("", "198.51.100.7", "python-httpx/0.28")],
)
async def test_a_repeat_by_another_client_ends_the_family(app: MemoryApp, other: Caller) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)
    pair = await refresh(app, tokens)

    with pytest.raises(RefreshRefused):
        await refresh(app, tokens, by=other)

    assert not await opens(app, pair)


async def test_a_repeat_after_the_new_token_was_used_ends_the_family(app: MemoryApp) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)
    latest = await refresh(app, await refresh(app, tokens))

    assert not await renews(app, tokens)
    assert not await opens(app, latest)


async def test_nothing_stored_tells_the_client_or_the_tokens(app: MemoryApp) -> None:
    meera, _ = await app.client()
    pair = await refresh(app, await issue(app, meera))

    (program,) = [
        each
        for each in await app.store.repositories.sessions.of_account(meera.id)
        if each.kind is Kind.PROGRAM
    ]
    stored = repr(program)
    assert pair.refresh.rpartition(".")[2] not in stored
    assert PROGRAM.address not in stored
    assert len(program.renewed_by) == 64


async def test_of_two_clients_at_once_at_most_one_pair_stays_valid_and_one_mail_is_sent(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)
    clients = [Caller("", f"198.51.100.{n}", "curl/8.5") for n in range(20)]

    answers = await asyncio.gather(
        *(refresh(app, tokens, by=client) for client in clients), return_exceptions=True
    )

    pairs = [one for one in answers if isinstance(one, Tokens)]
    refused = [one for one in answers if isinstance(one, RefreshRefused)]
    assert len(pairs) + len(refused) == 20
    assert len(pairs) == 1
    assert sum([await renews(app, pair) for pair in pairs]) <= 1
    assert (await activity(app, meera)).count("token_reused") == 1
    subjects = [mail.subject for mail in app.mailer.to(meera.email)]
    assert subjects.count("A program was signed out") == 1


async def test_a_refresh_in_the_moment_of_revoking_is_no_theft(app: MemoryApp) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)

    await asyncio.gather(
        app.services.tokens.revoke(tokens.refresh, caller=PROGRAM),
        refresh(app, tokens),
        return_exceptions=True,
    )

    assert not await opens(app, tokens)
    assert "token_reused" not in await activity(app, meera)


async def test_revoking_signs_the_program_out_and_may_be_repeated(app: MemoryApp) -> None:
    meera, _ = await app.client()
    other, tokens = await issue(app, meera), await issue(app, meera)

    for _ in range(2):
        await app.services.tokens.revoke(tokens.refresh, caller=PROGRAM)

    assert not await opens(app, tokens)
    assert not await renews(app, tokens)
    assert await opens(app, other)


async def test_made_up_refresh_tokens_change_nothing_and_cost_no_write(app: MemoryApp) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)
    family, generation, mac = tokens.refresh.split(".")
    before = changes(app)

    for made_up in (
        "", ".", "..", "a.b.c", tokens.refresh[:-1], tokens.refresh + "0", tokens.refresh.upper(),
        f"{family}.{int(generation) + 1}.{mac}", f"{family}.{mac}", f"{family}.x.{mac}",
        f"{meera.id}.0.{mac}", tokens.access, "\0" * 500, "é.0.ü", tokens.refresh + "\ud800",
    ):  # fmt: skip
        with pytest.raises(RefreshRefused):
            await app.services.tokens.refresh(made_up, caller=PROGRAM)
        await app.services.tokens.revoke(made_up, caller=PROGRAM)

    assert changes(app) == before
    assert await renews(app, tokens)


async def test_a_cookies_value_is_no_token_and_a_token_no_cookie(app: MemoryApp) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)
    family = tokens.refresh.partition(".")[0]

    assert await app.services.sessions.authenticate(family) is None
    assert await app.services.sessions.authenticate(tokens.access) is None
    (browser,) = [
        one for one in await app.services.sessions.list_active(meera) if one.kind is Kind.BROWSER
    ]
    forged = app.services.tokens._tokens(meera, browser)
    assert not await opens(app, forged)
    assert not await renews(app, forged)


async def suspend(app: MemoryApp, account: Account) -> None:
    admin = await app.admin()
    await app.services.administration.change(account.id, by=admin, caller=CALLER, suspended=True)


async def change_password(app: MemoryApp, account: Account) -> None:
    (browser,) = [
        s for s in await app.services.sessions.list_active(account) if s.kind is Kind.BROWSER
    ]
    await app.services.passwords.change(
        account, browser, current=PASSWORD, new="another-long-password", caller=CALLER
    )


async def reset_password(app: MemoryApp, account: Account) -> None:
    await app.services.passwords.request_reset(email=account.email, caller=CALLER)
    await app.run()
    text = app.mailer.to(account.email)[-1].text
    link = text.partition("/reset/")[2].split()[0]
    await app.services.passwords.reset(link, password="another-long-password", caller=CALLER)


async def end_it_in_the_list(app: MemoryApp, account: Account) -> None:
    for session in await app.services.sessions.list_active(account):
        if session.kind is Kind.PROGRAM:
            await app.services.sessions.end(account.id, session.name, CALLER)


async def erase(app: MemoryApp, account: Account) -> None:
    await app.services.personal_data.erase(account, CALLER)


End = Callable[[MemoryApp, Account], Awaitable[None]]


@pytest.mark.parametrize(
    "end", [suspend, change_password, reset_password, end_it_in_the_list, erase]
)
async def test_what_ends_sessions_ends_programs_at_once(app: MemoryApp, end: End) -> None:
    meera, _ = await app.client()
    tokens, second = await issue(app, meera), await issue(app, meera)

    await end(app, meera)

    for each in (tokens, second):
        assert not await opens(app, each)
        assert not await renews(app, each)


async def test_programs_stand_among_the_sessions_each_under_a_name_of_its_own(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    first, second = await issue(app, meera), await issue(app, meera)

    programs = [s for s in await app.services.sessions.list_active(meera) if s.kind is Kind.PROGRAM]

    assert [(s.device, s.place) for s in programs] == [("curl/8.5", "198.51.100.0/24")] * 2
    assert len({s.name for s in programs}) == 2
    _, session = await app.services.tokens.authenticate(first.access)
    await app.services.sessions.end(meera.id, session.name, CALLER)
    assert not await opens(app, first)
    assert await opens(app, second)


async def test_a_program_that_changes_the_account_stays_signed_in(app: MemoryApp) -> None:
    meera, _ = await app.client()
    tokens = await issue(app, meera)
    _, session = await app.services.tokens.authenticate(tokens.access)

    await app.services.accounts.add_role(meera.id, Role.DEVELOPER, session=session, caller=PROGRAM)

    assert await opens(app, tokens)
    assert await renews(app, tokens)
