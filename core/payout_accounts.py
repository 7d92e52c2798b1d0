"""Payout accounts: the bank account or UPI address to which a developer withdraws.

The full number is kept only until the payout provider knows it; afterwards its last digits are.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

from core.errors import Conflict, Errors, Invalid
from core.text import checked_text
from core.withdrawals_facts import BeneficiaryFact, BeneficiaryId, BeneficiaryStatus

PayoutAccountId = NewType("PayoutAccountId", str)

HOLDER_MAXIMUM = 100
NUMBER_MAXIMUM = 18
UPI_MAXIMUM = 100
_NUMBER = re.compile(r"[0-9A-Z]{9,18}", re.ASCII)
_IFSC = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}", re.ASCII)
_UPI = re.compile(r"[a-z0-9._-]{2,80}@[a-z0-9]{2,64}", re.ASCII)
_HOLDER = re.compile(r"[A-Za-z][A-Za-z ]*", re.ASCII)
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "shri", "smt", "kumari", "prof"})


class Kind(StrEnum):
    """The values are stored."""

    BANK = "bank"
    UPI = "upi"


class State(StrEnum):
    """The values are stored."""

    CHECKING = "checking"
    USABLE = "usable"
    REFUSED = "refused"


class NameMatch(StrEnum):
    """How the name at the bank compares with that of the profile. The values are stored."""

    SAME = "same"
    CLOSE = "close"
    """Initials, a missing middle name. A person checks the first withdrawal."""
    OTHER = "other"
    """Money goes only to an account in one's own name."""
    UNKNOWN = "unknown"
    """The provider does not tell the name. A person checks the first withdrawal."""


class NoPayoutAccount(Conflict):
    """Add the bank account or UPI address to which your money goes."""

    code = "no_payout_account"


