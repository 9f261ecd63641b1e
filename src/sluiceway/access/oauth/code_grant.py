"""The authorization code grant (RFC 6749, section 4.1) with PKCE (RFC 7636)."""

import re
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from sluiceway.access.applications.types import ClientType
from sluiceway.access.caller import PrincipalId
from sluiceway.access.oauth.grants import SECRET_METHODS, token_reply
from sluiceway.access.oauth.models import Client, Issue, KnownCode, OAuthRequest
from sluiceway.access.oauth.scope import keep_allowed, named_scopes
from sluiceway.access.scopes import Operation

S256: Final = "S256"
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url without padding."""


class AuthorizationCode(AuthorizationCodeGrant):
    """An application acting for a user who agreed in a browser.

    A code is used once; used again, every token that it bought ends (RFC 6749, section 4.1.2).
    """

    TOKEN_ENDPOINT_AUTH_METHODS = (*SECRET_METHODS, "none")

    @staticmethod
    def validate_authorization_redirect_uri(request: OAuthRequest, client: Client) -> str:
        """Give where to send the browser back to: what the request says, else the first.

        Raises:
            InvalidRequestError: The URI is not registered, or there is none.
        """
        asked: str | None = request.payload.redirect_uri
        uri = client.get_default_redirect_uri() if asked is None else asked
        if uri is None or not client.check_redirect_uri(uri):
            raise InvalidRequestError("redirect_uri is none that the application registered")
        return uri

    def validate_requested_scope(self) -> None:
        """Refuse a request that names no scope where that would mean every one.

        Raises:
            InvalidScopeError: The application is not restricted and the request names no scope.
        """
        request: OAuthRequest = self.request
        application = request.known.application
        is_unrestricted = application is not None and application.scopes is None
        if is_unrestricted and not named_scopes(request.payload.scope):
            raise InvalidScopeError("the request must name at least one scope")

    def query_authorization_code(self, code: str, client: Client) -> KnownCode | None:  # noqa: ARG002 - it was fetched before
        """Give the code if it may be exchanged; decide to revoke what it bought if it was."""
        request: OAuthRequest = self.request
        known = request.known.code
        if known is None or not known.token.check_client(client):
            return None
        if known.token.token.used_ms is not None:
            request.revoke = known.token.token
            return None
        if known.token.is_expired() or known.token.is_revoked():
            return None
        asked = request.payload.redirect_uri
        return known if asked is None or asked == known.facts.redirect_uri else None

    def authenticate_user(self, authorization_code: KnownCode) -> PrincipalId:
        """Give the user that the tokens are for."""
        return authorization_code.token.token.principal_id

    def generate_token(
        self, *, user: PrincipalId, scope: str, include_refresh_token: bool
    ) -> dict[str, Any]:
        """Decide to give tokens; gives the reply without them.

        They hold what the user agreed to and the application may still have. There is a refresh
        token if one was asked for and the application may use it.
        """
        request: OAuthRequest = self.request
        code: KnownCode = request.authorization_code
        operations = code.token.token.operations
        assert operations is not None, "a code without scopes would be one with all of them"
        granted = keep_allowed(scope.split(), _both(operations, request.client))
        request.issue = Issue(
            user,
            granted.operations,
            code=code.token.token,
            is_refreshable=include_refresh_token and code.facts.is_refreshable,
        )
        return token_reply(request, granted)

    def delete_authorization_code(self, authorization_code: KnownCode) -> None:
        """Leave it to the service, which notes the use together with the new tokens."""


class Pkce(CodeChallenge):
    """Binds a code to who asked for it: S256 only, and never left out by public clients."""

    DEFAULT_CODE_CHALLENGE_METHOD = S256
    SUPPORTED_CODE_CHALLENGE_METHOD = (S256,)

    def validate_code_challenge(self, grant: AuthorizationCode, redirect_uri: str | None) -> None:  # noqa: ARG002 - Authlib's own shape
        """Refuse a challenge that is none, of another method, or missing where it is needed.

        Raises:
            InvalidRequestError: It is one of these.
        """
        request: OAuthRequest = grant.request
        challenge = request.form.get("code_challenge")
        method = request.form.get("code_challenge_method")
        if challenge is None:
            client: Client = request.client
            if method is not None or client.application.client_type is ClientType.PUBLIC:
                raise InvalidRequestError("code_challenge is missing")
            return
        if method != S256:
            # Left out it would mean "plain" (RFC 7636, section 4.3), which protects nothing.
            raise InvalidRequestError("code_challenge_method must be S256")
        if _CHALLENGE.fullmatch(challenge) is None:
            raise InvalidRequestError("code_challenge is no SHA-256 in base64url")


def _both(operations: frozenset[Operation], client: Client) -> frozenset[Operation]:
    allowed = client.application.operations
    return operations if allowed is None else operations & allowed
