"""Accounts: registration, log-in, second factors, sessions, tokens, personal data, audit."""

from pathlib import Path

from core.accounts import AccountActivity
from core.accounts_messages import EraseAccount, SendMailboxCode
from core.accounts_policy import AccountPolicy
from core.audit import RecordEntry, chain_key
from core.bookings_policy import BookingPolicy
from services.accounts.addresses import AccountAddresses, find_account
from services.accounts.administration import AdministrationService, NotYourself
from services.accounts.audit import AuditService
from services.accounts.codes import CodeGenerator, OneTimeCodes
from services.accounts.emails import ChangeEmail, CodeEmail, LinkEmail
from services.accounts.factors import AppSetup, FactorService
from services.accounts.identities import IdentityService
from services.accounts.kept_forms import KEPT_FORMS, KeptFormService
from services.accounts.known_sessions import KnownSessions
from services.accounts.notices import SECURITY_NOTICES
from services.accounts.password_checks import PasswordChecks
from services.accounts.passwords import PasswordService, WrongLink
from services.accounts.personal_data import AccountData, PersonalDataService, StillOpen
from services.accounts.rate_limits import RateLimits
from services.accounts.recovery_codes import RecoveryCodes
from services.accounts.registration import AccountRegistration
from services.accounts.service import AccountService
from services.accounts.session_writer import SessionWriter
from services.accounts.sessions import SessionService, SignedIn
from services.accounts.tokens import OtpNeeded, RefreshRefused, Tokens, TokenService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = [
    "CAPABILITY",
    "AccountAddresses",
    "AccountService",
    "AdministrationService",
    "AppSetup",
    "AuditService",
    "ChangeEmail",
    "CodeEmail",
    "CodeGenerator",
    "FactorService",
    "IdentityService",
    "KeptFormService",
    "KnownSessions",
    "LinkEmail",
    "NotYourself",
    "OtpNeeded",
    "PasswordChecks",
    "PasswordService",
    "PersonalDataService",
    "RefreshRefused",
    "SessionService",
    "SignedIn",
    "StillOpen",
    "TokenService",
    "Tokens",
    "WrongLink",
    "find_account",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    code_generator = CodeGenerator(key=d.secret_key)
    codes = OneTimeCodes(
        store=d.store,
        code_generator=code_generator,
        clock=d.clock,
        ids=d.ids,
        policy=d.policies[AccountPolicy],
    )
    addresses = AccountAddresses(d.email_addresses)
    session_writer = SessionWriter(clock=d.clock, ids=d.ids)
    rate_limits = RateLimits(
        store=d.store, clock=d.clock, ids=d.ids, policy=d.policies[AccountPolicy], key=d.secret_key
    )
    registration = AccountRegistration(
        codes=codes, session_writer=session_writer, clock=d.clock, policy=d.policies[BookingPolicy]
    )
    factors = FactorService(
        store=d.store,
        codes=codes,
        recovery=RecoveryCodes(code_generator=code_generator, passwords=d.passwords),
        session_writer=session_writer,
        authenticator=d.authenticator,
        passwords=d.passwords,
        clock=d.clock,
        ids=d.ids,
        policy=d.policies[AccountPolicy],
    )
    password_checks = PasswordChecks(
        store=d.store,
        codes=codes,
        session_writer=session_writer,
        rate_limits=rate_limits,
        addresses=addresses,
        passwords=d.passwords,
        clock=d.clock,
        ids=d.ids,
        policy=d.policies[AccountPolicy],
    )
    sessions = SessionService(
        store=d.store,
        factors=factors,
        codes=codes,
        session_writer=session_writer,
        rate_limits=rate_limits,
        password_checks=password_checks,
        clock=d.clock,
        policy=d.policies[AccountPolicy],
    )
    accounts = AccountService(
        store=d.store,
        registration=registration,
        sessions=sessions,
        codes=codes,
        session_writer=session_writer,
        rate_limits=rate_limits,
        addresses=addresses,
        passwords=d.passwords,
        clock=d.clock,
        ids=d.ids,
        policy=d.policies[AccountPolicy],
        site=d.site,
    )
    return {
        "accounts": accounts,
        "sessions": sessions,
        "password_checks": password_checks,
        "factors": factors,
        "passwords": PasswordService(
            store=d.store,
            accounts=accounts,
            code_generator=code_generator,
            session_writer=session_writer,
            rate_limits=rate_limits,
            passwords=d.passwords,
            clock=d.clock,
            ids=d.ids,
            policy=d.policies[AccountPolicy],
        ),
        "tokens": TokenService(
            store=d.store,
            sessions=sessions,
            factors=factors,
            session_writer=session_writer,
            signer=d.signer,
            clock=d.clock,
            ids=d.ids,
            policy=d.policies[AccountPolicy],
            key=d.secret_key,
        ),
        "identities": IdentityService(
            store=d.store,
            providers=d.identities,
            sessions=sessions,
            registration=registration,
            session_writer=session_writer,
            rate_limits=rate_limits,
            addresses=addresses,
            clock=d.clock,
            ids=d.ids,
            policy=d.policies[AccountPolicy],
            site=d.site,
        ),
        "administration": AdministrationService(
            store=d.store,
            accounts=accounts,
            registration=registration,
            session_writer=session_writer,
            clock=d.clock,
            ids=d.ids,
            policy=d.policies[AccountPolicy],
        ),
        "audit": AuditService(store=d.store, key=chain_key(d.lasting_key)),
        "kept_forms": KeptFormService(
            store=d.store,
            rate_limits=rate_limits,
            clock=d.clock,
            ids=d.ids,
            policy=d.policies[AccountPolicy],
        ),
        "personal_data": PersonalDataService(
            store=d.store,
            session_writer=session_writer,
            clock=d.clock,
            parts=tuple(each.personal_data for each in built.records if each.personal_data),
        ),
    }


CAPABILITY = Capability(
    name="accounts",
    build=build,
    repositories=(
        "accounts",
        "sessions",
        "codes",
        "throttles",
        "identities",
        "oauth_states",
        "audit",
        "idempotency_keys",
    ),
    documents=(KEPT_FORMS,),
    messages=(RecordEntry, EraseAccount, SendMailboxCode),
    templates=Path(__file__).parent / "templates",
    personal_data=AccountData(),
    notices=SECURITY_NOTICES,
    activity=AccountActivity,
    policy=AccountPolicy,
)
