"""Wording of notifications about withdrawals and payout accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.notifications import Notification
from core.withdrawals import Withdrawal, WithdrawalActivity
from services.withdrawals import OPEN
from web.shared.context import formats, me, services
from web.shared.notices import NoticeLine, NoticeWording, NoticeWords
from web.withdrawals.banks import place

PATH, ACCOUNT_PATH = "/withdrawals", "/payout-account"


async def _facts(entries: Sequence[Notification]) -> Mapping[str, Withdrawal | None]:
    """The withdrawals of the entries: one read for all. None for those about the account."""
    wanted = sorted({each.subject for each in entries if each.notice in OF_WITHDRAWALS})
    found = await services().withdrawals.many(wanted) if wanted else {}
    own = {key: each for key, each in found.items() if each.account_id == me().id}
    about = {each.id: own.get(each.subject) for each in entries}
    return {
        str(each.id): about[each.id]
        for each in entries
        if about[each.id] or each.notice not in OF_WITHDRAWALS
    }


def _of_withdrawal(heading: str, detail: str, icon: str) -> NoticeWording:
    def wording(entry: Notification, about: Withdrawal) -> NoticeLine:
        words = {
            "amount": formats().money(about.amount),
            "place": place(about.destination),
            "number": about.number,
        }
        return NoticeLine(
            heading.format(**words), f"{detail} ({{number}})".format(**words), PATH, icon
        )

    return wording


def _of_account(heading: str, detail: str, icon: str) -> NoticeWording:
    return lambda entry, about: NoticeLine(heading, detail, ACCOUNT_PATH, icon)


OF_WITHDRAWALS: Mapping[str, NoticeWording] = {
    WithdrawalActivity.REQUESTED: _of_withdrawal("You withdrew {amount}", "To {place}.", "send"),
    WithdrawalActivity.HELD: _of_withdrawal(
        "Your withdrawal of {amount} is held for a check", "The money is reserved.", "shield-alert"
    ),
    WithdrawalActivity.RELEASED: _of_withdrawal(
        "Your withdrawal of {amount} was checked", "It is sent.", "shield-check"
    ),
    WithdrawalActivity.WAITS: _of_withdrawal(
        "Your withdrawal of {amount} waits for the marketplace",
        "Its payout account is being filled.",
        "hourglass",
    ),
    WithdrawalActivity.HOLD_ENDED: _of_withdrawal(
        "Your withdrawal of {amount} is sent", "The time of its hold is over.", "send"
    ),
    WithdrawalActivity.CANCELLED: _of_withdrawal(
        "Your withdrawal of {amount} was not sent", "The money is in your wallet again.", "undo-2"
    ),
    WithdrawalActivity.SUCCEEDED: _of_withdrawal(
        "{amount} is in your bank", "{place}.", "circle-check"
    ),
    WithdrawalActivity.FAILED: _of_withdrawal(
        "The bank did not accept {amount}", "The money is in your wallet again.", "x"
    ),
    WithdrawalActivity.REVERSED: _of_withdrawal(
        "The bank sent {amount} back", "The money is in your wallet again.", "undo-2"
    ),
}
WORDS: Mapping[str, NoticeWording] = {
    **OF_WITHDRAWALS,
    WithdrawalActivity.ACCOUNT_CHANGED: _of_account(
        "Your payout account was changed", "A new account waits before it is used.", "landmark"
    ),
    WithdrawalActivity.ACCOUNT_REFUSED: _of_account(
        "Your new payout account cannot be used", "Add another account.", "x"
    ),
    OPEN: _of_account(
        "You can withdraw to your new payout account", "Its time of waiting is over.", "landmark"
    ),
}
NOTICES = NoticeWords(WORDS, _facts)
