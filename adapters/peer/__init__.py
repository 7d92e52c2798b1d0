"""Calls from browser to browser, without a media server: the sockets of the site carry the
signalling (`web/calls/events.py`)."""

from adapters.peer.offer import OFFER

__all__ = ["OFFER"]
