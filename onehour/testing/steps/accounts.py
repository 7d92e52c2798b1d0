"""Accounts in the usual states."""

from __future__ import annotations

from core.accounts import Account, Role
from core.sessions import Caller
from onehour.testing.steps.parts import CALLER, PASSWORD, AppParts


class AccountSteps(AppParts):
    async def account(self, role: Role, name: str, timezone: str = "Asia/Kolkata") -> Account:
        """Registered, and the address confirmed with the code from the mail."""
        email = f"{name.split()[0].lower()}-{self.ids.secret()[-8:]}@example.com"
        registered = await self.services.accounts.register(
            role=role, name=name, email=email, password=PASSWORD, timezone=timezone,
            caller=Caller("visit", address=f"test {name}"),
        )  # fmt: skip
        await self.run()
        signed_in = await self.services.accounts.verify_email(
            email=registered.email, code=self.code_for(registered.email), caller=CALLER
        )
        return signed_in.account

    async def admin(self, name: str = "Asha Admin") -> Account:
        """As `onehour admin create` makes one."""
        email = f"{name.split()[0].lower()}-{self.ids.secret()[-8:]}@example.com"
        made = await self.services.administration.create(
            name=name, email=email, password=PASSWORD, timezone="Asia/Kolkata"
        )
        await self.run()
        return made

    def code_for(self, email: str) -> str:
        """The digits of the newest code mailed to the address."""
        codes = [m.subject for m in self.mailer.to(email) if m.subject.startswith("Your code is")]
        return "".join(mark for mark in codes[-1] if mark.isdigit())
