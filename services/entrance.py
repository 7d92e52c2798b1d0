"""Who somebody is and how they come in: the services around a person, put together."""

from __future__ import annotations

from dataclasses import dataclass

from core.policy import Policy
from services.accounts import AccountService
from services.administration import AdministrationService
from services.codes import CodeMaker, OneTimeCodes
from services.factors import FactorService
from services.identities import IdentityService
from services.outside import Ports
from services.passwords import PasswordService
from services.personal_data import PersonalDataService
from services.registering import Registering
from services.sessions import SessionService
from services.signing import Signing
from services.throttling import Doors
from services.tokens import TokenService


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
