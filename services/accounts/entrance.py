"""Who somebody is and how they come in: the services around a person, put together."""

from __future__ import annotations

from dataclasses import dataclass

from core.policy import Policy
from services.accounts.administration import AdministrationService
from services.accounts.codes import CodeMaker, OneTimeCodes
from services.accounts.factors import FactorService
from services.accounts.identities import IdentityService
from services.accounts.passwords import PasswordService
from services.accounts.personal_data import PersonalDataService
from services.accounts.rate_limits import Doors
from services.accounts.registration import Registering
from services.accounts.service import AccountService
from services.accounts.sessions import SessionService
from services.accounts.signing import Signing
from services.accounts.tokens import TokenService
from services.shared.dependencies import Ports


@dataclass(frozen=True, slots=True)
class Entrance:
    """Everything around a person: who they are, how they sign in, what they may take away."""

    accounts: AccountService
    sessions: SessionService
    factors: FactorService
    passwords: PasswordService
    tokens: TokenService
    identities: IdentityService
    administration: AdministrationService
    personal_data: PersonalDataService


def build_entrance(ports: Ports, *, policy: Policy, site: str, key: bytes) -> Entrance:
    store, clock, ids = ports.store, ports.clock, ports.ids
    maker = CodeMaker(key)
    codes = OneTimeCodes(store, maker, clock, ids, policy)
    signing, doors = Signing(clock, ids), Doors(store, clock, ids, policy, key)
    registering = Registering(codes, signing, clock, policy)
    factors = FactorService(
        store, codes, signing, ports.authenticator, ports.passwords, clock, ids, policy
    )
    sessions = SessionService(store, factors, codes, signing, doors, ports.passwords, clock, policy)
    people = AccountService(
        store, registering, sessions, codes, signing, doors, ports.passwords, clock, ids, policy,
        site,
    )  # fmt: skip
    return Entrance(
        accounts=people,
        sessions=sessions,
        factors=factors,
        passwords=PasswordService(
            store, people, maker, signing, doors, ports.passwords, clock, ids, policy
        ),
        tokens=TokenService(
            store, sessions, factors, signing, ports.signer, clock, ids, policy, key
        ),
        identities=IdentityService(
            store, ports.identities, sessions, registering, signing, doors, clock, ids, policy, site
        ),
        administration=AdministrationService(
            store, people, registering, signing, clock, ids, policy
        ),
        personal_data=PersonalDataService(store, signing, clock),
    )
