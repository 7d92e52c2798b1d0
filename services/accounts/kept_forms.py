"""Keeps the fields of forms while their sender logs in or enters a code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.accounts_policy import AccountPolicy
from core.kept_forms import OF_ONE_BROWSER, KeptForm, TypedField, WhyKept, bounded
from core.sessions import Caller
from ports.clock import Clock, Ids
from ports.documents import Documents, DocumentType, Order
from ports.store import Store
from services.accounts.rate_limits import RateLimits

KEPT_FORMS = DocumentType(
    "kept_forms",
    KeptForm,
    orders=(Order("oldest", equals=("visit",), by=("expires_at",)),),
    expires="expires_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFormService:
    """Only the browser that sent a form gets it back, and nothing is ever sent for it."""

    store: Store
    rate_limits: RateLimits
    clock: Clock
    ids: Ids
    policy: AccountPolicy

    async def keep(
        self,
        fields: Iterable[TypedField],
        *,
        action: str,
        why: WhyKept,
        caller: Caller,
        owner: str = "",
        incomplete: bool = False,
    ) -> KeptForm | None:
        """Keep what was typed for `policy.kept_form_life`; None for a network address that has
        sent too many. The newest forms of a browser replace the oldest, and one form the earlier
        ones with its action."""
        source = f"kept-from:{caller.source}"
        if not await self.rate_limits.allow(source, most=self.policy.kept_forms_per_hour):
            return None
        typed = tuple(fields)
        kept = KeptForm(
            id=self.ids.new("frm"),
            visit=caller.visit,
            action=action,
            why=why,
            expires_at=self.clock.now() + self.policy.kept_form_life,
            fields=bounded(typed),
            owner=owner,
            incomplete=incomplete or bounded(typed) != typed,
        )
        await self._make_room(kept)
        return await self._documents.add(kept)

    async def _make_room(self, new: KeptForm) -> None:
        earlier, _ = await self._documents.page("oldest", equals={"visit": new.visit}, limit=100)
        others = [each for each in earlier if each.action != new.action]
        surplus = others[: max(len(others) - OF_ONE_BROWSER + 1, 0)]
        for each in (*(one for one in earlier if one.action == new.action), *surplus):
            await self._documents.remove(each.id)

    async def find(self, form_id: str, *, visit: str) -> KeptForm | None:
        """A form that this browser has sent."""
        found = await self._documents.find(form_id)
        valid = found and found.visit == visit and self.clock.now() < found.expires_at
        return found if valid else None

    async def remove(self, form_id: str) -> None:
        await self._documents.remove(form_id)

    @property
    def _documents(self) -> Documents[KeptForm]:
        return self.store.repositories.documents(KEPT_FORMS)
