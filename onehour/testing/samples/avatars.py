"""Profile pictures."""

from __future__ import annotations

from core.avatars import Avatar
from onehour.testing.samples.sample import NOW, Sample


def an_avatar(account_id: str = "acc_1", picture: bytes = b"RIFF\x00\xff") -> Avatar:
    return Avatar.of(account_id, picture, at=NOW)


SAMPLES = (
    Sample(
        "avatars",
        an_avatar(),
        lambda repositories: repositories.avatars.put(an_avatar()),
        lambda repositories: repositories.avatars.find(an_avatar().id),
    ),
)
