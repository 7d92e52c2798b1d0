"""The authenticator app and its recovery codes: what is accepted, and what never again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from core.accounts import Account, FactorNeeded, TooManyAttempts
from core.accounts_policy import AccountPolicy
from core.codes import WrongCode
from core.errors import Conflict
from core.factors import RECOVERY_CODES, Factor
from core.policy import MINUTE
from services.accounts.codes import CodeGenerator
from services.accounts.tokens import OtpNeeded
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.services.members import (
    EMAIL,
    SHORT,
    AuthenticatorApp,
    a_member,
    a_member_with_two_factor,
    account_of,
    an_app,
    an_app_that_can_be_killed,
    browsers,
    enter,
    finish,
    log_in,
    seen,
    session_of,
    waiting,
    wrong,
)


@pytest.fixture
async def account(app: MemoryApp) -> Account:
    return await a_member_with_two_factor(app)


@pytest.fixture
async def authenticator(app: MemoryApp, account: Account) -> AuthenticatorApp:
    return await an_app(app, account)


def in_script(code: str, zero: str) -> str:
    """The code with the digits of another script, given by its zero."""
    return "".join(chr(ord(zero) + int(char)) if char in "0123456789" else char for char in code)


def in_full_width(code: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in code)


async def opens(app: MemoryApp, code: str) -> bool:
    """Whether a log-in goes through with this code."""
    pending = await log_in(app)
    try:
        return await seen(app, await finish(app, pending, code)) is not None
    except WrongCode:
        return False


async def test_an_app_replaces_mailed_codes_at_the_log_in(
    app: MemoryApp, authenticator: AuthenticatorApp
) -> None:
    mails = len(app.mailer.sent)

    pending = await log_in(app)

    assert pending.pending_factor is Factor.TOTP
    assert len(app.mailer.sent) == mails
    assert await seen(app, await finish(app, pending, authenticator.shows()))


async def test_an_app_replaces_mailed_codes_before_a_change(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    signed_in = await finish(app, await log_in(app), authenticator.shows())
    await app.pass_time(15 * MINUTE)
    session, account = await session_of(app, signed_in), await account_of(app, account.id)
    mails = len(app.mailer.sent)

    asked = await app.services.sessions.request_step_up(account, session)
    await app.services.sessions.step_up(account, session, code=authenticator.shows(), caller=CALLER)
    await app.run()

    assert asked is Factor.TOTP
    assert len(app.mailer.sent) == mails
    now = app.clock.now()
    known = await browsers(app, account)
    assert (
        sum(one.recently_verified(now=now, policy=app.policies[AccountPolicy]) for one in known)
        == 1
    )


async def test_an_app_replaces_mailed_codes_for_programs(
    app: MemoryApp, authenticator: AuthenticatorApp
) -> None:
    mails = len(app.mailer.sent)
    with pytest.raises(OtpNeeded):
        await tokens(app, None)

    issued = await tokens(app, authenticator.shows())
    await app.run()

    assert len(app.mailer.sent) == mails
    assert issued
    with pytest.raises(WrongCode):
        await tokens(app, authenticator.shows())


async def tokens(app: MemoryApp, otp: str | None) -> object:
    return await app.services.tokens.issue(email=EMAIL, password=PASSWORD, otp=otp, caller=CALLER)


@pytest.mark.parametrize(
    ("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
async def test_a_clock_may_be_off_by_half_a_minute(
    app: MemoryApp, authenticator: AuthenticatorApp, steps: int, right: bool
) -> None:
    await app.pass_time(MINUTE)

    assert await opens(app, authenticator.shows(steps)) is right


async def test_the_code_that_set_the_app_up_cannot_be_used_again(
    app: MemoryApp, account: Account
) -> None:
    authenticator = await an_app(app, account)

    assert not await opens(app, authenticator.shows(-1))
    assert await opens(app, authenticator.shows())


async def test_a_code_and_every_older_one_is_refused_after_it_was_used(
    app: MemoryApp, authenticator: AuthenticatorApp
) -> None:
    await app.pass_time(MINUTE)
    older, code, newer = authenticator.shows(-1), authenticator.shows(), authenticator.shows(1)

    assert await opens(app, code)

    assert not await opens(app, code)
    assert not await opens(app, older)
    assert await opens(app, newer)


async def test_of_many_uses_of_one_code_at_once_one_opens(any_app: MemoryApp) -> None:
    app = any_app
    account = await a_member_with_two_factor(app)
    authenticator, before = await an_app(app, account), len(await browsers(app, account))
    limits = [await waiting(app, await log_in(app)) for _ in range(6)]

    answers = await asyncio.gather(
        *(finish(app, limit, authenticator.shows()) for limit in limits), return_exceptions=True
    )

    opened = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(opened) == 1
    assert len(await browsers(app, account)) == before + 1


async def test_guesses_at_once_over_many_log_ins_are_twenty_a_day(any_app: MemoryApp) -> None:
    """The app's code is the same at every endpoint, so attempts at all endpoints count together."""
    app = any_app
    account = await a_member_with_two_factor(app)
    authenticator = await an_app(app, account)
    before = len(await browsers(app, account))
    limits = [await waiting(app, await log_in(app)) for _ in range(10)]
    guesses = [(limit, wrong(authenticator.shows(), n)) for n in range(1, 11) for limit in limits]
    for limit in limits:  # each has all of its five tries
        assert await app.store.repositories.codes.find(f"log-in:{limit.id}")

    answers = await asyncio.gather(
        *(finish(app, limit, guess) for limit, guess in guesses), return_exceptions=True
    )

    compared = [a for a in answers if isinstance(a, WrongCode) and "app shows" in a.fields["code"]]
    assert 10 < len(compared) <= 20, "a counter read late may only be too strict"
    with pytest.raises(TooManyAttempts):
        await finish(app, await log_in(app), authenticator.shows())
    assert len(await browsers(app, account)) == before


