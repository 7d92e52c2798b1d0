"""Chats and messages: marks, unread counts, changes, and the warning about contact data."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chats import Blocked, Chat, OwnProfile, preview_of
from core.chats_policy import ChatPolicy
from core.contact_data import has_contact_data
from core.developers import DeveloperId
from core.errors import Invalid, NotFound
from core.messages import Draft, Message, MessageDeleted, TooLateToChange, checked_body

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
POLICY = ChatPolicy()
MEERA, LUCIA = "acc_meera", "acc_lucia"
MINUTE = timedelta(minutes=1)


def a_chat() -> Chat:
    return Chat.of(MEERA, DeveloperId("dev_lucia"), LUCIA, now=NOW)


def a_message(seq: int = 1, *, by: str = MEERA, body: str = "Hello.") -> Message:
    return Message.of(Draft("cht_1", f"m-{seq}", by, body, NOW), seq)


def test_nobody_has_a_chat_with_themselves() -> None:
    with pytest.raises(OwnProfile):
        Chat.of(MEERA, DeveloperId("dev_meera"), MEERA, now=NOW)


def test_who_writes_has_read_what_stands_above() -> None:
    chat = a_chat().with_newest(a_message(3, by=LUCIA), sent={MEERA: 1, LUCIA: 3})

    assert (chat.last_seq, chat.unread(MEERA), chat.unread(LUCIA)) == (3, 2, 0)
    assert chat.unread_by == (MEERA,)


steps = st.one_of(
    st.tuples(st.just("message"), st.sampled_from([MEERA, LUCIA]), st.integers(1, 9)),
    st.tuples(st.just("read"), st.sampled_from([MEERA, LUCIA]), st.integers(0, 12)),
)


@given(st.lists(steps))
def test_marks_and_numbers_never_go_back_and_unread_follows_from_them(
    story: list[tuple[str, str, int]],
) -> None:
    chat = a_chat()
    for what, who, seq in story:
        before = chat
        if what == "message":
            chat = chat.with_newest(a_message(seq, by=who), sent={who: seq})
        else:
            chat = chat.read_up_to(seq, who)

        assert chat.last_seq >= before.last_seq
        for account in (MEERA, LUCIA):
            read = chat.member(account).read
            assert before.member(account).read <= read <= chat.last_seq
            assert chat.unread(account) == chat.last_seq - read


def test_an_older_message_does_not_replace_the_newest() -> None:
    chat = a_chat().with_newest(a_message(2, body="Second."), sent={})

    assert chat.with_newest(a_message(1, body="First."), sent={}) == chat


def test_a_stranger_is_no_side() -> None:
    with pytest.raises(NotFound):
        a_chat().side("acc_other")
    with pytest.raises(NotFound):
        a_chat().block("acc_other")


def test_a_blocked_chat_opens_when_all_who_blocked_it_unblock() -> None:
    chat = a_chat().block(MEERA).block(LUCIA).unblock(MEERA)

    with pytest.raises(Blocked):
        chat.check_open()
    chat.unblock(LUCIA).check_open()


def test_a_notice_follows_a_quarter_of_an_hour_after_an_unread_message() -> None:
    chat = a_chat().with_newest(a_message(1), sent={MEERA: 1})

    assert chat.tell_at(LUCIA, NOW, POLICY) == NOW + 15 * MINUTE
    assert chat.tell_at(MEERA, NOW, POLICY) is None
    assert chat.read_up_to(1, LUCIA).tell_at(LUCIA, NOW, POLICY) is None


def test_the_next_notice_waits_four_hours_while_nothing_is_read() -> None:
    told = a_chat().with_newest(a_message(1), sent={}).tell(LUCIA, now=NOW)
    more = told.with_newest(a_message(2), sent={})

    assert told.tell_at(LUCIA, NOW, POLICY) is None
    assert more.tell_at(LUCIA, NOW, POLICY) == NOW + timedelta(hours=4)
    read = more.read_up_to(1, LUCIA)
    assert read.tell_at(LUCIA, NOW, POLICY) == NOW + 15 * MINUTE


def test_a_message_can_be_changed_for_ten_minutes_by_its_sender() -> None:
    message = a_message()
    last_moment = NOW + 10 * MINUTE

    edited = message.edit("New.", by=MEERA, now=last_moment, change=4, policy=POLICY)
    assert edited == replace(message, body="New.", edited_at=last_moment, change=4)
    deleted = edited.delete(by=MEERA, now=last_moment, change=5, policy=POLICY)
    assert (deleted.body, deleted.deleted_at, deleted.change) == ("", last_moment, 5)
    with pytest.raises(TooLateToChange):
        message.delete(by=MEERA, now=last_moment + MINUTE, change=4, policy=POLICY)
    with pytest.raises(NotFound):
        message.edit("New.", by=LUCIA, now=NOW, change=4, policy=POLICY)
    with pytest.raises(MessageDeleted):
        deleted.edit("Again.", by=MEERA, now=NOW, change=6, policy=POLICY)


def test_a_message_has_one_to_8000_characters() -> None:
    family = "👨‍👩‍👧‍👦"  # seven code points

    assert checked_body(f" {family}\n", POLICY) == family
    assert checked_body("x" * 8000, POLICY) == "x" * 8000
    for wrong in ("", " \n ", "x" * 8001, "a\u202eb"):
        with pytest.raises(Invalid):
            checked_body(wrong, POLICY)


def test_a_preview_is_one_line_that_ends_between_words() -> None:
    assert preview_of(a_message(body="One\n\ntwo")) == "One two"
    assert preview_of(a_message(body="**38** s:\n```sql\nSELECT a_b * 2\n```")) == (
        "38 s: SELECT a_b * 2"
    )
    assert preview_of(a_message(body="word " * 100)) == "word " * 27 + "word …"
    assert preview_of(a_message(body="👨‍👩‍👧‍👦" * 100)) == "A long text …"


@pytest.mark.parametrize(
    "text",
    [
        "Write to meera@example.com",
        "Call me: +91 98765 43210",
        "9876543210",
        "(044) 2345-6789",
        "pay meera.k@okaxis",
        "on WhatsApp?",
        "https://wa.me/919876543210",
    ],
)
def test_contact_data_are_found(text: str) -> None:
    assert has_contact_data(text)


@pytest.mark.parametrize(
    "text",
    [
        "It reads 40 million rows in 90,000 ms.",
        "commit 3f2a9c81d4, 2026-11-24 15:30",
        "SELECT * FROM orders WHERE id = 12345678;",
        "port 8000, 192.168.100.200",
        "sum: 1,24,500.00",
        "@dataclass def f(): pass",
    ],
)
def test_ordinary_texts_are_no_contact_data(text: str) -> None:
    assert not has_contact_data(text)
