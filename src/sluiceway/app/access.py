"""Puts the access services together."""

from dataclasses import dataclass

from sluiceway.access.applications.service import ApplicationService
from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.oauth.authorizations import AuthorizationService
from sluiceway.access.oauth.failures import FailedAuthentications
from sluiceway.access.oauth.service import OAuthService
from sluiceway.access.principals.accounts import AccountService
from sluiceway.access.principals.attempts import AttemptLimits
from sluiceway.access.principals.catalogue import RoleCatalogue
from sluiceway.access.principals.credentials import CredentialService
from sluiceway.access.principals.groups import GroupService
from sluiceway.access.principals.passwords import Passwords
from sluiceway.access.principals.service import UserService
from sluiceway.access.settings import AccessSettings
from sluiceway.access.tokens.cache import CachedAuthenticator
from sluiceway.access.tokens.personal import PersonalTokenService
from sluiceway.access.tokens.service import TokenService
from sluiceway.access.tokens.sessions import SessionService
from sluiceway.backends.sql.applications import SqlApplicationStore
from sluiceway.backends.sql.audit import SqlAuditStore
from sluiceway.backends.sql.authorizations import SqlAuthorizationStore, SqlCodeStore
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.groups import SqlGroupStore
from sluiceway.backends.sql.principals import SqlUserStore
from sluiceway.backends.sql.tokens import SqlTokenStore
from sluiceway.foundation.clock import Clock


@dataclass(frozen=True, slots=True)
class AccessServices:
    """Users, groups, applications, tokens."""

    audit: AuditTrail
    users: UserService
    accounts: AccountService
    groups: GroupService
    roles: RoleCatalogue
    applications: ApplicationService
    tokens: TokenService
    personal_tokens: PersonalTokenService
    sessions: SessionService
    oauth: OAuthService
    authorizations: AuthorizationService
    authenticator: CachedAuthenticator


def build_access(
    database: Database, clock: Clock, settings: AccessSettings, *, public_url: str = ""
) -> AccessServices:
    """Put the access services together on *database*; *public_url* is the OAuth2 issuer."""
    users_store = SqlUserStore(database)
    groups_store = SqlGroupStore(database)
    tokens_store = SqlTokenStore(database)
    audit = AuditTrail(SqlAuditStore(database), clock)
    passwords = Passwords(
        at_once=settings.password_checks_at_once,
        waiting_max=settings.password_checks_waiting_max,
    )
    attempts = AttemptLimits(
        clock,
        per_user=settings.sign_in_attempts_per_user,
        per_origin=settings.sign_in_attempts_per_origin,
        window_ms=settings.sign_in_window_seconds * 1_000,
    )
    users = UserService(users_store, groups_store, passwords, database, audit, clock)
    applications_store = SqlApplicationStore(database)
    authorizations_store, codes_store = SqlAuthorizationStore(database), SqlCodeStore(database)
    applications = ApplicationService(
        applications_store, users, tokens_store, authorizations_store, database, audit, clock
    )
    tokens = TokenService(tokens_store, users_store, groups_store, applications, clock)
    credentials = CredentialService(users_store, passwords, attempts)
    return AccessServices(
        audit=audit,
        users=users,
        accounts=AccountService(
            users_store, groups_store, tokens_store, passwords, attempts, database, audit, clock
        ),
        groups=GroupService(groups_store, users, database, audit, clock),
        roles=RoleCatalogue(),
        applications=applications,
        tokens=tokens,
        personal_tokens=PersonalTokenService(
            tokens, tokens_store, users_store, settings, database, audit
        ),
        sessions=SessionService(credentials, tokens, tokens_store, settings, database, audit),
        oauth=OAuthService(
            applications_store,
            tokens,
            tokens_store,
            database,
            audit,
            clock,
            settings,
            FailedAuthentications(clock),
            codes_store,
            public_url,
        ),
        authorizations=AuthorizationService(
            applications_store,
            authorizations_store,
            codes_store,
            tokens,
            tokens_store,
            database,
            audit,
            clock,
        ),
        authenticator=CachedAuthenticator(tokens, clock, settings.token_cache_entries),
    )