async def test_an_app_counts_only_once_a_code_of_it_was_entered(app: MemoryApp) -> None:
    account = await a_member_with_two_factor(app)
    new = await app.services.factors.start_app_setup(account.id)
    authenticator = AuthenticatorApp(app, new.secret, [])

    with pytest.raises(WrongCode):
        await confirm(app, account, wrong(authenticator.shows()))

    assert (await account_of(app, account.id)).factor is Factor.EMAIL
    assert (await log_in(app)).pending_factor is Factor.EMAIL
    assert await app.services.factors.pending_app(await account_of(app, account.id)) == new
    assert len(await confirm(app, account, authenticator.shows())) == RECOVERY_CODES
    assert (await account_of(app, account.id)).factor is Factor.TOTP


async def confirm(app: MemoryApp, account: Account, code: str) -> list[str]:
    confirmed = app.services.factors.confirm_app
    return list(await confirmed(account.id, code=code, caller=CALLER))


async def test_an_app_is_set_up_once_until_it_is_removed(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    with pytest.raises(FactorNeeded):
        await app.services.factors.start_app_setup(account.id)
    with pytest.raises(Conflict):
        await confirm(app, account, authenticator.shows())


async def test_of_two_confirmations_at_once_one_makes_recovery_codes(
    any_app: MemoryApp,
) -> None:
    app = any_app
    account = await a_member_with_two_factor(app)
    new = await app.services.factors.start_app_setup(account.id)
    authenticator = AuthenticatorApp(app, new.secret, [])

    answers = await asyncio.gather(
        *(confirm(app, account, authenticator.shows()) for _ in range(3)), return_exceptions=True
    )

    shown = [answer for answer in answers if isinstance(answer, list)]
    await app.pass_time(MINUTE)
    assert len(shown) == 1
    assert await opens(app, shown[0][0])


async def test_each_recovery_code_is_accepted_once(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    assert len(set(authenticator.recovery)) == RECOVERY_CODES

    for code in authenticator.recovery:
        assert await opens(app, code)
        assert not await opens(app, code)

    mails = [m for m in app.mailer.to(EMAIL) if m.subject == "A recovery code was used"]
    assert len(mails) == RECOVERY_CODES
    assert "Codes left: 0" in mails[-1].text


async def test_of_many_uses_of_one_recovery_code_at_once_one_opens(any_app: MemoryApp) -> None:
    app = any_app
    account = await a_member_with_two_factor(app)
    authenticator, before = await an_app(app, account), len(await browsers(app, account))
    limits = [await waiting(app, await log_in(app)) for _ in range(6)]

    answers = await asyncio.gather(
        *(finish(app, limit, authenticator.recovery[0]) for limit in limits), return_exceptions=True
    )

    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert len(await browsers(app, account)) == before + 1


async def test_a_recovery_code_is_read_however_it_is_typed(
    app: MemoryApp, authenticator: AuthenticatorApp
) -> None:
    ways: tuple[Callable[[str], str], ...] = (
        str.upper,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f"  {code}\t",
        lambda code: " ".join(code),
        lambda code: code.replace("-", "–"),  # as a word processor would have it
        lambda code: code.replace("-", "\u00a0"),
        in_full_width,
        lambda code: in_script(code, "०"),
    )
    for way, code in zip(ways, authenticator.recovery[: len(ways)], strict=True):
        assert await opens(app, way(code)), way(code)


@pytest.mark.parametrize("zero", ["０", "०", "٠", "۰", "০"])
async def test_digits_of_any_script_are_the_code_of_an_app(
    app: MemoryApp, authenticator: AuthenticatorApp, zero: str
) -> None:
    shown = in_script(authenticator.shows(), zero)
    assert await opens(app, f"{shown[:3]}\u00a0{shown[3:]}")


@pytest.mark.parametrize("guess", ["aa-aaaaa-aaaaa", "a", "aa", "ß" * 12, "a" * 10_000, "a\ud800"])
async def test_what_is_no_recovery_code_is_a_wrong_try(
    app: MemoryApp, authenticator: AuthenticatorApp, guess: str
) -> None:
    assert not await opens(app, guess)


async def test_recovery_codes_of_before_work_no_longer_when_new_ones_are_made(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    new = await app.services.factors.renew_recovery_codes(account.id, caller=CALLER)

    assert not await opens(app, authenticator.recovery[0])
    assert await opens(app, new[0])


async def test_recovery_codes_belong_to_an_app(app: MemoryApp, account: Account) -> None:
    with pytest.raises(Conflict):
        await app.services.factors.renew_recovery_codes(account.id, caller=CALLER)


async def test_a_removed_app_and_its_recovery_codes_open_nothing(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    await app.services.factors.remove_app(account.id, caller=CALLER)

    assert (await account_of(app, account.id)).factor is Factor.EMAIL
    assert not await opens(app, authenticator.recovery[0])
    assert not await opens(app, authenticator.shows())
    assert await seen(app, await enter(app))


async def test_another_app_does_not_show_the_codes_of_the_first(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    await app.services.factors.remove_app(account.id, caller=CALLER)
    second = await an_app(app, account)

    assert second.secret != authenticator.secret
    assert not await opens(app, authenticator.shows())
    assert not await opens(app, authenticator.recovery[0])
    assert await opens(app, second.shows())


async def shown_until_saved(app: MemoryApp, account: Account) -> Sequence[str]:
    return await app.services.factors.renew_recovery_codes(
        account.id, caller=CALLER, show_until_saved=True
    )


async def unsaved(app: MemoryApp, account: Account) -> Sequence[str]:
    return app.services.factors.unsaved_recovery_codes(await account_of(app, account.id))


async def test_recovery_codes_can_be_shown_again_until_they_are_saved(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    codes = await shown_until_saved(app, account)
    assert await unsaved(app, account) == codes

    await app.services.factors.confirm_recovery_codes_saved(account.id)

    assert await unsaved(app, account) == ()
    assert await opens(app, codes[0])


async def test_recovery_codes_that_nobody_asked_to_see_again_are_shown_once(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    assert await unsaved(app, account) == ()


async def test_a_used_recovery_code_counts_as_saved(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    codes = await shown_until_saved(app, account)

    assert await opens(app, codes[3])

    assert await unsaved(app, account) == ()


async def test_recovery_codes_go_with_the_app_and_new_ones_replace_those_not_saved(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    first = await shown_until_saved(app, account)
    second = await shown_until_saved(app, account)
    assert await unsaved(app, account) == second != first
    assert not await opens(app, first[0])

    await app.services.factors.remove_app(account.id, caller=CALLER)

    assert await unsaved(app, account) == ()


async def test_with_another_server_key_no_wrong_codes_are_shown(
    app: MemoryApp, account: Account, authenticator: AuthenticatorApp
) -> None:
    await shown_until_saved(app, account)
    factors, stored = app.services.factors, await account_of(app, account.id)
    recovery = replace(factors.recovery, code_generator=CodeGenerator(key=b"another key"))

    assert replace(factors, recovery=recovery).unsaved_recovery_codes(stored) == ()


async def test_neither_the_apps_secret_nor_a_recovery_code_is_kept() -> None:
    app, store = an_app_that_can_be_killed()
    account = await a_member_with_two_factor(app)

    authenticator = await an_app(app, account)
    authenticator.recovery += await shown_until_saved(app, account)

    kept, totp = store.text(), (await account_of(app, account.id)).totp
    assert totp
    assert authenticator.secret not in kept
    for code in authenticator.recovery:
        rest = code.replace("-", "")[2:]
        assert code not in kept
        assert rest not in kept
    hashes = [hashed for _, hashed in totp.recovery]
    assert len(set(hashes)) == RECOVERY_CODES
    assert all(hashed.startswith("plain$") for hashed in hashes), "by the keeper of passwords"


async def test_every_change_of_the_second_factor_is_announced_by_mail(app: MemoryApp) -> None:
    account = await a_member(app)
    factors, mails = app.services.factors, len(app.mailer.sent)

    await factors.set_two_factor(account.id, on=True, caller=CALLER)
    await an_app(app, account)
    await factors.renew_recovery_codes(account.id, caller=CALLER)
    await factors.remove_app(account.id, caller=CALLER)
    await factors.set_two_factor(account.id, on=False, caller=CALLER)
    await app.run()

    assert sorted(mail.subject for mail in app.mailer.sent[mails:]) == [
        "Log-ins no longer ask for a code",
        "Log-ins now ask for a code",
        "You have new recovery codes",
        "Your authenticator app is set up",
        "Your authenticator app was removed",
    ]


async def test_a_short_password_keeps_the_second_factor_on(app: MemoryApp) -> None:
    account = await a_member_with_two_factor(app, password=SHORT)

    with pytest.raises(FactorNeeded, match="too short"):
        await app.services.factors.set_two_factor(account.id, on=False, caller=CALLER)
    await app.services.factors.remove_app(account.id, caller=CALLER)

    assert (await account_of(app, account.id)).factor is Factor.EMAIL


async def test_an_administrator_always_has_a_second_factor(app: MemoryApp) -> None:
    admin = await app.admin()

    with pytest.raises(FactorNeeded, match="always"):
        await app.services.factors.set_two_factor(admin.id, on=False, caller=CALLER)

    assert (await log_in(app, email=admin.email)).pending_factor is Factor.EMAIL


async def test_turned_off_the_password_alone_opens(app: MemoryApp, account: Account) -> None:
    await app.services.factors.set_two_factor(account.id, on=False, caller=CALLER)

    assert (await log_in(app)).pending_factor is None
