"""Third-party applications: programs that get tokens of their own at the token endpoint."""

import enum
from typing import Final

import msgspec

from sluiceway.access.caller import PrincipalId
from sluiceway.access.scopes import Operation, parse_operations

ROLE_SET_ID: Final = "oauth2-client"
"""The role set of applications when a request names none; kept, without meaning here."""


class ClientType(enum.StrEnum):
    """Whether an application can keep a secret (RFC 6749, section 2.1)."""

    CONFIDENTIAL = "CONFIDENTIAL"
    """A server application."""
    PUBLIC = "PUBLIC"
    """A native or single-page application: no secret, no client credentials grant."""


class GrantType(enum.StrEnum):
    """A way by which an application gets tokens, as Multipass writes it."""

    AUTHORIZATION_CODE = "AUTHORIZATION_CODE"
    CLIENT_CREDENTIALS = "CLIENT_CREDENTIALS"
    REFRESH_TOKEN = "REFRESH_TOKEN"  # noqa: S105 - the name of a grant
    JWT_BEARER = "JWT_BEARER"
    """Known to Foundry's clients; refused by this server."""

    @property
    def wire(self) -> str:
        """The name at the token endpoint."""
        return self.value.lower()


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """That an application is enabled, and how far; it only ever narrows the application."""

    operations: tuple[str, ...] | None = None
    """``None`` or empty: no restriction beyond the application's own, as in Foundry."""
    resources: tuple[str, ...] | None = None
    marking_ids: tuple[str, ...] | None = None
    grant_types: tuple[GrantType, ...] | None = None
    """``None``: all of the application's; empty: none of them."""
    require_consent: bool = True


class ApplicationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What its administrator decides about an application; checked when made."""

    display_name: str
    description: str | None = None
    logo_uri: str | None = None
    grant_types: tuple[GrantType, ...]
    redirect_uris: tuple[str, ...] = ()
    allowed_organization_rids: tuple[str, ...] = ()
    resources: tuple[str, ...] | None = None
    """Projects that it is restricted to when it acts for users, see ``Application.may_use``."""
    operations: tuple[str, ...] | None = None
    """Scopes that it is restricted to, as they were written; ``None``: unrestricted."""
    marking_ids: tuple[str, ...] | None = None
    role_set_id: str = ROLE_SET_ID
    role_grants: dict[str, tuple[str, ...]] = {}
    """Principals by role of the role set; kept, without meaning here."""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A registered application."""

    client_id: str
    client_type: ClientType
    facts: ApplicationFacts
    secret_sha256: bytes | None
    """The digest of the secret; a public application has none."""
    service_user_id: PrincipalId | None = None
    """Who the application acts as with the client credentials grant."""
    installation: Installation | None = None
    """``None`` while the application is disabled."""
    created_ms: int
    created_by: PrincipalId | None
    """``None`` when the machine's operator made it."""
    used_ms: int | None = None
    """About when it last got a token."""

    @property
    def is_enabled(self) -> bool:
        """Whether the application gets tokens and those that it has are taken."""
        return self.installation is not None

    @property
    def scopes(self) -> tuple[str, ...] | None:
        """The scopes that it may have, as they were written; ``None`` means every scope."""
        own = self.facts.operations
        narrowed = () if self.installation is None else self.installation.operations
        if not narrowed:
            return own
        if own is None:
            return narrowed
        allowed = parse_operations(narrowed)
        return tuple(scope for scope in own if parse_operations((scope,)) & allowed)

    @property
    def operations(self) -> frozenset[Operation] | None:
        """The operations that its tokens may hold; ``None`` means every operation."""
        scopes = self.scopes
        return None if scopes is None else parse_operations(scopes)

    @property
    def is_restricted_to_resources(self) -> bool:
        """Whether it may act for its users in some projects only."""
        narrowed = None if self.installation is None else self.installation.resources
        return bool(self.facts.resources or narrowed)

    def may_use(self, grant_type: GrantType) -> bool:
        """Tell whether the application is enabled for *grant_type*.

        One that is restricted to projects may not act for users: nothing would hold its tokens
        inside of them. Of a service user the roles say where it may act.
        """
        if self.installation is None or grant_type not in self.facts.grant_types:
            return False
        if grant_type is GrantType.AUTHORIZATION_CODE and self.is_restricted_to_resources:
            return False
        narrowed = self.installation.grant_types
        return narrowed is None or grant_type in narrowed


class RegisteredApplication(msgspec.Struct, frozen=True):
    """An application at the one moment when its secret is known."""

    application: Application
    secret: str | None
    """``None`` for a public application."""
