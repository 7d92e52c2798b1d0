"""Reads a `.env` file, as python-dotenv understands it."""

from __future__ import annotations

from pathlib import Path

from dotenv.parser import parse_stream

from ports.settings import WrongSetting


def read_dotenv(path: Path) -> dict[str, str]:
    """The names and values of the file; a missing file has none. Raises `WrongSetting`.

    Values are not expanded: `$` is an ordinary character.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            found = list(parse_stream(stream))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        # The cause is left out: it may show a secret.
        raise WrongSetting(f"{path} must be a readable text file in UTF-8.") from None
    for each in found:
        if each.error or (each.key and each.value is None):
            raise WrongSetting(f"Line {each.original.line} of {path} must have the form KEY=VALUE.")
    return {each.key: each.value for each in found if each.key and each.value is not None}
