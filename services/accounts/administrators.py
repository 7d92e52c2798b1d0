"""The rule that somebody can always administer the site."""

from __future__ import annotations

from core.accounts import Account, LastAdministrator
from ports.store import Repositories


async def keep_an_administrator(
    repositories: Repositories, before: Account, after: Account
) -> None:
    """Call it in the transaction that replaces `before` by `after`.

    Raises `LastAdministrator` if nobody else could administer the site afterwards. Of
    administrators who remove each other at the same time one stays: each of these transactions
    also writes the account of one who stays, so two of them cannot both commit.
    """
    if not before.can_administer or after.can_administer:
        return
    other = await repositories.accounts.other_administrator(before.id)
    if other is None:
        raise LastAdministrator
    await repositories.accounts.save(other)
