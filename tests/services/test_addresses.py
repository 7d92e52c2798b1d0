"""One account per mailbox address in any spelling, and limits by the mailbox that gets the mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.accounts import Account, Role, WrongPassword
from core.codes import CodeTooSoon
from core.email_addresses import mailbox
from core.errors import Invalid
from core.policy import HOUR, MINUTE
from core.sessions import Caller
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.services.members import a_member, log_in, register, verify

BUCHER = "v@xn--bcher-kva.example"
SPELLINGS = (
    BUCHER, "v@bücher.example", "V@BÜCHER.example", "v@bu\u0308cher.example",
    "v@XN--BCHER-KVA.example", " ｖ＠bücher.example ",
)  # fmt: skip


def mails_to(app: MemoryApp, box: str) -> int:
    return sum(mailbox(mail.to) == box for mail in app.mailer.sent)


@pytest.mark.parametrize("spelling", SPELLINGS, ids=ascii)
async def test_an_international_address_is_one_account_in_all_spellings(
    app: MemoryApp, spelling: str
) -> None:
    await register(app, spelling)
    assert [mail.to for mail in app.mailer.sent] == [BUCHER]

    member = (await verify(app, app.code_for(BUCHER), SPELLINGS[3])).account

    assert (member.email, member.shown_email) == (BUCHER, "v@bücher.example")
    for other in SPELLINGS:
        assert (await log_in(app, email=other)).account.id == member.id
        await app.services.passwords.request_reset(email=other, caller=CALLER)
        await register(app, other)
    assert len([a for a in await everybody(app) if a.email == BUCHER]) == 1


async def everybody(app: MemoryApp) -> tuple[Account, ...]:
    return (await app.store.repositories.accounts.page(start="", limit=100, cursor=None))[0]


async def test_a_new_address_is_compared_in_all_spellings(app: MemoryApp) -> None:
    owner = await a_member(app, BUCHER)
    other = await a_member(app)

    with pytest.raises(Invalid, match="your address already"):
        await app.services.accounts.request_new_email(owner.id, email=SPELLINGS[3], caller=CALLER)
    await app.services.accounts.request_new_email(other.id, email=SPELLINGS[2], caller=CALLER)
    await app.run()

    assert app.mailer.to(BUCHER)[-1].subject == "You already have an account"


@pytest.mark.parametrize(
    "stored", ["v@bücher.example", "v@bu\u0308cher.example", "(a)v@example.com"]
)
async def test_an_account_of_an_earlier_version_is_found_by_its_address(
    app: MemoryApp, stored: str
) -> None:
    member = await a_member(app, "early@example.com")
    early = await app.store.repositories.accounts.save(replace(member, email=stored))

    assert (await log_in(app, email=stored)).account.id == member.id
    for _ in range(3):
        with pytest.raises(WrongPassword):
            await log_in(app, "not-the-password", email=stored)
    assert app.services.accounts.addresses.names(f" {stored.upper()}", early)
    if "@b" in stored:
        assert (await log_in(app, email=BUCHER)).account.id == member.id
        await register(app, BUCHER)
        assert [account.email for account in await everybody(app)] == [stored]
        await app.services.passwords.request_reset(email=BUCHER, caller=CALLER)
        await app.run()
        assert "/reset/" in app.mailer.to(BUCHER)[-1].text


@pytest.mark.parametrize("email", ["(a)v@example.com", '"v"@example.com', "<v@example.com>"])
async def test_an_address_that_names_another_mailbox_is_refused(app: MemoryApp, email: str) -> None:
    member = await a_member(app)
    sent = len(app.mailer.sent)

    with pytest.raises(Invalid):
        await register(app, email)
    with pytest.raises(Invalid):
        await app.services.accounts.request_new_email(member.id, email=email, caller=CALLER)

    await app.run()
    assert len(app.mailer.sent) == sent


TAGGED = tuple(
    spelling
    for n in range(8)
    for spelling in (
        f"vic.tim+{n}@gmail.com", f"v.ictim+{n}@GoogleMail.com", f"Victim+{n}.x@gmail.com",
    )
)  # fmt: skip


async def test_registrations_mail_one_mailbox_five_times_an_hour_at_most(app: MemoryApp) -> None:
    for email in TAGGED:
        await register(app, email)
    assert mails_to(app, "victim@gmail.com") == 5

    await app.pass_time(HOUR)
    await register(app, "victim+another@gmail.com")
    assert mails_to(app, "victim@gmail.com") == 6


async def test_a_browser_over_the_limit_gets_its_code_when_the_hour_is_over(
    app: MemoryApp,
) -> None:
    for email in TAGGED[:5]:
        await register(app, email)
    late = "victim+late@gmail.com"
    await register(app, late)
    with pytest.raises(CodeTooSoon, match="several codes in the last hour"):
        await app.services.accounts.resend_code(email=late, caller=CALLER)
    await app.services.accounts.resend_code(email=late, caller=Caller("another browser"))
    assert app.mailer.to(late) == []

    await app.pass_time(HOUR)
    await app.services.accounts.resend_code(email=late, caller=CALLER)
    await app.run()

    assert (await verify(app, app.code_for(late), late)).account.email == late


async def test_new_addresses_of_many_accounts_mail_one_mailbox_five_times_an_hour_at_most(
    app: MemoryApp,
) -> None:
    refused = 0
    for n, email in enumerate(TAGGED[:8]):
        member = await a_member(app, f"sender{n}@example.com")
        try:
            await app.services.accounts.request_new_email(member.id, email=email, caller=CALLER)
        except CodeTooSoon:
            refused += 1
    await app.run()

    assert (mails_to(app, "victim@gmail.com"), refused) == (5, 3)


async def test_resets_and_notices_are_limited_by_the_mailbox(app: MemoryApp) -> None:
    boxes = [f"meera+{n}@example.com" for n in range(4)]
    for email in boxes:
        await a_member(app, email)
    sent = mails_to(app, "meera@example.com")

    for n in range(3):
        for email in boxes:
            caller = Caller(f"{n}", f"203.0.113.{n}")
            await app.services.passwords.request_reset(email=email, caller=caller)
            await app.services.accounts.register(
                role=Role.CLIENT, name="X", email=email, password=PASSWORD, timezone="UTC",
                caller=caller,
            )  # fmt: skip
    await app.run()

    assert mails_to(app, "meera@example.com") - sent == 5 + 1


async def test_the_limit_of_a_mailbox_starts_again_with_a_right_code(app: MemoryApp) -> None:
    await a_member(app, "meera+dev@example.com", role=Role.DEVELOPER)
    for _ in range(8):
        pending = await log_in(app, email="meera+dev@example.com")
        session = await app.services.sessions.authenticate(pending.token)
        assert session
        await app.services.sessions.verify(
            session[1], code=app.code_for("meera+dev@example.com"), caller=CALLER
        )
        await app.pass_time(MINUTE)
