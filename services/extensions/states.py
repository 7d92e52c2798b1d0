"""Which plugins are switched on: by repeated failure, and by administrators."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.accounts import Account
from core.audit import audit_message
from core.errors import NotFound, Unavailable
from core.extensions import ExtensionActivity, PluginState
from core.extensions_policy import ExtensionPolicy
from core.notifications import NotifyAccount
from core.outbox import OutboxMessage, message
from core.sessions import Caller
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Repositories, Store
from ports.telemetry import NO_TELEMETRY, Telemetry
from services.extensions.documents import PLUGIN_STATES
from services.shared.transactions import transact

log = logging.getLogger(__name__)

READ_AGAIN_AFTER = timedelta(seconds=5)
"""How long a process may go on calling a plugin that another one has switched off."""
ADMINISTRATORS_TOLD = 100


@dataclass(slots=True)
class Known:
    """What this process has read. `read_at` is None before the first time."""

    states: Mapping[str, PluginState] = field(default_factory=dict)
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginStates:
    """A stored document for each plugin, shared by all processes. A plugin that is switched off is
    not called; its data stays, is exported and erased, and its outbox messages wait."""

    store: Store
    extensions: Extensions
    clock: Clock
    policy: ExtensionPolicy
    telemetry: Telemetry = NO_TELEMETRY
    known: Known = field(default_factory=Known)

    def is_on(self, plugin: str) -> bool:
        """As last read."""
        state = self.known.states.get(plugin)
        return state is None or state.is_on

    async def refresh(self) -> None:
        """Read the states again if they are older than `READ_AGAIN_AFTER`. Without a database
        what was known still holds."""
        now, names = self.clock.now(), self.extensions.names
        read_at = self.known.read_at
        if not names or (read_at and abs(now - read_at) < READ_AGAIN_AFTER):
            return
        self.known.read_at = now
        try:
            self.known.states = await self.all()
        except Unavailable:
            log.warning("the states of plugins could not be read")

    async def all(self) -> Mapping[str, PluginState]:
        """The state of each enabled plugin, in their order."""
        names = self.extensions.names
        found = await self.store.repositories.documents(PLUGIN_STATES).many(names)
        return {name: found.get(name, PluginState(name)) for name in names}

    async def failed(self, plugin: str, what: str) -> None:
        """Count a failure. The one that switches the plugin off tells all administrators."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> PluginState:
            before = await _state(repositories, plugin)
            after = before.failed(what, now=now, policy=self.policy)
            stored = await _stored(repositories, after)
            if before.is_on and not after.is_on:
                await repositories.outbox.add(*await _notices(repositories, stored, now))
            return stored

        self._learn(await transact(self.store, step))

    async def switch(self, plugin: str, *, on: bool, by: Account, caller: Caller) -> PluginState:
        """For an administrator. Raises `NotFound` for a plugin that is not enabled."""
        if plugin not in self.extensions.names:
            raise NotFound
        now = self.clock.now()

        async def step(repositories: Repositories) -> PluginState:
            before = await _state(repositories, plugin)
            after = before.switched(on=on, by=by.id, now=now)
            if after == before:
                return before
            stored = await _stored(repositories, after)
            what = ExtensionActivity.SWITCHED_ON if on else ExtensionActivity.SWITCHED_OFF
            key = f"{plugin}:{stored.version}"
            entry = audit_message(
                what, key, account=by.id, at=now, address=caller.place, device=caller.device,
                plugin=plugin,
            )  # fmt: skip
            await repositories.outbox.add(entry)
            return stored

        return self._learn(await transact(self.store, step))

    def _learn(self, state: PluginState) -> PluginState:
        self.known.states = {**self.known.states, state.id: state}
        return state


async def _state(repositories: Repositories, plugin: str) -> PluginState:
    return await repositories.documents(PLUGIN_STATES).find(plugin) or PluginState(plugin)


async def _stored(repositories: Repositories, state: PluginState) -> PluginState:
    documents = repositories.documents(PLUGIN_STATES)
    if await documents.find(state.id) is None:
        return await documents.add(state)
    return await documents.save(state)


async def _notices(
    repositories: Repositories, state: PluginState, now: datetime
) -> list[OutboxMessage]:
    fact = f"{state.id}:{state.version}"
    administrators = await repositories.accounts.administrators(limit=ADMINISTRATORS_TOLD)
    return [
        message(
            NotifyAccount("plugin_switched_off", each.id, fact=fact, subject=state.id),
            f"{fact}:{each.id}",
            due_at=now,
        )
        for each in administrators
    ]
