"""Who somebody is and how they come in: the services around a person, put together."""

from __future__ import annotations

from dataclasses import dataclass

from core.policy import Policy
from services.accounts.administration import AdministrationService
from services.accounts.codes import CodeGenerator, OneTimeCodes
from services.accounts.factors import FactorService
from services.accounts.identities import IdentityService
from services.accounts.passwords import PasswordService
from services.accounts.personal_data import PersonalDataService
from services.accounts.rate_limits import RateLimits
from services.accounts.registration import AccountRegistration
from services.accounts.service import AccountService
from services.accounts.session_writer import SessionWriter
from services.accounts.sessions import SessionService
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
    code_generator = CodeGenerator(key)
    codes = OneTimeCodes(store, code_generator, clock, ids, policy)
    session_writer, limits = SessionWriter(clock, ids), RateLimits(store, clock, ids, policy, key)
    registration = AccountRegistration(codes, session_writer, clock, policy)
    factors = FactorService(
        store, codes, session_writer, ports.authenticator, ports.passwords, clock, ids, policy
    )
    sessions = SessionService(
        store, factors, codes, session_writer, limits, ports.passwords, clock, policy
    )
    people = AccountService(
        store, registration, sessions, codes, session_writer, limits, ports.passwords, clock,
        ids, policy, site,
    )  # fmt: skip
    return Entrance(
        accounts=people,
        sessions=sessions,
        factors=factors,
        passwords=PasswordService(
            store,
            people,
            code_generator,
            session_writer,
            limits,
            ports.passwords,
            clock,
            ids,
            policy,
        ),
        tokens=TokenService(
            store, sessions, factors, session_writer, ports.signer, clock, ids, policy, key
        ),
        identities=IdentityService(
            store,
            ports.identities,
            sessions,
            registration,
            session_writer,
            limits,
            clock,
            ids,
            policy,
            site,
        ),
        administration=AdministrationService(
            store, people, registration, session_writer, clock, ids, policy
        ),
        personal_data=PersonalDataService(store, session_writer, clock),
    )
