"""Export and erasure of personal data: asks each capability for what it stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from typing import Any, ClassVar

from core.accounts import Account, AccountActivity
from core.accounts_messages import EraseAccount
from core.audit import ADMIN, PROVIDER, SYSTEM, Entry
from core.codes import Purpose, code_id
from core.outbox import NotDueYet, message
from core.policy import HOUR
from core.sessions import Caller
from ports.clock import Clock
from ports.store import Repositories, Store
from services.accounts.administrators import keep_an_administrator
from services.accounts.rate_limits import counters_of
from services.accounts.session_writer import SessionWriter
from services.shared.outbox import handles
from services.shared.personal_data import PersonalData, StillOpen, Subject

__all__ = ["AccountData", "PersonalDataService", "StillOpen"]

AGAIN = HOUR
"""When the past is gone through once more: a booking may have been made in the same moment as the
erasure, in a transaction that did not see it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDataService:
    """`parts` are the declarations of all capabilities."""

    store: Store
    session_writer: SessionWriter
    clock: Clock
    parts: Sequence[PersonalData]

    async def export(self, account: Account, caller: Caller) -> dict[str, Any]:
        """Everything that is stored about the person, as plain values, without secrets."""
        repositories = self.store.repositories
        subject = await _subject(repositories, account)
        sections: dict[str, object] = {"made_at": self.clock.now()}
        for part in self.parts:
            sections.update(await part.export(repositories, subject))
        entry = self.session_writer.audit_message(account, caller, AccountActivity.EXPORTED)
        await repositories.outbox.add(entry)
        plain: dict[str, Any] = _plain(sections)
        return plain

    async def erase(self, account: Account, caller: Caller) -> None:
        """Close the account and remove every personal text. What the law and the other party need
        stays without a name: bookings, payments, the ledger. Raises `StillOpen` while something
        is under way, and `LastAdministrator`."""

        async def step(repositories: Repositories) -> None:
            current = await repositories.accounts.get(account.id)
            subject = await _subject(repositories, current)
            for part in self.parts:
                await part.refuse_open(repositories, subject)
            now = self.clock.now()
            erased = current.erase(now=now)
            await keep_an_administrator(repositories, current, erased)
            await repositories.outbox.add(
                self.session_writer.security_notice(current, "erased"),
                self.session_writer.audit_message(current, caller, AccountActivity.ERASED),
                *(
                    message(EraseAccount(current.id), f"{current.id}:{name}", due_at=due)
                    for name, due in (("erase", now), ("erase-again", now + AGAIN))
                ),
            )
            await self.session_writer.end_all(repositories, current.id)
            for part in self.parts:
                await part.erase(repositories, subject, now)
            await repositories.accounts.save(erased)

        await self.store.transact(step)

    @handles(EraseAccount)
    async def erase_history(self, payload: EraseAccount) -> None:
        """Take the name of an erased account out of the past. Raises `NotDueYet` while a booking
        is open that was made in the same moment."""
        again = [await part.erase_history(self.store, payload.account) for part in self.parts]
        if any(again):
            raise NotDueYet(self.clock.now() + AGAIN)


class AccountData(PersonalData):
    """The account itself, its sessions, identities, codes, counters and activity."""

    kept: ClassVar[Mapping[str, str]] = {
        "accounts.timezone": "the other party's records of the bookings are in it",
        "audit.address": "evidence against misuse; an entry cannot be changed without notice",
        "audit.device": "evidence against misuse; an entry cannot be changed without notice",
        "audit.detail": "evidence against misuse; an entry cannot be changed without notice",
        "oauth_states": "deleted after some minutes",
        "kept_forms": "without a name of the account; deleted after half an hour",
        "throttles": "counters by hashes, deleted after a day",
        "idempotency_keys": "answers to repeated requests, deleted after a day",
    }
    withheld: ClassVar[Mapping[str, str]] = {
        "accounts.password_hash": "a secret",
        "accounts.totp": "a secret",
        "sessions.csrf_seed": "a secret",
        "sessions.renewed_by": "a keyed hash",
        "codes": "secrets, valid for minutes",
        "oauth_states": "secrets, valid for minutes",
        "kept_forms": "without a name of the account; deleted after half an hour",
        "throttles": "counters by hashes",
        "idempotency_keys": "copies of answers of the API, deleted after a day",
        "audit.address": "exported as entries of the activity, with the network only",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        account_id = subject.account.id
        sessions = await repositories.sessions.of_account(account_id)
        return {
            "account": _without(asdict(subject.account), "password_hash", "totp"),
            "sessions": [
                _without(asdict(each), "id", "csrf_seed", "renewed_by") for each in sessions
            ],
            "sign_ins_elsewhere": await repositories.identities.of_account(account_id),
            "activity": [_shown(entry) async for entry in repositories.audit.chain(account_id)],
        }

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        account = subject.account
        for identity in await repositories.identities.of_account(account.id):
            await repositories.identities.remove(identity.issuer, identity.subject)
        for purpose in Purpose:
            await repositories.codes.remove(code_id(purpose, account.id))
        for email in filter(None, (account.email, account.new_email)):
            await repositories.throttles.clear(*counters_of(email))


async def _subject(repositories: Repositories, account: Account) -> Subject:
    return Subject(
        account,
        await repositories.clients.find_by_account(account.id),
        await repositories.developers.find_by_account(account.id),
    )


def _shown(entry: Entry) -> dict[str, Any]:
    """An entry as its owner may see it: of other actors, not who they are."""
    known = entry.actor in (entry.account_id, SYSTEM, PROVIDER, ADMIN)
    shown = _without(asdict(entry), "seal", "previous", "key")
    return shown if known else {**shown, "actor": "another"}


def _without(values: dict[str, Any], *secrets: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in secrets}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, datetime) or value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
