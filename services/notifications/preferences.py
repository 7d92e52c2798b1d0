"""What a person wants to be told, and on which channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.errors import Invalid
from core.notice_preferences import NoticePreferences, QuietHours
from core.notifications import HERE
from ports.store import Repositories, Store
from services.notifications.documents import PREFERENCES
from services.shared.notices import Notice, NoticeChannel, NoticeGroup


@dataclass(frozen=True, slots=True)
class Choice:
    """One group on one channel; `label` names the channel. One that is `always` on cannot be
    changed."""

    channel: str
    label: str
    on: bool
    always: bool


@dataclass(frozen=True, slots=True)
class GroupChoices:
    """The choices of one group, one for each channel that one of its notices uses."""

    group: NoticeGroup
    choices: tuple[Choice, ...]

    def on(self, channel: str) -> Choice | None:
        """The choice on this channel, if a notice of the group uses it."""
        return next((each for each in self.choices if each.channel == channel), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceService:
    """`channels` are those in use beside the list."""

    store: Store
    notices: Mapping[str, Notice]
    channels: Sequence[NoticeChannel]

    @property
    def labels(self) -> Mapping[str, str]:
        """The channels in the order of the page, with their labels."""
        return {HERE: "Here", **{each.name: each.label for each in self.channels}}

    def groups(self) -> Sequence[NoticeGroup]:
        """Those that can be chosen first, each in the order of the capabilities."""
        found = dict.fromkeys(notice.group for notice in self.notices.values())
        return sorted(found, key=lambda group: bool(group.always))

    async def find(self, *, by: str) -> NoticePreferences:
        found = await self.store.repositories.documents(PREFERENCES).find(by)
        return found or NoticePreferences(by)

    def choices(self, preferences: NoticePreferences) -> tuple[GroupChoices, ...]:
        """What applies with these preferences, defaults included."""
        return tuple(
            GroupChoices(group, tuple(self._choices(group, preferences))) for group in self.groups()
        )

    async def change(
        self, chosen: Mapping[tuple[str, str], bool], quiet: QuietHours | None, *, by: str
    ) -> NoticePreferences:
        """Store the choices by group and channel, and the quiet hours.

        Raises `Invalid` for a group or channel that does not exist, and for one that cannot be
        turned off.
        """
        self._check(chosen)

        async def step(repositories: Repositories) -> NoticePreferences:
            documents = repositories.documents(PREFERENCES)
            stored = await documents.find(by)
            changed = (stored or NoticePreferences(by)).choose(chosen, quiet)
            return await (documents.save(changed) if stored else documents.add(changed))

        return await self.store.transact(step)

    def _choices(self, group: NoticeGroup, preferences: NoticePreferences) -> Iterable[Choice]:
        for channel, label in self.labels.items():
            if not self._has(group, channel):
                continue
            always = group.is_always(channel)
            choice = None if always else preferences.choice(group.name, channel)
            on = group.default(channel) if choice is None else choice
            yield Choice(channel, label, on, always)

    def _has(self, group: NoticeGroup, channel: str) -> bool:
        if group.is_always(channel):
            return True
        return any(
            notice.uses(channel) for notice in self.notices.values() if notice.group == group
        )

    def _check(self, chosen: Mapping[tuple[str, str], bool]) -> None:
        groups = {group.name: group for group in self.groups()}
        for (name, channel), on in chosen.items():
            group = groups.get(name)
            if group is None or channel not in self.labels or not self._has(group, channel):
                raise Invalid(choices="There is no such kind or channel.")
            if group.is_always(channel) and not on:
                raise Invalid(choices=f"{group.label} are always on: {group.always}.")
