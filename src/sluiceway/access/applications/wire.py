"""What the calls about applications take and give, as Foundry's Multipass writes it.

Replies name every field, also one that is null: Multipass does, and a page that shows an
application need not tell "absent" from "null".
"""

from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from sluiceway.access.applications.types import (
    ROLE_SET_ID,
    Application,
    ApplicationFacts,
    ClientType,
    GrantType,
    Installation,
    RegisteredApplication,
)
from sluiceway.access.principals.types import ORGANIZATION_RID
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.paging import Page
from sluiceway.foundation.wire import Body

T = TypeVar("T")
# A change may leave these fields out; they then stay as they are.
_Text = str | UnsetType | None
_Texts = tuple[str, ...] | UnsetType | None


class ApplicationBody(Body, frozen=True):
    """An application as an administrator describes it, to register or to change it."""

    client_type: ClientType
    display_name: str
    grant_types: tuple[GrantType, ...]
    organization_rid: _Text = UNSET
    """Taken and not used: a server has one organization, and replies name it."""
    description: _Text = UNSET
    logo_uri: _Text = UNSET
    redirect_uris: _Texts = UNSET
    allowed_organization_rids: _Texts = UNSET
    resources: _Texts = UNSET
    operations: _Texts = UNSET
    """The scopes that the application is restricted to; null: unrestricted."""
    marking_ids: _Texts = UNSET
    role_set_id: _Text = UNSET
    role_grants: dict[str, tuple[str, ...]] | UnsetType | None = UNSET


class InstallationBody(Body, frozen=True):
    """How far an application is enabled; what is left out is not restricted."""

    operations: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    marking_ids: tuple[str, ...] | None = None
    grant_types: tuple[GrantType, ...] | None = None
    require_consent: bool = True


class _Reply(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A reply with all its fields."""


class ApplicationReply(_Reply, frozen=True):
    """A registered application, without its secret."""

    client_id: str
    client_type: ClientType
    organization_rid: str
    display_name: str
    description: str | None
    logo_uri: str | None
    grant_types: tuple[GrantType, ...]
    redirect_uris: tuple[str, ...]
    allowed_organization_rids: tuple[str, ...]
    resources: tuple[str, ...] | None
    operations: tuple[str, ...] | None
    marking_ids: tuple[str, ...] | None
    role_set_id: str
    service_user_id: str | None
    enabled: bool
    created_at: str
    created_by: str | None
    last_used_at: str | None


class RegisteredApplicationReply(ApplicationReply, frozen=True):
    """A registered application with its new secret, which is never shown again."""

    client_secret: str | None
    """Null for a public client."""


class ApplicationListReply(_Reply, frozen=True):
    """One page of applications; without ``nextPageToken`` it is the last."""

    values: tuple[ApplicationReply, ...]
    next_page_token: str | None


class InstalledClientReply(_Reply, frozen=True):
    """The application of an installation."""

    client_id: str
    organization_rid: str
    display_name: str
    description: str | None
    logo_uri: str | None


class InstallationReply(_Reply, frozen=True):
    """How far an application is enabled."""

    resources: tuple[str, ...]
    operations: tuple[str, ...]
    """Empty: no restriction beyond the application's own."""
    marking_ids: tuple[str, ...] | None
    grant_types: tuple[GrantType, ...] | None
    require_consent: bool


class ClientInstallationReply(_Reply, frozen=True):
    """An application and its installation; null while it is disabled."""

    client: InstalledClientReply
    installation: InstallationReply | None


def facts_of(body: ApplicationBody, current: ApplicationFacts) -> ApplicationFacts:
    """Give the facts that *body* describes; what it leaves out stays as in *current*."""
    return ApplicationFacts(
        display_name=body.display_name,
        grant_types=body.grant_types,
        description=_chosen(body.description, current.description),
        logo_uri=_chosen(body.logo_uri, current.logo_uri),
        redirect_uris=_chosen(body.redirect_uris, current.redirect_uris) or (),
        allowed_organization_rids=_chosen(
            body.allowed_organization_rids, current.allowed_organization_rids
        )
        or (),
        resources=_chosen(body.resources, current.resources),
        operations=_chosen(body.operations, current.operations),
        marking_ids=_chosen(body.marking_ids, current.marking_ids),
        role_set_id=_chosen(body.role_set_id, current.role_set_id) or ROLE_SET_ID,
        role_grants=_chosen(body.role_grants, current.role_grants) or {},
    )


def installation_of(body: InstallationBody) -> Installation:
    """Give the installation that *body* describes."""
    return Installation(
        operations=body.operations,
        resources=body.resources,
        marking_ids=body.marking_ids,
        grant_types=body.grant_types,
        require_consent=body.require_consent,
    )


def application_reply(application: Application) -> ApplicationReply:
    """Describe an application."""
    return ApplicationReply(**_shown(application))  # type: ignore[arg-type]  # named by the struct


def registered_reply(registered: RegisteredApplication) -> RegisteredApplicationReply:
    """Describe an application and tell its secret."""
    shown = _shown(registered.application)
    return RegisteredApplicationReply(client_secret=registered.secret, **shown)  # type: ignore[arg-type]  # same


def list_reply(page: Page[Application]) -> ApplicationListReply:
    """Describe a page of applications."""
    return ApplicationListReply(
        values=tuple(application_reply(application) for application in page.data),
        next_page_token=page.next_page_token,
    )


def installation_reply(application: Application) -> ClientInstallationReply:
    """Describe how far an application is enabled."""
    installation = application.installation
    return ClientInstallationReply(
        client=InstalledClientReply(
            client_id=application.client_id,
            organization_rid=ORGANIZATION_RID,
            display_name=application.facts.display_name,
            description=application.facts.description,
            logo_uri=application.facts.logo_uri,
        ),
        installation=None
        if installation is None
        else InstallationReply(
            resources=installation.resources or (),
            operations=installation.operations or (),
            marking_ids=installation.marking_ids,
            grant_types=installation.grant_types,
            require_consent=installation.require_consent,
        ),
    )


def _chosen(asked: T | UnsetType | None, current: T | None) -> T | None:
    return current if isinstance(asked, UnsetType) else asked


def _shown(application: Application) -> dict[str, object]:
    facts = application.facts
    return {
        "client_id": application.client_id,
        "client_type": application.client_type,
        "organization_rid": ORGANIZATION_RID,
        "display_name": facts.display_name,
        "description": facts.description,
        "logo_uri": facts.logo_uri,
        "grant_types": facts.grant_types,
        "redirect_uris": facts.redirect_uris,
        "allowed_organization_rids": facts.allowed_organization_rids,
        "resources": facts.resources,
        "operations": facts.operations,
        "marking_ids": facts.marking_ids,
        "role_set_id": facts.role_set_id,
        "service_user_id": application.service_user_id,
        "enabled": application.is_enabled,
        "created_at": iso_time(application.created_ms),
        "created_by": application.created_by,
        "last_used_at": None if application.used_ms is None else iso_time(application.used_ms),
    }
