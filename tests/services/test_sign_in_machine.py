"""A stateful test of signing in: whatever is entered, only the right credentials sign in.

Random log-ins, codes, changes and waits run against the services and a simple model, which says
who must be signed in where. Invariants are checked after each step.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.accounts import Account, AccountId, Role
from core.accounts_policy import AccountPolicy
from core.codes import Code, Purpose
from core.errors import OneHourError
from core.factors import Factor
from core.policy import DAY, HOUR, MINUTE
from core.sessions import Caller, Kind, Session
from services.accounts.factors import FactorService
from services.accounts.session_writer import session_id
from services.accounts.sessions import LAST_SEEN_PRECISION
from tests.app import CALLER, MemoryApp
from tests.services.members import AuthenticatorApp, wrong

T = TypeVar("T")

PASSWORDS = ("four-quiet-green-trains", "seven-slow-purple-kettles", "nine-grey-loud-pigeons")
RIGHT = ""
"""Means the current password."""
IDLE, LIFE, PENDING_LIFE, FRESH = 14 * DAY, 30 * DAY, 10 * MINUTE, 15 * MINUTE
WAITS = (MINUTE / 2, MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, HOUR, DAY, 8 * DAY, 14 * DAY)

NO_ACCOUNT = AccountId("")

happened: Counter[str] = Counter()
"""How often each event happened, over all runs of this process."""


@dataclass
class SessionModel:
    """A cookie of a browser, and the state that the model expects."""

    token: str
    account: int
    opened: datetime
    seen: datetime
    pending_factor: Factor | None = None
    fresh: datetime | None = None
    ended: bool = False


@dataclass
class AccountModel:
    """The state of one account in the model."""

    email: str
    role: Role
    password: str = ""
    id: AccountId = NO_ACCOUNT
    confirmed: bool = False
    suspended: bool = False
    authenticator: AuthenticatorApp | None = None
    two_factor: bool = False
    links: list[str] = field(default_factory=list)

    @property
    def factor(self) -> Factor | None:
        if self.authenticator:
            return Factor.TOTP
        return Factor.EMAIL if self.two_factor else None


class SignInMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.app = MemoryApp()
        self.people = [
            AccountModel("meera@example.com", Role.CLIENT),
            AccountModel("lucia@example.com", Role.DEVELOPER, two_factor=True),
        ]
        self.sessions_held: list[SessionModel] = []
        self.comparisons: dict[str, int] = {}
        """How often each code was compared with a guess, by its digest and time."""
        self._watch_codes()

    def _watch_codes(self) -> None:
        codes = self.app.store.repositories.codes
        take = codes.use_attempt

        async def counting(code_id: str, *, now: datetime) -> Code | None:
            code = await take(code_id, now=now)
            if code:
                name = f"{code.id} {code.sent_at} {code.digest}"
                self.comparisons[name] = self.comparisons.get(name, 0) + 1
            return code

        codes.use_attempt = counting  # type: ignore[method-assign]

    def teardown(self) -> None:
        self.runner.close()

    @property
    def now(self) -> datetime:
        return self.app.clock.now()

    def do(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The result, or None where it was refused; then every due message is run."""

        async def done() -> T | None:
            try:
                result = await work
            except OneHourError:
                result = None
            await self.app.run()
            return result

        return self.runner.run(done())

    def account(self, person: AccountModel) -> Account:
        found = self.do(self.app.store.repositories.accounts.get(person.id))
        assert found
        return found

    def alive(self, held: SessionModel) -> bool:
        life = PENDING_LIFE if held.pending_factor else LIFE
        idle = PENDING_LIFE if held.pending_factor else IDLE
        return (
            not held.ended
            and not self.people[held.account].suspended
            and self.now < held.opened + life
            and self.now < held.seen + idle
        )

    def active_sessions(self, *, pending: bool) -> list[SessionModel]:
        return [
            d
            for d in self.sessions_held
            if self.alive(d) and (d.pending_factor is not None) is pending
        ]

    def session(self, held: SessionModel) -> Session | None:
        found = self.do(self.app.services.sessions.authenticate(held.token))
        return found[1] if found else None

    def end_all(self, person: AccountModel, *, keep: SessionModel | None = None) -> None:
        for held in self.sessions_held:
            if self.people[held.account] is person and held is not keep:
                held.ended = True

    def code_for(self, person: AccountModel) -> str | None:
        codes = [m for m in self.app.mailer.to(person.email) if "code is" in m.subject]
        return self.app.code_for(person.email) if codes else None

    # People arrive

    @initialize()
    def one_is_registered(self) -> None:
        self.register(0, 0)
        self.confirm(0, right=True)

    @rule(who=st.integers(0, 1), password_number=st.integers(0, 2))
    def register(self, who: int, password_number: int) -> None:
        person = self.people[who]
        made = self.do(
            self.app.services.accounts.register(
                role=person.role, name="Somebody", email=person.email,
                password=PASSWORDS[password_number], timezone="UTC", caller=CALLER,
            )
        )  # fmt: skip
        if made and not person.confirmed:  # else it only looks as if
            found = self.do(self.app.store.repositories.accounts.find_by_email(person.email))
            assert found
            person.id, person.password = found.id, PASSWORDS[password_number]

    @rule(who=st.integers(0, 1), right=st.booleans())
    def confirm(self, who: int, right: bool) -> None:
        person, code = self.people[who], self.code_for(self.people[who])
        if code is None:
            return
        verify = self.app.services.accounts.verify_email
        guess = code if right else wrong(code)
        entered = self.do(verify(email=person.email, code=guess, caller=CALLER))
        if entered:
            assert right
            assert not person.confirmed, "an address is confirmed once"
            person.confirmed = True
            happened["confirmed"] += 1
            self._opened(person, entered.token, None, fresh=True)

    # People come and go

    @rule(who=st.integers(0, 1), typed=st.sampled_from((*PASSWORDS, RIGHT, RIGHT, RIGHT)))
    def log_in(self, who: int, typed: str) -> None:
        person = self.people[who]
        password = typed or person.password
        caller = Caller("visit", f"203.0.{len(self.sessions_held) % 250}.1")
        entered = self.do(
            self.app.services.sessions.log_in(email=person.email, password=password, caller=caller)
        )
        if entered:
            assert password == person.password, "no session without the right password"
            assert person.confirmed
            assert not person.suspended
            assert entered.pending_factor is person.factor, "and the factor of this moment"
            happened[f"let in, wants {entered.pending_factor}"] += 1
            self._opened(person, entered.token, entered.pending_factor, fresh=False)

    def _opened(
        self, person: AccountModel, token: str, pending_factor: Factor | None, *, fresh: bool
    ) -> None:
        who = self.people.index(person)
        self.sessions_held.append(
            SessionModel(
                token, who, self.now, self.now, pending_factor, self.now if fresh else None
            )
        )

    @precondition(lambda self: self.active_sessions(pending=True))
    @rule(which=st.integers(0, 20), kind=st.sampled_from(["right", "wrong", "old", "recovery"]))
    def second_factor(self, which: int, kind: str) -> None:
        held = self._pick(which, pending=True)
        person, session = self.people[held.account], self.session(held)
        assert session
        guess = self._guess(person, kind)
        entered = self.do(self.app.services.sessions.verify(session, code=guess, caller=CALLER))
        if entered:
            assert kind in self._may_open(person), (kind, person.factor)
            assert entered.token != held.token
            held.ended = True
            happened[f"finished by a {kind} code, {person.factor}"] += 1
            self._use_up(person, kind, guess)
            self._opened(person, entered.token, None, fresh=True)

    def _guess(self, person: AccountModel, kind: str) -> str:
        mailed = self.code_for(person) or "000000"
        if kind == "recovery" and person.authenticator and person.authenticator.recovery:
            return person.authenticator.recovery[0]
        right = person.authenticator.shows() if person.authenticator else mailed
        if kind == "right":
            return right
        return wrong(right) if kind == "wrong" or not person.authenticator else mailed

    def _may_open(self, person: AccountModel) -> set[str]:
        return {"right", "recovery"} if person.authenticator else {"right"}

    def _use_up(self, person: AccountModel, kind: str, guess: str) -> None:
        if kind == "recovery" and person.authenticator and guess in person.authenticator.recovery:
            person.authenticator.recovery.remove(guess)

    @precondition(lambda self: self.active_sessions(pending=True))
    @rule(which=st.integers(0, 20))
    def code_again(self, which: int) -> None:
        session = self.session(self._pick(which, pending=True))
        assert session
        self.do(self.app.services.sessions.resend_code(session))

    @precondition(lambda self: self.active_sessions(pending=False))
    @rule(which=st.integers(0, 20), kind=st.sampled_from(["right", "wrong", "recovery"]))
    def step_up(self, which: int, kind: str) -> None:
        held = self._pick(which, pending=False)
        person, session = self.people[held.account], self.session(held)
        assert session
        sessions, account = self.app.services.sessions, self.account(person)
        mails = len(self.app.mailer.sent)
        asked = self.do(sessions.request_step_up(account, session))
        if asked is Factor.EMAIL:
            assert len(self.app.mailer.sent) == mails + 1
        guess = self._guess(person, kind)
        entered = self.do(sessions.step_up(account, session, code=guess, caller=CALLER))
        if entered:
            assert kind in self._may_open(person)
            self._use_up(person, kind, guess)
            happened[f"stepped up by a {kind} code, {person.factor}"] += 1
            held.ended = True
            self.sessions_held.append(
                SessionModel(entered.token, held.account, held.opened, held.seen, None, self.now)
            )

    @precondition(lambda self: self.active_sessions(pending=False))
    @rule(which=st.integers(0, 20), others=st.booleans())
    def end(self, which: int, others: bool) -> None:
        held = self._pick(which, pending=False)
        person, session = self.people[held.account], self.session(held)
        assert session
        sessions = self.app.services.sessions
        if others:
            self.do(sessions.end_others(self.account(person), session, CALLER))
            self.end_all(person, keep=held)
        else:
            self.do(sessions.end(person.id, session.name, CALLER))
            held.ended = True

    # What opens changes

    @precondition(lambda self: self.active_sessions(pending=False))
    @rule(
        which=st.integers(0, 20), typed=st.sampled_from((*PASSWORDS, RIGHT)), new=st.integers(0, 2)
    )
    def change_password(self, which: int, typed: str, new: int) -> None:
        held = self._pick(which, pending=False)
        person, session = self.people[held.account], self.session(held)
        assert session
        entered = self.do(
            self.app.services.passwords.change(
                self.account(person), session, current=typed or person.password, new=PASSWORDS[new],
                caller=CALLER,
            )
        )  # fmt: skip
        if entered:
            assert (typed or person.password) == person.password
            person.password = PASSWORDS[new]
            happened["changed the password"] += 1
            self.end_all(person)
            renewed = SessionModel(
                entered.token, held.account, held.opened, held.seen, None, held.fresh
            )
            self.sessions_held.append(renewed)

    @rule(who=st.integers(0, 1))
    def request_reset(self, who: int) -> None:
        person = self.people[who]
        self.do(self.app.services.passwords.request_reset(email=person.email, caller=CALLER))
        texts = [m.text for m in self.app.mailer.to(person.email) if "/reset/" in m.text]
        if texts:
            link = texts[-1].split("/reset/")[1].split()[0]
            if link not in person.links:
                person.links.append(link)

    @precondition(lambda self: any(person.links for person in self.people))
    @rule(which=st.integers(0, 5), new=st.integers(0, 2))
    def reset_password(self, which: int, new: int) -> None:
        links = [(person, link) for person in self.people for link in person.links]
        person, link = links[which % len(links)]
        newest = link == person.links[-1]
        saved = self.do(
            self.app.services.passwords.reset(link, password=PASSWORDS[new], caller=CALLER)
        )
        if saved:
            assert newest, "a new link voids the one before"
            assert not person.suspended
            person.password, person.links = PASSWORDS[new], []
            happened["reset the password"] += 1
            self.end_all(person)

    @precondition(lambda self: self.active_sessions(pending=False))
    @rule(which=st.integers(0, 20), on=st.booleans())
    def switch_two_factor(self, which: int, on: bool) -> None:
        person = self.people[self._pick(which, pending=False).account]
        turned = self.do(self.app.services.factors.set_two_factor(person.id, on=on, caller=CALLER))
        if turned:
            happened[f"turned the factor {'on' if on else 'off'}"] += 1
            person.two_factor = person.two_factor if on and person.authenticator else on
            person.authenticator = person.authenticator if on else None

    @precondition(lambda self: self.active_sessions(pending=False))
    @rule(which=st.integers(0, 20), right=st.booleans())
    def set_up_app(self, which: int, right: bool) -> None:
        person, factors = self.people[self._pick(which, pending=False).account], self.factors
        new = self.do(factors.start_app_setup(person.id))
        if new is None:
            assert person.authenticator
            return
        authenticator = AuthenticatorApp(self.app, new.secret, [])
        code = authenticator.shows() if right else wrong(authenticator.shows())
        codes = self.do(factors.confirm_app(person.id, code=code, caller=CALLER))
        if codes:
            assert right
            person.authenticator = AuthenticatorApp(self.app, new.secret, list(codes))
            happened["set up an app"] += 1

    @precondition(lambda self: any(person.authenticator for person in self.people))
    @rule(who=st.integers(0, 1), renew=st.booleans())
    def remove_app_or_renew_codes(self, who: int, renew: bool) -> None:
        person = self.people[who]
        if person.authenticator is None:
            return
        if renew:
            codes = self.do(self.factors.renew_recovery_codes(person.id, caller=CALLER))
            person.authenticator.recovery = list(codes or person.authenticator.recovery)
        elif self.do(self.factors.remove_app(person.id, caller=CALLER)):
            person.authenticator, person.two_factor = None, True
            happened["removed the app"] += 1

    @property
    def factors(self) -> FactorService:
        return self.app.services.factors

    @precondition(lambda self: any(person.id for person in self.people))
    @rule(who=st.integers(0, 1), suspended=st.booleans())
    def suspend(self, who: int, suspended: bool) -> None:
        person = self.people[who]
        if not person.id:
            return

        async def by_an_operator() -> None:
            admin = await self.app.store.repositories.accounts.get(self.people[0].id)
            other = AccountId("acc_operator")
            await self.app.services.administration.change(
                person.id, by=_named(admin, other), caller=CALLER, suspended=suspended
            )

        self.do(by_an_operator())
        person.suspended = suspended
        happened["suspended" if suspended else "restored"] += 1
        if suspended:
            self.end_all(person)

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        self.app.clock.advance(wait)

    def _pick(self, which: int, *, pending: bool) -> SessionModel:
        held_sessions = self.active_sessions(pending=pending)
        return held_sessions[which % len(held_sessions)]

    # What always holds

    @invariant()
    def every_cookie_opens_what_the_model_says_and_nothing_else(self) -> None:
        for held in self.sessions_held:
            expected = self.alive(held)
            found = self.runner.run(self.app.services.sessions.authenticate(held.token))
            assert (found is not None) is expected, held
            if not found:
                continue
            account, session = found
            assert account.id == self.people[held.account].id
            assert (session.kind is Kind.PENDING) is (held.pending_factor is not None)
            fresh = held.fresh is not None and self.now < held.fresh + FRESH
            policy = self.app.policies[AccountPolicy]
            assert session.recently_verified(now=self.now, policy=policy) is fresh, held
            if self.now - held.seen > LAST_SEEN_PRECISION:  # looking was a use of it
                held.seen = self.now

    @invariant()
    def there_is_no_session_the_model_has_not_seen_opened(self) -> None:
        known = {session_id(held.token) for held in self.sessions_held if not held.ended}
        for person in self.people:
            find = self.app.store.repositories.sessions.of_account(person.id)
            assert {session.id for session in self.runner.run(_of(find))} <= known

    @invariant()
    def no_code_is_compared_more_than_five_times(self) -> None:
        mailed = {name: n for name, n in self.comparisons.items() if not name.endswith(" ")}
        assert max(mailed.values(), default=0) <= 5
        assert set(Purpose) >= {Purpose(name.partition(":")[0]) for name in self.comparisons}

    @invariant()
    def an_account_asks_for_the_factor_the_model_says(self) -> None:
        for person in self.people:
            if person.id:
                assert self.account(person).factor is person.factor


async def _of(work: Awaitable[T]) -> T:
    return await work


def _named(account: Account, other: AccountId) -> Account:
    return replace(account, id=other, roles=frozenset({Role.ADMIN}))


WAYS = ("finished", "stepped up")
EVERYTHING = {
    "confirmed", "changed the password", "reset the password", "set up an app", "removed the app",
    "turned the factor on", "turned the factor off", "suspended", "restored",
    *(f"let in, wants {factor}" for factor in (None, *Factor)),
    *(f"{what} by a right code, {factor}" for what in WAYS for factor in Factor),
    *(f"{what} by a recovery code, totp" for what in WAYS),
}  # fmt: skip

QUICK = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=2_000, stateful_step_count=80, derandomize=False)


def test_only_right_credentials_sign_in_whatever_is_typed() -> None:
    run_state_machine_as_test(SignInMachine, settings=QUICK)


@pytest.mark.long
def test_only_right_credentials_sign_in_however_long_it_goes_on() -> None:
    happened.clear()
    run_state_machine_as_test(SignInMachine, settings=LONG)
    assert EVERYTHING - set(happened) == set(), "not every event has happened"
