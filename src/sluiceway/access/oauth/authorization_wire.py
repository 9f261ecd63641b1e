"""The bodies of the calls about authorizations, and what scopes mean to a user."""

from typing import Final

from sluiceway.access.applications.types import Application
from sluiceway.access.oauth.authorizations import AuthorizedApplication, Decision
from sluiceway.access.oauth.requests import AuthorizationRequest
from sluiceway.access.scopes import OFFLINE_ACCESS, Operation
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.paging import Page
from sluiceway.foundation.wire import Body, Wire

_MEANINGS: Final = {
    Operation.STREAMS_READ.scope: "Read the records and settings of streams that you may read",
    Operation.STREAMS_WRITE.scope: "Create streams, push records to them and reset them where you may",
    Operation.DATASETS_READ.scope: "Read datasets that you may read",
    Operation.DATASETS_WRITE.scope: "Change datasets that you may change",
    Operation.FILESYSTEM_READ.scope: "See projects, folders and who has access to them",
    Operation.FILESYSTEM_WRITE.scope: "Create, move, delete and share projects and folders where you may",
    Operation.ADMIN_READ.scope: "See users, groups and third-party applications as you may",
    Operation.ADMIN_WRITE.scope: "Change users, groups and third-party applications where you may",
    Operation.SQL_QUERIES_READ.scope: "Read the results of your queries in SQL",
    Operation.SQL_QUERIES_EXECUTE.scope: "Run queries in SQL over streams that you may read",
    OFFLINE_ACCESS: "Do this also while you are not signed in, until you revoke it",
}


class ScopeMeaning(Wire, frozen=True):
    """A scope and what it lets an application do."""

    scope: str
    """In its first spelling."""
    description: str
    """A sentence without its full stop, for the user."""


class AuthorizationClient(Wire, frozen=True):
    """What a user learns of an application."""

    client_id: str
    display_name: str
    description: str | None = None
    logo_uri: str | None = None


class AuthorizationRequestReply(Wire, frozen=True):
    """What the user is asked to agree to."""

    client: AuthorizationClient
    scopes: list[ScopeMeaning]
    """Empty when the application asks for nothing that this server knows."""
    redirect_host: str
    """The host, and the port if there is one, that the browser goes back to."""


class AuthorizationDecisionBody(Body, frozen=True):
    """The user's answer."""

    query: str
    """The query of the page that asks, percent-encoded and without its question mark."""
    decision: Decision


class AuthorizationDecisionReply(Wire, frozen=True):
    """Where the browser goes now."""

    redirect_to: str


class AuthorizationReply(Wire, frozen=True):
    """An application that the user lets act for them."""

    client: AuthorizationClient
    scopes: list[ScopeMeaning]
    authorized_time: str
    """When the user first did, ISO 8601."""
    last_used_time: str
    """When the application was last sent to this server for it, ISO 8601."""


def request_reply(request: AuthorizationRequest) -> AuthorizationRequestReply:
    """Write a request."""
    return AuthorizationRequestReply(
        client=_client(request.application),
        scopes=_meanings(request.scopes),
        redirect_host=request.redirect_host,
    )


def authorizations_reply(page: Page[AuthorizedApplication]) -> Page[AuthorizationReply]:
    """Write a page of authorizations."""
    return Page(
        data=[_authorization(one) for one in page.data], next_page_token=page.next_page_token
    )


def _authorization(found: AuthorizedApplication) -> AuthorizationReply:
    return AuthorizationReply(
        client=_client(found.application),
        scopes=_meanings(found.authorization.scopes),
        authorized_time=iso_time(found.authorization.created_ms),
        last_used_time=iso_time(found.authorization.used_ms),
    )


def _client(application: Application) -> AuthorizationClient:
    return AuthorizationClient(
        client_id=application.client_id,
        display_name=application.facts.display_name,
        description=application.facts.description,
        logo_uri=application.facts.logo_uri,
    )


def _meanings(scopes: frozenset[str] | tuple[str, ...]) -> list[ScopeMeaning]:
    return [
        ScopeMeaning(scope=scope, description=description)
        for scope, description in _MEANINGS.items()
        if scope in scopes
    ]
