"""Messages to browsers by the standard Web Push (RFC 8030, 8188, 8291, 8292)."""

from adapters.webpush.offer import OFFER

__all__ = ["OFFER"]
