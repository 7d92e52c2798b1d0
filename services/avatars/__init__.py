"""Profile pictures."""

from core.avatars_policy import AvatarPolicy
from services.avatars.personal_data import AvatarData
from services.avatars.service import AvatarService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["CAPABILITY", "AvatarService"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    service = AvatarService(
        store=d.store,
        pictures=d.pictures,
        clock=d.clock,
        policy=d.policies[AvatarPolicy],
        formats=d.formats,
    )
    return {"avatars": service}


CAPABILITY = Capability(
    name="avatars",
    build=build,
    repositories=("avatars",),
    personal_data=AvatarData(),
    policy=AvatarPolicy,
)
