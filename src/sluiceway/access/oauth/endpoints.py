"""What a client may do with a token that it has: revoke it, and ask what it is."""

from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from sluiceway.access.oauth.models import Client, KnownToken, OAuthRequest

REVOCATION: Final = "revocation"
INTROSPECTION: Final = "introspection"


class Revocation(RevocationEndpoint):
    """Ends a token and its whole family (RFC 7009); a token that nobody knows is no error."""

    ENDPOINT_NAME = REVOCATION
    CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")

    def authenticate_token(self, request: OAuthRequest, client: Client) -> KnownToken | None:
        """Give the token that was fetched for the request, if there is one.

        Raises:
            InvalidRequestError: The request names no token.
            InvalidGrantError: The token was given to another client.
        """
        token = _requested_token(request)
        if token is not None and not token.check_client(client):
            raise InvalidGrantError("the token was given to another client")
        return token

    def revoke_token(self, token: KnownToken, request: OAuthRequest) -> None:
        """Decide to end the token's family."""
        request.revoke = token.token


class Introspection(IntrospectionEndpoint):
    """Tells a confidential client about its own tokens (RFC 7662); of others it learns nothing."""

    ENDPOINT_NAME = INTROSPECTION
    CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def authenticate_token(self, request: OAuthRequest, client: Client) -> KnownToken | None:
        """Give the token that was fetched for the request, if it is the client's.

        Raises:
            InvalidRequestError: The request names no token.
        """
        token = _requested_token(request)
        return token if token is not None and token.check_client(client) else None

    def introspect_token(self, token: KnownToken) -> dict[str, Any]:
        """Describe a token that is valid."""
        kept = token.token
        described: dict[str, Any] = {
            "active": True,
            "client_id": kept.client_id,
            "sub": kept.principal_id,
            "token_type": "bearer" if token.is_bearer else "refresh_token",
            "iat": kept.created_ms // 1000,
        }
        if kept.expires_ms is not None:
            described["exp"] = kept.expires_ms // 1000
        if kept.operations is not None:
            described["scope"] = " ".join(sorted(item.scope for item in kept.operations))
        return described


def _requested_token(request: OAuthRequest) -> KnownToken | None:
    """Give the fetched token; hints about its type are not needed (RFC 7009, section 2.1)."""
    if "token" not in request.form:
        raise InvalidRequestError("token is missing")
    return request.known.token
