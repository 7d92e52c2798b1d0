"""`onehour push-key`: a new key for messages to browsers."""

from __future__ import annotations

from adapters.webpush.pusher import new_private_key


def main() -> None:
    """Prints the setting, to be kept with the other secrets."""
    print(f"ONEHOUR_WEBPUSH_PRIVATE_KEY={new_private_key()}")
