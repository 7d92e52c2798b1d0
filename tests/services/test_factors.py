"""The authenticator app and its recovery codes: what opens, what never opens again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from core.accounts import Account, FactorNeeded, TooManyTries
from core.codes import WrongCode
from core.errors import Conflict
from core.factors import RECOVERY_CODES, Factor
from core.policy import MINUTE
from services.accounts.tokens import OtpNeeded
from tests.house import CALLER, PASSWORD, MemoryHouse
from tests.services.members import (
    EMAIL,
    SHORT,
    App,
    a_guarded_member,
    a_member,
    a_mortal_house,
    account_of,
    an_app,
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
async def account(house: MemoryHouse) -> Account:
    return await a_guarded_member(house)


@pytest.fixture
async def app(house: MemoryHouse, account: Account) -> App:
    return await an_app(house, account)


async def opens(house: MemoryHouse, code: str) -> bool:
    """Whether a log-in goes through with this code."""
    pending = await log_in(house)
    try:
        return await seen(house, await finish(house, pending, code)) is not None
    except WrongCode:
        return False


async def test_an_app_takes_the_place_of_mailed_codes_at_the_log_in(
    house: MemoryHouse, app: App
) -> None:
    mails = len(house.mailer.sent)

    pending = await log_in(house)

    assert pending.wants is Factor.TOTP
    assert len(house.mailer.sent) == mails
    assert await seen(house, await finish(house, pending, app.shows()))


async def test_an_app_takes_the_place_of_mailed_codes_before_a_change(
    house: MemoryHouse, account: Account, app: App
) -> None:
    signed_in = await finish(house, await log_in(house), app.shows())
    await house.pass_time(15 * MINUTE)
    session, account = await session_of(house, signed_in), await account_of(house, account.id)
    mails = len(house.mailer.sent)

    asked = await house.services.sessions.ask_step_up(account, session)
    await house.services.sessions.step_up(account, session, code=app.shows(), caller=CALLER)
    await house.run()

    assert asked is Factor.TOTP
    assert len(house.mailer.sent) == mails
    now = house.clock.now()
    known = await browsers(house, account)
    assert sum(one.fresh(now=now, policy=house.policy) for one in known) == 1


async def test_an_app_takes_the_place_of_mailed_codes_for_programs(
    house: MemoryHouse, app: App
) -> None:
    mails = len(house.mailer.sent)
    with pytest.raises(OtpNeeded):
        await tokens(house, None)

    issued = await tokens(house, app.shows())
    await house.run()

    assert len(house.mailer.sent) == mails
    assert issued
    with pytest.raises(WrongCode):
        await tokens(house, app.shows())


async def tokens(house: MemoryHouse, otp: str | None) -> object:
    return await house.services.tokens.issue(email=EMAIL, password=PASSWORD, otp=otp, caller=CALLER)


@pytest.mark.parametrize(
    ("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
async def test_a_clock_may_be_off_by_half_a_minute(
    house: MemoryHouse, app: App, steps: int, right: bool
) -> None:
    await house.pass_time(MINUTE)

    assert await opens(house, app.shows(steps)) is right


async def test_the_code_that_set_the_app_up_opens_nothing(
    house: MemoryHouse, account: Account
) -> None:
    app = await an_app(house, account)

    assert not await opens(house, app.shows(-1))
    assert await opens(house, app.shows())


async def test_a_code_and_every_older_one_is_refused_after_it_was_used(
    house: MemoryHouse, app: App
) -> None:
    await house.pass_time(MINUTE)
    older, code, newer = app.shows(-1), app.shows(), app.shows(1)

    assert await opens(house, code)

    assert not await opens(house, code)
    assert not await opens(house, older)
    assert await opens(house, newer)


async def test_of_many_uses_of_one_code_at_once_one_opens(any_house: MemoryHouse) -> None:
    house = any_house
    account = await a_guarded_member(house)
    app, before = await an_app(house, account), len(await browsers(house, account))
    doors = [await waiting(house, await log_in(house)) for _ in range(6)]

    answers = await asyncio.gather(
        *(finish(house, door, app.shows()) for door in doors), return_exceptions=True
    )

    opened = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(opened) == 1
    assert len(await browsers(house, account)) == before + 1


async def test_guesses_at_once_over_many_log_ins_are_twenty_a_day(any_house: MemoryHouse) -> None:
    """The app's code is the same at every door, so the tries of all doors count together."""
    house = any_house
    account = await a_guarded_member(house)
    app = await an_app(house, account)
    before = len(await browsers(house, account))
    doors = [await waiting(house, await log_in(house)) for _ in range(10)]
    guesses = [(door, wrong(app.shows(), n)) for n in range(1, 11) for door in doors]
    for door in doors:  # each has all of its five tries
        assert await house.store.books.codes.find(f"log-in:{door.id}")

    answers = await asyncio.gather(
        *(finish(house, door, guess) for door, guess in guesses), return_exceptions=True
    )

    compared = [a for a in answers if isinstance(a, WrongCode) and "app shows" in a.fields["code"]]
    assert 10 < len(compared) <= 20, "a counter read late may only be too strict"
    with pytest.raises(TooManyTries):
        await finish(house, await log_in(house), app.shows())
    assert len(await browsers(house, account)) == before


