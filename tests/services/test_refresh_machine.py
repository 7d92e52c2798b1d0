"""A stateful test of refresh tokens: whoever repeats what when, only the same client gets the same
pair again, and every other repeat ends the family.

Random refreshes with current and earlier tokens, by two clients, alone and at once, run against
the services and a simple model of one family.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
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

from core.accounts import Account
from core.policy import DAY
from core.sessions import Caller
from ports.tokens import TokenRefused
from services.accounts.tokens import RefreshRefused, Tokens
from tests.app import PASSWORD, MemoryApp

T = TypeVar("T")

SECOND = timedelta(seconds=1)
REPEAT = 30 * SECOND
CLIENTS = (
    Caller("", "198.51.100.7", "curl/8.5"),
    Caller("", "198.51.100.7", "python-httpx/0.28"),
    Caller("", "198.51.100.8", "curl/8.5"),
)
WAITS = (SECOND, 14 * SECOND, 29 * SECOND, REPEAT, 31 * SECOND, 15 * 60 * SECOND, DAY)

happened: Counter[str] = Counter()


@dataclass
class FamilyModel:
    """All pairs of one sign-in, and when and by whom the last one was made."""

    pairs: list[Tokens] = field(default_factory=list)
    renewed: tuple[datetime, int] | None = None
    ended: bool = False


class RefreshMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.app = MemoryApp()
        self.family = FamilyModel()
        self.mails = 0

    def teardown(self) -> None:
        self.runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def somebody_signs_in(self) -> None:
        self.account, _ = self.run(self.app.client())
        self.sign_in()

    @precondition(lambda self: self.family.ended)
    @rule()
    def sign_in(self) -> None:
        tokens = self.app.services.tokens
        issued = tokens.issue(
            email=self.account.email, password=PASSWORD, otp=None, caller=CLIENTS[0]
        )
        self.family = FamilyModel([self.run(issued)])

    def expected(self, which: int, client: int) -> str:
        """What a refresh does with the token of this place among the pairs."""
        last = len(self.family.pairs) - 1
        if self.family.ended:
            return "refused"
        if which == last:
            return "renewed"
        if which == last - 1 and self.family.renewed:
            at, by = self.family.renewed
            if by == client and self.app.clock.now() < at + REPEAT:
                return "repeated"
        return "ended"

    def apply(self, which: int, client: int, pair: Tokens | None) -> None:
        expected = self.expected(which, client)
        happened[expected] += 1
        if expected == "renewed":
            assert pair
            assert pair.refresh not in {each.refresh for each in self.family.pairs}
            assert pair.access not in {each.access for each in self.family.pairs}
            self.family.pairs.append(pair)
            self.family.renewed = (self.app.clock.now(), client)
        elif expected == "repeated":
            assert pair
            assert (pair.access, pair.refresh) == _texts(self.family.pairs[-1])
        else:
            assert pair is None
        if expected == "ended":
            self.family.ended = True
            self.mails += 1

    async def refresh(self, which: int, client: int) -> Tokens | None:
        token = self.family.pairs[which].refresh
        try:
            return await self.app.services.tokens.refresh(token, caller=CLIENTS[client])
        except RefreshRefused:
            return None

    @rule(back=st.sampled_from((0, 0, 1, 1, 2, 3)), client=st.integers(0, 2))
    def one_refreshes(self, back: int, client: int) -> None:
        which = max(0, len(self.family.pairs) - 1 - back)
        self.apply(which, client, self.run(self.refresh(which, client)))

    @rule(client=st.integers(0, 2), number=st.integers(2, 6))
    def many_of_one_client_refresh_at_once(self, client: int, number: int) -> None:
        which = len(self.family.pairs) - 1

        async def at_once() -> list[Tokens | None]:
            return await asyncio.gather(*(self.refresh(which, client) for _ in range(number)))

        for pair in self.run(at_once()):
            self.apply(which, client, pair)
        happened["at once"] += 1

    @precondition(lambda self: not self.family.ended)
    @rule()
    def two_clients_refresh_at_once(self) -> None:
        which = len(self.family.pairs) - 1

        async def at_once() -> list[Tokens | None]:
            return await asyncio.gather(*(self.refresh(which, client) for client in (0, 1)))

        pairs = self.run(at_once())
        assert sum(pair is not None for pair in pairs) == 1, "the second one is no honest repeat"
        self.family.ended = True
        self.mails += 1
        happened["two clients at once"] += 1

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        self.app.clock.advance(wait)

    @invariant()
    def an_access_token_opens_while_its_family_lasts(self) -> None:
        for pair in self.family.pairs[-1:]:
            try:
                opened = bool(self.run(self.app.services.tokens.authenticate(pair.access)))
            except TokenRefused:
                opened = False
            assert not (opened and self.family.ended)

    @invariant()
    def only_reuse_is_told_to_the_owner(self) -> None:
        self.run(self.app.run())
        if not hasattr(self, "account"):
            return
        account: Account = self.account
        subjects = [mail.subject for mail in self.app.mailer.to(account.email)]
        assert subjects.count("A program was signed out") == self.mails


def _texts(pair: Tokens) -> tuple[str, str]:
    return pair.access, pair.refresh


EVERYTHING = {"renewed", "repeated", "ended", "refused", "at once", "two clients at once"}
QUICK = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=1_500, stateful_step_count=60, derandomize=False)


def test_only_the_same_client_gets_the_same_pair_again() -> None:
    happened.clear()
    run_state_machine_as_test(RefreshMachine, settings=QUICK)
    assert EVERYTHING - set(happened) == set(), "not every event has happened"


@pytest.mark.long
def test_only_the_same_client_gets_the_same_pair_however_long_it_goes_on() -> None:
    run_state_machine_as_test(RefreshMachine, settings=LONG)
