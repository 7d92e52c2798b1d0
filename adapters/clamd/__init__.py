"""Virus scanning by ClamAV's daemon, clamd."""

from adapters.clamd.offer import OFFER

__all__ = ["OFFER"]