async def test_an_app_counts_only_once_a_code_of_it_was_entered(house: MemoryHouse) -> None:
    account = await a_guarded_member(house)
    new = await house.services.factors.begin_app(account.id)
    app = App(house, new.secret, [])

    with pytest.raises(WrongCode):
        await confirm(house, account, wrong(app.shows()))

    assert (await account_of(house, account.id)).factor is Factor.EMAIL
    assert (await log_in(house)).wants is Factor.EMAIL
    assert await house.services.factors.waiting_app(await account_of(house, account.id)) == new
    assert len(await confirm(house, account, app.shows())) == RECOVERY_CODES
    assert (await account_of(house, account.id)).factor is Factor.TOTP


async def confirm(house: MemoryHouse, account: Account, code: str) -> list[str]:
    confirmed = house.services.factors.confirm_app
    return list(await confirmed(account.id, code=code, caller=CALLER))


async def test_an_app_is_set_up_once_until_it_is_removed(
    house: MemoryHouse, account: Account, app: App
) -> None:
    with pytest.raises(FactorNeeded):
        await house.services.factors.begin_app(account.id)
    with pytest.raises(Conflict):
        await confirm(house, account, app.shows())


async def test_of_two_confirmations_at_once_one_makes_recovery_codes(
    any_house: MemoryHouse,
) -> None:
    house = any_house
    account = await a_guarded_member(house)
    new = await house.services.factors.begin_app(account.id)
    app = App(house, new.secret, [])

    answers = await asyncio.gather(
        *(confirm(house, account, app.shows()) for _ in range(3)), return_exceptions=True
    )

    shown = [answer for answer in answers if isinstance(answer, list)]
    await house.pass_time(MINUTE)
    assert len(shown) == 1
    assert await opens(house, shown[0][0])


async def test_each_recovery_code_opens_once(
    house: MemoryHouse, account: Account, app: App
) -> None:
    assert len(set(app.recovery)) == RECOVERY_CODES

    for code in app.recovery:
        assert await opens(house, code)
        assert not await opens(house, code)

    told = [m for m in house.mailer.to(EMAIL) if m.subject == "A recovery code was used"]
    assert len(told) == RECOVERY_CODES
    assert "Codes left: 0" in told[-1].text


async def test_of_many_uses_of_one_recovery_code_at_once_one_opens(any_house: MemoryHouse) -> None:
    house = any_house
    account = await a_guarded_member(house)
    app, before = await an_app(house, account), len(await browsers(house, account))
    doors = [await waiting(house, await log_in(house)) for _ in range(6)]

    answers = await asyncio.gather(
        *(finish(house, door, app.recovery[0]) for door in doors), return_exceptions=True
    )

    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert len(await browsers(house, account)) == before + 1


async def test_a_recovery_code_is_read_however_it_is_typed(house: MemoryHouse, app: App) -> None:
    ways: tuple[Callable[[str], str], ...] = (
        str.upper,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f"  {code}\t",
        lambda code: " ".join(code),
        lambda code: code.replace("-", "–"),  # as a word processor would have it
    )
    for way, code in zip(ways, app.recovery[: len(ways)], strict=True):
        assert await opens(house, way(code)), way(code)


