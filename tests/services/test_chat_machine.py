"""A stateful test of chats: both parties write and read, through two processes, in any order.

Processes may end before they update the summary of a chat. Marks never go back, and at the end
everybody's unread count is right.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
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

from core.chats import Chat, ChatId
from core.chats_policy import ChatPolicy
from core.messages import Draft
from core.policy import Policies
from services.chats import summaries
from services.chats.writing import SUMMARISE_AFTER
from tests.app import MemoryApp

T = TypeVar("T")

PROCESSES, PARTIES = st.integers(0, 1), st.integers(0, 1)
CLIENT_IDS = st.integers(0, 5)


@dataclass(frozen=True)
class Written:
    party: int
    client_id: int


class ChatMachine(RuleBasedStateMachine):
    """The model: `written` are the messages by number, `marked` is what each party has read
    explicitly, `seen` what the stored marks were."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.written: list[Written] = []
        self.marked, self.seen = [0, 0], [0, 0]

    @initialize()
    def begin(self) -> None:
        policies = Policies(ChatPolicy(messages_per_minute=1_000))
        app = MemoryApp(policies=policies)
        self.processes = [app, MemoryApp(policies=policies, clock=app.clock, store=app.store)]
        self.accounts, self.chat_id = self.run(self.open(app))

    async def open(self, app: MemoryApp) -> tuple[list[str], ChatId]:
        meera, _ = await app.client()
        lucia = await app.developer()
        chat = await app.services.chats.open_with_developer(lucia.id, by=meera.id)
        return [meera.id, lucia.account_id], chat.id

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    # What people and processes do

    @rule(process=PROCESSES, party=PARTIES, client_id=CLIENT_IDS)
    def send(self, process: int, party: int, client_id: int) -> None:
        """Anew, or again after a lost answer."""
        self.run(self.sent(process, party, client_id))
        self.note(party, client_id)

    @rule(process=PROCESSES, party=PARTIES, client_id=CLIENT_IDS)
    def send_and_die(self, process: int, party: int, client_id: int) -> None:
        """The process is killed after the acknowledgement."""
        self.run(self.stored(process, party, client_id))
        self.note(party, client_id)

    @rule(process=PROCESSES, party=PARTIES, seq=st.integers(0, 40))
    def read(self, process: int, party: int, seq: int) -> None:
        self.run(self.marked_up_to(process, party, seq))
        self.marked[party] = max(self.marked[party], min(seq, len(self.written)))

    @precondition(lambda self: self.written)
    @rule(party=PARTIES, client_id=CLIENT_IDS, answers=st.booleans())
    def read_while_messages_arrive(self, party: int, client_id: int, answers: bool) -> None:
        """A party reads what there is while a message is being written through the other
        process."""
        seq, writer = len(self.written), party if answers else 1 - party

        async def both() -> None:
            await asyncio.gather(self.sent(0, writer, client_id), self.marked_up_to(1, party, seq))

        self.run(both())
        self.marked[party] = max(self.marked[party], seq)
        self.note(writer, client_id)

    @rule(process=PROCESSES)
    def summarise(self, process: int) -> None:
        self.run(self.processes[process].services.chat_summaries.settle())

    @rule(part=st.sampled_from([1, 2, 4]))
    def pass_time(self, part: int) -> None:
        self.run(self.processes[0].pass_time(SUMMARISE_AFTER / part))

    async def sent(self, process: int, party: int, client_id: int) -> None:
        await self.processes[process].services.messages.send(
            self.chat_id, by=self.accounts[party], body="Text.", client_id=f"{client_id}"
        )

    async def stored(self, process: int, party: int, client_id: int) -> None:
        app = self.processes[process]
        draft = Draft(self.chat_id, f"{client_id}", self.accounts[party], "Text.", app.clock.now())
        await app.services.messages.writer.write(draft)

    async def marked_up_to(self, process: int, party: int, seq: int) -> None:
        await self.processes[process].services.chats.read(
            self.chat_id, seq, by=self.accounts[party]
        )

    def note(self, party: int, client_id: int) -> None:
        if Written(party, client_id) not in self.written:
            self.written.append(Written(party, client_id))

    # What holds

    @property
    def chat(self) -> Chat:
        return self.run(self.processes[0].store.repositories.chats.get(self.chat_id))

    @invariant()
    def marks_never_go_back_nor_beyond_the_newest_message(self) -> None:
        if not hasattr(self, "chat_id"):
            return
        chat = self.chat
        assert chat.last_seq <= len(self.written)
        for party, account in enumerate(self.accounts):
            mark = chat.member(account).read
            assert max(self.seen[party], self.marked[party]) <= mark <= chat.last_seq
            self.seen[party] = mark

    @invariant()
    def messages_are_numbered_without_gaps(self) -> None:
        if not hasattr(self, "chat_id"):
            return
        messages = self.processes[0].store.repositories.messages
        stored = self.run(messages.after(self.chat_id, 0, limit=99))
        assert [(each.seq, each.sender, each.client_id) for each in stored] == [
            (seq, self.accounts[each.party], f"{each.client_id}")
            for seq, each in enumerate(self.written, 1)
        ]

    def teardown(self) -> None:
        try:
            if hasattr(self, "chat_id"):
                self.run(self.come_to_rest())
                self.assert_counts()
        finally:
            self.runner.close()

    async def come_to_rest(self) -> None:
        for process in self.processes:
            await process.services.chat_summaries.settle()
        await self.processes[0].pass_time(2 * SUMMARISE_AFTER)

    def assert_counts(self) -> None:
        chat, count = self.chat, len(self.written)
        assert chat.last_seq == count
        for party, account in enumerate(self.accounts):
            own = [seq for seq, each in enumerate(self.written, 1) if each.party == party]
            read = max([self.marked[party], *own])
            assert (chat.member(account).read, chat.unread(account)) == (read, count - read)


QUICK = settings(
    max_examples=150,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=3_000, stateful_step_count=60, derandomize=False)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two writes of summaries."""
    monkeypatch.setattr(summaries, "INTERVAL_S", 0)


def test_unread_counts_are_right_whatever_happens() -> None:
    run_state_machine_as_test(ChatMachine, settings=QUICK)


@pytest.mark.long
def test_unread_counts_are_right_whatever_happens_for_long() -> None:
    run_state_machine_as_test(ChatMachine, settings=LONG)
