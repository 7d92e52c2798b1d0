"""Amounts in English words by the Indian system, as receipts have them."""

from __future__ import annotations

from core.money import Money

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
GROUPS = ((10_000_000, "crore"), (100_000, "lakh"), (1_000, "thousand"), (100, "hundred"))


def in_words(number: int) -> str:
    """`one lakh twenty-four thousand five hundred` for 124500. Numbers from zero on."""
    if number < len(SMALL):
        return SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return TENS[tens - 2] + (f"-{SMALL[ones]}" if ones else "")
    size, name = next(group for group in GROUPS if number >= group[0])
    count, rest = divmod(number, size)
    link = " and " if name == "hundred" and rest else " " if rest else ""
    return f"{in_words(count)} {name}{link}{in_words(rest) if rest else ''}"


def amount_in_words(amount: Money) -> str:
    """`Rupees three thousand nine hundred only`. Empty for other currencies, whose names we do not
    have, and for amounts below zero."""
    if amount.currency != "INR" or amount.amount < 0:
        return ""
    rupees, paise = divmod(amount.amount, 100)
    more = f" and {in_words(paise)} paise" if paise else ""
    return f"Rupees {in_words(rupees)}{more} only"
