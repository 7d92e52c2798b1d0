"""People as administrators search for them: by name, e-mail address or id."""

from __future__ import annotations

from core.accounts import Account, AccountId, name_words
from web.shared.context import dependencies

LONGEST = 254
"""Characters: the longest e-mail address."""
PEOPLE_SHOWN = 20


async def people_like(text: str, *, limit: int = PEOPLE_SHOWN) -> tuple[Account, ...]:
    """By id, by the words of the name, or by the beginning of the e-mail address. Each read uses an
    index."""
    accounts = dependencies().store.repositories.accounts
    if text.startswith("acc_"):
        account = await accounts.find(AccountId(text))
        return (account,) if account else ()
    named = () if "@" in text else await accounts.named(name_words(text), limit=limit)
    addressed: tuple[Account, ...] = ()
    if " " not in text:
        addressed, _ = await accounts.page(start=text.lower(), limit=limit, cursor=None)
    found = {account.id: account for account in (*named, *addressed)}
    return tuple(found.values())[:limit]
