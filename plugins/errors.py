"""What is wrong with a plugin."""

from __future__ import annotations

from core.errors import OneHourError


class WrongPlugin(OneHourError):
    """An enabled plugin cannot be used. Raised at the start, with one sentence."""

    code = "wrong_plugin"


class PluginFailed(OneHourError):
    """A plugin failed to handle an event."""

    code = "plugin_failed"


def one_line(error: BaseException) -> str:
    """What an error says, without a full stop at its end; its class where it says nothing."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
