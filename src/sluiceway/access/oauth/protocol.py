"""The protocol's rules: Authlib's server core with our applications, tokens and errors."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidRequestError,
    OAuth2Error,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
)

from sluiceway.access.oauth.code_grant import AuthorizationCode, Pkce
from sluiceway.access.oauth.endpoints import REVOCATION, Introspection, Revocation
from sluiceway.access.oauth.grants import ClientCredentials, RefreshToken
from sluiceway.access.oauth.models import Client, OAuthRequest, authenticate

TOKEN: Final = "token"  # noqa: S105 - the endpoint's name
NEVER_STORED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post", "none")
GRANTS: Final = (AuthorizationCode, ClientCredentials, RefreshToken)

_DESCRIPTIONS: Final = {
    "invalid_grant": "the code or token is unknown, expired, revoked, or of another client",
    "invalid_request": "the request is malformed",
}


class Reply(msgspec.Struct, frozen=True):
    """An answer of one of the endpoints."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def error(self) -> str | None:
        """The error code (RFC 6749, section 5.2); ``None`` for a success."""
        return self.body.get("error")


class ClientRefusedError(InvalidClientError):
    """The client did not prove who it is; why is not told."""

    status_code = 401
    description = "client authentication failed"

    def get_headers(self) -> list[tuple[str, str]]:
        """Give the headers, with the challenge that a 401 needs (RFC 9110, section 15.5.2)."""
        return [*NEVER_STORED.items(), ("WWW-Authenticate", 'Basic realm="sluiceway"')]


class GrantNotSupportedError(UnsupportedGrantTypeError):
    """The grant type is none of ours; the description does not repeat what was sent."""

    description = f"grant_type must be one of {', '.join(grant.GRANT_TYPE for grant in GRANTS)}"


class ProtocolServer(AuthorizationServer):
    """Decides about requests; holds nothing, so that one serves all of them."""

    def __init__(self) -> None:
        super().__init__()
        for method in AUTH_METHODS:
            self.register_client_auth_method(method, authenticate)
        for grant in GRANTS:
            self.register_grant(grant, [Pkce()] if grant is AuthorizationCode else None)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def decide(self, endpoint: str, request: OAuthRequest) -> Reply:
        """Answer *request*; what is to be done for it lies in the request afterwards."""
        if endpoint == TOKEN:
            if not request.payload.grant_type:
                return self.refuse(InvalidRequestError("grant_type is missing"))
            reply = self.create_token_response(request)
        else:
            reply = self.create_endpoint_response(endpoint, request)
        assert isinstance(reply, Reply)
        return reply

    def refuse(self, error: OAuth2Error) -> Reply:
        """Answer with *error*."""
        if not error.description:
            error.description = _DESCRIPTIONS.get(error.error, "")
        reply: Reply = self.handle_response(*error())
        return reply

    def authenticate_client(
        self, request: OAuthRequest, methods: Sequence[str], endpoint: str = TOKEN
    ) -> Client:
        """Give the client that sends *request*.

        A disabled application may only revoke what it has.

        Raises:
            ClientRefusedError: The client did not prove who it is.
            UnauthorizedClientError: The application is disabled.
        """
        method = request.credentials.method
        if method not in methods:
            raise ClientRefusedError
        try:
            client: Client = super().authenticate_client(request, [method], endpoint)
        except InvalidClientError:
            raise ClientRefusedError from None
        if endpoint != REVOCATION and not client.application.is_enabled:
            raise UnauthorizedClientError("the application is disabled")
        return client

    def get_token_grant(
        self, request: OAuthRequest
    ) -> AuthorizationCode | ClientCredentials | RefreshToken:
        """Give the grant that *request* asks for.

        Raises:
            GrantNotSupportedError: There is none.
        """
        try:
            grant: AuthorizationCode | ClientCredentials | RefreshToken
            grant = super().get_token_grant(request)
        except UnsupportedGrantTypeError:
            raise GrantNotSupportedError(None) from None
        return grant

    def create_oauth2_request(self, request: OAuthRequest) -> OAuthRequest:
        """Take the request as it is."""
        return request

    def handle_response(
        self, status: int, body: dict[str, Any], headers: Iterable[tuple[str, str]]
    ) -> Reply:
        """Give the answer as a value."""
        return Reply(status, {**dict(headers), **NEVER_STORED}, body)

    def handle_error_response(self, request: OAuthRequest, error: OAuth2Error) -> Reply:  # noqa: ARG002 - Authlib's own shape
        """Answer with *error*."""
        return self.refuse(error)

    def save_token(self, token: dict[str, Any], request: OAuthRequest) -> None:
        """Leave it to the service, which keeps the tokens that were decided on."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody: the service does what the decisions say."""
