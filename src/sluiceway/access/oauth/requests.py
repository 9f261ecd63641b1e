"""Requests to the authorization endpoint: read, and checked by Authlib's rules.

Whatever is wrong is told to who sent the browser here and not to the application: as in Foundry,
the browser goes back to the application with a code or with ``access_denied``, never with another
error.
"""

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidRequestError,
    OAuth2Error,
    UnauthorizedClientError,
)

from sluiceway.access.applications.types import Application, GrantType
from sluiceway.access.oauth.code_grant import AuthorizationCode, Pkce
from sluiceway.access.oauth.errors import InvalidAuthorizationRequestError
from sluiceway.access.oauth.forms import Credentials
from sluiceway.access.oauth.models import Client, Known, OAuthRequest
from sluiceway.access.scopes import OFFLINE_ACCESS, Operation, parse_operations

QUERY_BYTES_MAX: Final = 8 * 1024
"""Longest query; one with every known scope, a long ``state`` and redirect URI has under 4 KiB."""
QUERY_FIELDS_MAX: Final = 30

_REASONS: Final = {
    "invalid_client": "no application has this client_id",
    "unauthorized_client": "the application is disabled, is not registered for AUTHORIZATION_CODE,"
    " or is restricted to projects",
}


class AuthorizationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An application's request to act for a user, after all checks."""

    application: Application
    redirect_uri: str
    names_redirect_uri: bool
    operations: frozenset[Operation]
    scope: str
    """The scopes of the operations in the client's own spelling."""
    is_refreshable: bool
    state: str | None
    code_challenge: str | None

    @property
    def scopes(self) -> frozenset[str]:
        """What a user is asked to agree to, in its first spelling."""
        scopes = {operation.scope for operation in self.operations}
        return frozenset(scopes | {OFFLINE_ACCESS} if self.is_refreshable else scopes)

    @property
    def redirect_host(self) -> str:
        """Where the browser goes with the answer."""
        return urlsplit(self.redirect_uri).netloc

    def location(self, **answer: str) -> str:
        """Give the URL that carries *answer* to the application (RFC 6749, section 4.1.2)."""
        fields = answer if self.state is None else {**answer, "state": self.state}
        separator = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{separator}{urlencode(fields)}"


def parse_query(query: str) -> dict[str, str]:
    """Read a query, percent-encoded; a field without a value counts as left out.

    Raises:
        InvalidAuthorizationRequestError: It is too large, no UTF-8, or has a field twice.
    """
    if len(query) > QUERY_BYTES_MAX or not query.isascii():
        raise _refusal(
            InvalidRequestError(f"the query is no ASCII or over {QUERY_BYTES_MAX} bytes")
        )
    try:
        fields = parse_qsl(query, errors="strict", max_num_fields=QUERY_FIELDS_MAX)
    except ValueError:
        raise _refusal(
            InvalidRequestError(f"the query is no UTF-8 or has over {QUERY_FIELDS_MAX} fields")
        ) from None
    found = dict(fields)
    if len(found) != len(fields):
        raise _refusal(InvalidRequestError("the query has a field twice"))
    return found


def check_request(fields: dict[str, str], application: Application | None) -> AuthorizationRequest:
    """Check a request of *application*, the one with the client id that *fields* name.

    Raises:
        InvalidAuthorizationRequestError: It is refused.
    """
    known = Known(now_ms=0, access_token_seconds=0, application=application)
    credentials = Credentials("none", fields.get("client_id", ""), "")
    request = OAuthRequest(fields, credentials, known)
    try:
        grant = _Server(application).get_consent_grant(request)
    except OAuth2Error as error:
        raise _refusal(error) from None
    assert application is not None
    asked = (fields.get("scope") or "").split()
    return AuthorizationRequest(
        application=application,
        redirect_uri=grant.redirect_uri,
        names_redirect_uri="redirect_uri" in fields,
        operations=parse_operations(request.scope.split()),
        scope=request.scope,
        is_refreshable=OFFLINE_ACCESS in asked and application.may_use(GrantType.REFRESH_TOKEN),
        state=fields.get("state"),
        code_challenge=fields.get("code_challenge"),
    )


class _Server(AuthorizationServer):
    """Knows the one client that was fetched for a request."""

    def __init__(self, application: Application | None) -> None:
        super().__init__()
        self._client = None if application is None else Client(application)
        self.register_grant(AuthorizationCode, [Pkce()])

    def query_client(self, client_id: str) -> Client | None:  # noqa: ARG002 - it was fetched before
        return self._client

    def create_oauth2_request(self, request: OAuthRequest) -> OAuthRequest:
        return request

    def get_authorization_grant(self, request: OAuthRequest) -> Any:  # noqa: ANN401 - Authlib's own
        # Authlib would look at this first, and repeat what was sent, whatever letters it has.
        if self._client is None:
            raise InvalidClientError
        AuthorizationCode.validate_authorization_redirect_uri(request, self._client)
        if not request.payload.response_type:
            raise InvalidRequestError("response_type is missing")
        if request.payload.response_type != "code":
            raise _UnsupportedResponseTypeError
        return super().get_authorization_grant(request)


class _UnsupportedResponseTypeError(OAuth2Error):
    error = "unsupported_response_type"
    description = "response_type must be code"


def _refusal(error: OAuth2Error) -> InvalidAuthorizationRequestError:
    code = str(error.error)
    is_known = isinstance(error, InvalidClientError | UnauthorizedClientError)
    reason = _REASONS[code] if is_known else error.description or "the request is malformed"
    return InvalidAuthorizationRequestError(code, str(reason))
