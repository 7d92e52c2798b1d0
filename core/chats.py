"""Chats: one conversation for each pair of a client and a developer.

A chat is a summary of its messages (`core/messages.py`), which are written first. The summary
follows within a second, so that many messages cost one write of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from core.chats_policy import ChatPolicy
from core.developers import DeveloperId
from core.errors import Conflict, Forbidden, NotFound
from core.messages import Message

ChatId = NewType("ChatId", str)

MARKS = re.compile(r"```\w*|`|\*\*")
"""Of code and bold text."""
PREVIEW = 140
"""Characters of the newest message that lists show."""


class ChatSide(StrEnum):
    """The parties of a chat."""

    CLIENT = "client"
    DEVELOPER = "developer"

    @property
    def other(self) -> ChatSide:
        return ChatSide.DEVELOPER if self is ChatSide.CLIENT else ChatSide.CLIENT


class Blocked(Forbidden):
    """Messages between you two are blocked."""

    code = "chat_blocked"


class TooManyMessages(Forbidden):
    """You are sending messages too quickly. Wait a moment, then send this one again."""

    code = "too_many_messages"


class TooManyChats(Forbidden):
    """You have written to many people within an hour. Try again later."""

    code = "too_many_chats"


class OwnProfile(Conflict):
    """This is your own profile. You cannot write to yourself."""

    code = "own_profile"


def chat_id(client_account: str, developer: DeveloperId) -> ChatId:
    """One id per pair, so that two requests cannot make two chats of it."""
    pair = hashlib.sha256(f"{client_account}\n{developer}".encode()).hexdigest()
    return ChatId(f"cht_{pair[:26]}")


@dataclass(frozen=True, slots=True)
class Member:
    """One party. `read` is the number of the last message this party has read. `told` is that of
    the last message a notice has told it about, sent at `told_at`."""

    account_id: str
    read: int = 0
    told: int = 0
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Last:
    """The newest message as lists show it, shortened; `files` counts its files. `at` is in UTC."""

    sender: str
    text: str
    at: datetime
    files: int = 0


@dataclass(frozen=True, slots=True)
class Chat:
    """`last_seq` is the number of the newest message, 0 without any. `changes` counts edits and
    deletions. `blocked_by` are the account ids of those who have blocked the other party."""

    id: ChatId
    client: Member
    developer: Member
    developer_id: DeveloperId
    opened_at: datetime
    last_seq: int = 0
    last: Last | None = None
    changes: int = 0
    blocked_by: tuple[str, ...] = ()
    version: int = 0

    @classmethod
    def of(
        cls, client_account: str, developer: DeveloperId, developer_account: str, *, now: datetime
    ) -> Self:
        """Raises `OwnProfile`."""
        if client_account == developer_account:
            raise OwnProfile
        return cls(
            id=chat_id(client_account, developer),
            client=Member(client_account),
            developer=Member(developer_account),
            developer_id=developer,
            opened_at=now,
        )

    @property
    def accounts(self) -> tuple[str, str]:
        return self.client.account_id, self.developer.account_id

    @property
    def listed_at(self) -> datetime:
        """The time by which lists are sorted."""
        return self.last.at if self.last else self.opened_at

    @property
    def unread_by(self) -> tuple[str, ...]:
        """The accounts that have not read everything."""
        return tuple(account for account in self.accounts if self.unread(account))

    def side(self, account_id: str) -> ChatSide:
        """Raises `NotFound` for an account that is no party."""
        if account_id not in self.accounts:
            raise NotFound
        return ChatSide.CLIENT if account_id == self.client.account_id else ChatSide.DEVELOPER

    def member(self, account_id: str) -> Member:
        """Raises `NotFound` for an account that is no party."""
        return self.client if self.side(account_id) is ChatSide.CLIENT else self.developer

    def other(self, account_id: str) -> Member:
        """The other party. Raises `NotFound` for an account that is no party."""
        return self.developer if self.side(account_id) is ChatSide.CLIENT else self.client

    def unread(self, account_id: str) -> int:
        """How many messages came after the last one that the account has read or sent."""
        return max(0, self.last_seq - self.member(account_id).read)

    def check_open(self) -> None:
        """Raises `Blocked` if one party has blocked the other."""
        if self.blocked_by:
            raise Blocked

    def with_newest(self, newest: Message, *, sent: Mapping[str, int]) -> Self:
        """The summary that includes all messages up to `newest`. `sent` has the number of the last
        message of an account among the new ones: who writes has read what stands above."""
        chat = self
        if newest.seq > self.last_seq:
            chat = replace(self, last_seq=newest.seq, last=last_of(newest))
        for account, seq in sent.items():
            chat = chat.read_up_to(seq, account)
        return chat

    def read_up_to(self, seq: int, account_id: str) -> Self:
        """Marks never go back, nor beyond the newest message. Raises `NotFound`."""
        member = self.member(account_id)
        read = max(member.read, min(seq, self.last_seq))
        return self._with(replace(member, read=read))

    def tell_at(self, account_id: str, since: datetime, policy: ChatPolicy) -> datetime | None:
        """When to tell the account about what it has not read, the newest of which came at
        `since`; None if it has read all or been told. Raises `NotFound`."""
        member = self.member(account_id)
        if self.last_seq <= max(member.read, member.told):
            return None
        due = since + policy.digest_after
        if member.told > member.read and member.told_at:
            return max(due, member.told_at + policy.digest_again_after)
        return due

    def tell(self, account_id: str, *, now: datetime) -> Self:
        """The account has been told about all messages. Raises `NotFound`."""
        member = self.member(account_id)
        return self._with(replace(member, told=self.last_seq, told_at=now))

    def with_change(self, changed: Message) -> Self:
        """The summary after an edit or a deletion of a message."""
        last = last_of(changed) if changed.seq == self.last_seq else self.last
        return replace(self, changes=changed.change, last=last)

    def block(self, by: str) -> Self:
        """Neither party can write until `by` unblocks. Raises `NotFound`."""
        self.side(by)
        return replace(self, blocked_by=tuple(sorted({*self.blocked_by, by})))

    def unblock(self, by: str) -> Self:
        """Raises `NotFound`."""
        self.side(by)
        return replace(self, blocked_by=tuple(each for each in self.blocked_by if each != by))

    def without_preview(self) -> Self:
        """The chat after one account was erased: lists show no text."""
        return replace(self, last=replace(self.last, text="", files=0) if self.last else None)

    def _with(self, member: Member) -> Self:
        if member.account_id == self.client.account_id:
            return replace(self, client=member)
        return replace(self, developer=member)


def last_of(message: Message) -> Last:
    """The message as lists show it."""
    return Last(message.sender, preview_of(message), message.at, len(message.files))


def preview_of(message: Message) -> str:
    """The beginning of the text in one line and without marks of Markdown, cut at a space, so that
    no character is divided; "" for a deleted message, and for one that is only files."""
    line = " ".join(MARKS.sub("", message.body).split())
    if len(line) <= PREVIEW:
        return line
    head, _, _ = line[: PREVIEW + 1].rpartition(" ")
    return f"{head or 'A long text'} …"
