"""Codes that take something off the price of a booking: a plugin for OneHour."""

from coupons.plugin import Coupons

__all__ = ["Coupons"]