class PayoutAccountNotReady(Conflict):
    """Money cannot go to this account yet."""

    code = "payout_account_not_ready"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where money goes, as it may be shown: `ending` are the last four characters of the number,
    or the UPI address with its middle left out. `ifsc` is empty for UPI."""

    kind: Kind
    holder: str
    ending: str
    ifsc: str = ""


@dataclass(frozen=True, slots=True)
class PayoutAccount:
    """The account of one developer; a new one replaces it, with another `beneficiary`.

    `number` is the account number or UPI address until the provider has it, then empty.
    `beneficiary` is our id of it at the provider, `known_as` the provider's, which differs if the
    same account was registered before. `usable_from` is the end of the freeze. `trusted`: no
    person needs to check a withdrawal to it.
    """

    id: PayoutAccountId
    developer_id: str
    account_id: str
    destination: Destination
    provider: str
    beneficiary: BeneficiaryId
    added_at: datetime
    usable_from: datetime
    number: str = field(default="", repr=False)
    known_as: str = ""
    state: State = State.CHECKING
    bank_says: str = ""
    match: NameMatch = NameMatch.UNKNOWN
    refused: str = ""
    """Why the provider or the comparison of names refused it: a code."""
    trusted: bool = False
    version: int = 0

    def settle(self, fact: BeneficiaryFact, *, profile: str) -> Self:
        """The account after an answer of the provider. `profile` is the name in the profile."""
        if self.state is not State.CHECKING:
            return self
        match fact.status:
            case BeneficiaryStatus.REFUSED:
                return self._refuse(fact.code or "refused")
            case BeneficiaryStatus.USABLE:
                match = match_names(profile, fact.name) if fact.name else NameMatch.UNKNOWN
                if match is NameMatch.OTHER:
                    return replace(self._refuse("other_name"), bank_says=fact.name, match=match)
                return replace(
                    self,
                    state=State.USABLE,
                    number="",
                    known_as=fact.id,
                    bank_says=fact.name,
                    match=match,
                    trusted=match is NameMatch.SAME,
                )
        return self

    def _refuse(self, code: str) -> Self:
        return replace(self, state=State.REFUSED, number="", refused=code)

    def lose(self) -> Self:
        """The provider does not know it any more."""
        return self._refuse("gone")

    def trust(self) -> Self:
        """A person has checked a withdrawal to it, or money has arrived."""
        return replace(self, trusted=True)

    def frozen(self, now: datetime) -> bool:
        return now < self.usable_from

    def check_ready(self, now: datetime) -> None:
        """Raises `PayoutAccountNotReady` with the reason."""
        if self.state is State.REFUSED:
            raise PayoutAccountNotReady("The bank did not accept this account. Add another one.")
        if self.state is State.CHECKING:
            raise PayoutAccountNotReady("The payment provider still checks this account.")
        if self.frozen(now):
            raise PayoutAccountNotReady("A new account waits before money can go to it.")


def new_account(
    developer_id: str,
    account_id: str,
    *,
    kind: Kind,
    holder: str,
    number: str,
    ifsc: str = "",
    profile: str,
    provider: str,
    now: datetime,
    freeze: timedelta,
) -> PayoutAccount:
    """A payout account as it was typed. `profile` is the name in the profile of the developer.

    Raises `Invalid` with the fields `holder`, and `number` and `ifsc`, or `upi`.
    """
    errors, holder = Errors(), " ".join(holder.split())
    with errors:
        holder = _checked_holder(holder, profile)
    if kind is Kind.BANK:
        number, ifsc = _plain(number).upper(), _plain(ifsc).upper()
        if not _NUMBER.fullmatch(number):
            errors.add(number="An account number has 9 to 18 digits.")
        if not _IFSC.fullmatch(ifsc):
            errors.add(ifsc="An IFSC has 11 characters, such as HDFC0000240.")
        ending = number[-4:]
    else:
        number, ifsc = number.strip().lower(), ""
        if not _UPI.fullmatch(number):
            errors.add(upi="A UPI address is like name@bank.")
        ending = masked_upi(number)
    errors.check()
    return PayoutAccount(
        id=PayoutAccountId(developer_id),
        developer_id=developer_id,
        account_id=account_id,
        destination=Destination(kind, holder, ending, ifsc),
        provider=provider,
        beneficiary=_beneficiary(developer_id, kind, number, ifsc),
        added_at=now,
        usable_from=now + freeze,
        number=number,
    )


def masked_upi(address: str) -> str:
    """`an•••@okhdfc`: enough for its owner to recognise it."""
    name, _, bank = address.partition("@")
    return f"{name[:2]}•••@{bank}"


def match_names(profile: str, bank: str) -> NameMatch:
    """Compare the name of a profile with one that a bank has, without case, accents, titles and
    order. `CLOSE` if each word of the shorter name is one of the longer, or its initial. Names in
    different scripts cannot be compared: `UNKNOWN`."""
    ours, theirs = _words(profile), _words(bank)
    if not ours or not theirs or _is_latin(ours) is not _is_latin(theirs):
        return NameMatch.UNKNOWN
    if sorted(ours) == sorted(theirs):
        return NameMatch.SAME
    shorter, longer = sorted((ours, theirs), key=len)
    rest, whole = list(longer), 0
    for word in sorted(shorter, key=len, reverse=True):
        found = next((each for each in rest if _agree(word, each)), None)
        if found is None:
            return NameMatch.OTHER
        rest.remove(found)
        whole += len(word) > 1 and word == found
    return NameMatch.CLOSE if whole else NameMatch.OTHER


def plain_name(name: str) -> str:
    """The name in letters from A to Z, as far as it has such letters: a proposal for the holder."""
    plain = unicodedata.normalize("NFKD", name)
    return " ".join("".join(c for c in plain if c.isascii() and (c.isalpha() or c == " ")).split())


def _is_latin(words: list[str]) -> bool:
    return any(word.isascii() for word in words)


def _agree(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(c if c.isalpha() else " " for c in plain if not unicodedata.combining(c))
    return [word for word in letters.split() if word not in _TITLES]


def _checked_holder(holder: str, profile: str) -> str:
    name = checked_text(holder, field="holder", maximum=HOLDER_MAXIMUM, called="name")
    if not _HOLDER.fullmatch(name):
        raise Invalid(holder="Write the name as the bank does: letters from A to Z and spaces.")
    if match_names(profile, name) is NameMatch.OTHER:
        raise Invalid(holder="Money goes only to an account in your own name.")
    return name


def _plain(typed: str) -> str:
    return re.sub(r"[\s-]", "", typed)


def _beneficiary(developer_id: str, kind: Kind, number: str, ifsc: str) -> BeneficiaryId:
    """The same for the same account of the same developer, so that it is registered once."""
    key = "\n".join((developer_id, kind, number, ifsc))
    return BeneficiaryId(f"ben{hashlib.sha256(key.encode()).hexdigest()[:40]}")
