"""Times and amounts in the words of the site: the same on pages and in mails."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.money import Money

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
SIGNS = {"INR": "₹", "EUR": "€", "USD": "$", "GBP": "£"}


def money(amount: Money, *, whole: bool = False) -> str:
    """'₹1,24,500.00': sign first, lakh grouping; `whole` drops '.00' for list prices."""
    rupees, paise = divmod(abs(amount.amount), 100)
    sign = SIGNS.get(amount.currency, amount.currency + NO_BREAK)
    text = f"{sign}{_lakh(rupees)}" if amount.currency == "INR" else f"{sign}{rupees:,}"
    if paise or not whole:
        text += f".{paise:02d}"
    return f"{MINUS}{text}" if amount.amount < 0 else text


def megabytes(count: int) -> str:
    """'5 MB' of 5,000,000 bytes."""
    return f"{count / 1_000_000:g}{NO_BREAK}MB"


def _lakh(number: int) -> str:
    digits = str(number)
    head, tail = digits[:-3], digits[-3:]
    groups: list[str] = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*groups, tail])


def day(moment: datetime, zone: str, *, year: bool = True) -> str:
    """'Tue 24 Nov 2026' on the calendar of that zone."""
    local = moment.astimezone(ZoneInfo(zone))
    text = f"{local:%a} {local.day} {local:%b}"
    return f"{text} {local.year}" if year else text


def clock(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def abbreviation(moment: datetime, zone: str) -> str:
    """'IST' where the zone has letters of its own, else 'UTC+3'."""
    local = moment.astimezone(ZoneInfo(zone))
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{offset(moment, zone)}"


def offset(moment: datetime, zone: str) -> str:
    """'+5:30', '+1', '-3', or '' for UTC itself."""
    shift = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = int(abs(shift).total_seconds()) // 60
    if not minutes:
        return ""
    sign = "+" if shift > timedelta() else MINUS
    return f"{sign}{minutes // 60}" + (f":{minutes % 60:02d}" if minutes % 60 else "")


def at(moment: datetime, zone: str) -> str:
    """'Tue 24 Nov 2026, 15:30 IST'."""
    return f"{day(moment, zone)}, {clock(moment, zone)} {abbreviation(moment, zone)}"


def span(start: datetime, end: datetime, zone: str) -> str:
    """'Tue 24 Nov 2026, 15:30 to 17:30 IST'; names the second day when there is one."""
    last = clock(end, zone)
    if day(start, zone) != day(end, zone):
        last = f"{day(end, zone, year=False)}, {last}"
    return f"{day(start, zone)}, {_from(start, end, zone)} to {last} {abbreviation(end, zone)}"


def clocks(start: datetime, end: datetime, zone: str) -> str:
    """'11:00 to 13:00 CET': the other side's hours, beside the full date."""
    return f"{_from(start, end, zone)} to {clock(end, zone)} {abbreviation(end, zone)}"


def _from(start: datetime, end: datetime, zone: str) -> str:
    """The clock at the start, with its letters when the clocks change before the end."""
    letters = abbreviation(start, zone)
    same = letters == abbreviation(end, zone)
    return clock(start, zone) if same else f"{clock(start, zone)} {letters}"


def zone_label(zone: str, moment: datetime) -> str:
    """'Asia/Kolkata (IST, UTC+5:30)'."""
    letters = abbreviation(moment, zone)
    utc = f"UTC{offset(moment, zone)}"
    return f"{zone.replace('_', ' ')} ({utc if letters == utc else f'{letters}, {utc}'})"


def hours(count: int) -> str:
    return f"{count}{NO_BREAK}hour" + ("s" if count != 1 else "")


def duration(length: timedelta) -> str:
    """'19 h 05 min', '41 min', '3 days': as long as it is useful to know."""
    minutes = max(0, int(length.total_seconds()) // 60)
    if minutes >= 3 * 24 * 60:
        return f"{minutes // 1440}{NO_BREAK}days"
    if minutes >= 60:
        return f"{minutes // 60}{NO_BREAK}h {minutes % 60:02d}{NO_BREAK}min"
    return f"{minutes}{NO_BREAK}min"


def first_name(name: str) -> str:
    return name.split()[0] if name.split() else name