@pytest.mark.parametrize("guess", ["aa-aaaaa-aaaaa", "a", "aa", "ß" * 12, "a" * 10_000, "a\ud800"])
async def test_what_is_no_recovery_code_is_a_wrong_try(
    house: MemoryHouse, app: App, guess: str
) -> None:
    assert not await opens(house, guess)


async def test_recovery_codes_of_before_work_no_longer_when_new_ones_are_made(
    house: MemoryHouse, account: Account, app: App
) -> None:
    new = await house.services.factors.renew_recovery_codes(account.id, caller=CALLER)

    assert not await opens(house, app.recovery[0])
    assert await opens(house, new[0])


async def test_recovery_codes_belong_to_an_app(house: MemoryHouse, account: Account) -> None:
    with pytest.raises(Conflict):
        await house.services.factors.renew_recovery_codes(account.id, caller=CALLER)


async def test_a_removed_app_and_its_recovery_codes_open_nothing(
    house: MemoryHouse, account: Account, app: App
) -> None:
    await house.services.factors.remove_app(account.id, caller=CALLER)

    assert (await account_of(house, account.id)).factor is Factor.EMAIL
    assert not await opens(house, app.recovery[0])
    assert not await opens(house, app.shows())
    assert await seen(house, await enter(house))


async def test_another_app_does_not_show_the_codes_of_the_first(
    house: MemoryHouse, account: Account, app: App
) -> None:
    await house.services.factors.remove_app(account.id, caller=CALLER)
    second = await an_app(house, account)

    assert second.secret != app.secret
    assert not await opens(house, app.shows())
    assert not await opens(house, app.recovery[0])
    assert await opens(house, second.shows())


async def test_neither_the_apps_secret_nor_a_recovery_code_is_kept() -> None:
    house, store = a_mortal_house()
    account = await a_guarded_member(house)

    app = await an_app(house, account)

    kept, totp = store.text(), (await account_of(house, account.id)).totp
    assert totp
    assert app.secret not in kept
    for code in app.recovery:
        rest = code.replace("-", "")[2:]
        assert code not in kept
        assert rest not in kept
    hashes = [hashed for _, hashed in totp.recovery]
    assert len(set(hashes)) == RECOVERY_CODES
    assert all(hashed.startswith("plain$") for hashed in hashes), "by the keeper of passwords"


async def test_every_change_of_the_second_factor_is_told_by_mail(house: MemoryHouse) -> None:
    account = await a_member(house)
    factors, mails = house.services.factors, len(house.mailer.sent)

    await factors.turn(account.id, on=True, caller=CALLER)
    await an_app(house, account)
    await factors.renew_recovery_codes(account.id, caller=CALLER)
    await factors.remove_app(account.id, caller=CALLER)
    await factors.turn(account.id, on=False, caller=CALLER)
    await house.run()

    assert sorted(mail.subject for mail in house.mailer.sent[mails:]) == [
        "Log-ins no longer ask for a code",
        "Log-ins now ask for a code",
        "You have new recovery codes",
        "Your authenticator app is set up",
        "Your authenticator app was removed",
    ]


async def test_a_short_password_keeps_the_second_factor_on(house: MemoryHouse) -> None:
    account = await a_guarded_member(house, password=SHORT)

    with pytest.raises(FactorNeeded, match="too short"):
        await house.services.factors.turn(account.id, on=False, caller=CALLER)
    await house.services.factors.remove_app(account.id, caller=CALLER)

    assert (await account_of(house, account.id)).factor is Factor.EMAIL


async def test_an_administrator_always_has_a_second_factor(house: MemoryHouse) -> None:
    admin = await house.admin()

    with pytest.raises(FactorNeeded, match="always"):
        await house.services.factors.turn(admin.id, on=False, caller=CALLER)

    assert (await log_in(house, email=admin.email)).wants is Factor.EMAIL


async def test_turned_off_the_password_alone_opens(house: MemoryHouse, account: Account) -> None:
    await house.services.factors.turn(account.id, on=False, caller=CALLER)

    assert (await log_in(house)).wants is None
