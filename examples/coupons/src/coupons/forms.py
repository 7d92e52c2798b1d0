"""The form of a new coupon: from what was typed to a coupon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coupons.model import CODE, Coupon, folded
from onehour.api import Errors, Invalid, Money, checked_text

YEARS = range(2000, 2101)
LABELS = {
    "coupon": "Code",
    "percent": "Percent off",
    "amount": "Rupees off",
    "first_day": "First day",
    "last_day": "Last day",
    "most_uses": "Uses in all",
    "most_per_client": "Uses by one client",
    "developer": "Developer",
    "skill": "Skill",
}


def coupon_of(form: Mapping[str, str], *, now: datetime, zone: str, most_percent: int) -> Coupon:
    """A coupon whose days are those of this time zone. Raises `Invalid` with all wrong fields."""
    read = Reader(form)
    code = folded(form.get("coupon", ""))
    if not CODE.fullmatch(code):
        read.errors.add(coupon="Take 3 to 30 letters A to Z, digits and hyphens.")
    percent, rupees = read.number("percent", most_percent), read.number("amount", 1_000_000)
    if bool(percent) is bool(rupees) and not {"percent", "amount"} & read.errors.fields.keys():
        read.errors.add(percent="Enter either percent or rupees.")
    first, last = read.day("first_day"), read.day("last_day")
    if last and last < max(first or last, now.astimezone(ZoneInfo(zone)).date()):
        read.errors.add(last_day="This day is over before the coupon counts.")
    coupon = Coupon(
        id=code,
        created_at=now,
        percent=percent or 0,
        amount=Money(rupees * 100) if rupees else None,
        starts_at=_midnight(first, zone) if first else None,
        ends_at=_midnight(last + timedelta(days=1), zone) if last else None,
        most_uses=read.number("most_uses", 1_000_000),
        most_per_client=read.number("most_per_client", 1_000_000),
        developer=form.get("developer", "").strip().rstrip("/").rpartition("/")[2],
        skill=read.text("skill", 40),
    )
    read.errors.check()
    return coupon


class Reader:
    """Reads fields, and collects what is wrong with them."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form, self.errors = form, Errors()

    def number(self, name: str, most: int) -> int | None:
        """A whole number from 1 on; None where nothing was typed."""
        text = self.form.get(name, "").strip()
        if not text:
            return None
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
        if not 1 <= number <= most:
            self.errors.add(**{name: f"Enter a whole number from 1 to {most:,}."})
            return None
        return number

    def day(self, name: str) -> date | None:
        text = self.form.get(name, "").strip()
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if day.year not in YEARS:
            self.errors.add(**{name: "Enter a day, such as 2026-11-30."})
            return None
        return day

    def text(self, name: str, most: int) -> str:
        try:
            return checked_text(self.form.get(name, ""), field=name, maximum=most, called=name)
        except Invalid as error:
            self.errors.add(**error.fields)
            return ""


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
