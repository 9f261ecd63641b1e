"""Our applications, tokens and requests in the shape that Authlib's server core works on.

Authlib decides; it neither reads nor writes. Whatever it may ask for was fetched before and lies
in the request, and what it decides is left there too, for the service to carry out.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    ClientMixin,
    OAuth2Request,
    TokenMixin,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from sluiceway.access.applications import secret as secrets_
from sluiceway.access.applications.types import Application, ClientType, GrantType
from sluiceway.access.caller import PrincipalId
from sluiceway.access.oauth.codes import CodeFacts
from sluiceway.access.oauth.forms import Credentials
from sluiceway.access.oauth.scope import grant_scope, named_scopes
from sluiceway.access.scopes import Operation
from sluiceway.access.tokens.types import Token, TokenState

_URI: Final = "https://localhost/multipass/api/oauth2"
"""Authlib refuses anything but https; TLS may end before this server, at its proxy."""


class Client(ClientMixin):
    """An application, as a client of the OAuth2 server."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def get_client_id(self) -> str:
        """Give the client id."""
        return self.application.client_id

    def get_default_redirect_uri(self) -> str | None:
        """Give the redirect URI of a request that names none: the first."""
        uris = self.application.facts.redirect_uris
        return uris[0] if uris else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether the URI is registered, letter for letter (RFC 9700, section 2.1)."""
        return redirect_uri in self.application.facts.redirect_uris

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether the client may authenticate so: with its secret, or without having one."""
        if self.application.client_type is ClientType.CONFIDENTIAL:
            return method in {"client_secret_basic", "client_secret_post"}
        return method == "none" and endpoint in {"token", "revocation"}

    def get_allowed_scope(self, scope: str | None) -> str:
        """Give those of the requested scopes that are known and the client may have."""
        return grant_scope(" ".join(named_scopes(scope)), self.application.scopes).scope or ""

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether the client may ask for this at the authorization endpoint."""
        return response_type == "code" and self.application.may_use(GrantType.AUTHORIZATION_CODE)

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the client may get tokens in this way."""
        return any(
            grant.wire == grant_type and self.application.may_use(grant) for grant in GrantType
        )


@dataclass(frozen=True, slots=True)
class KnownToken(TokenMixin):
    """A token that the request is about."""

    token: Token
    now_ms: int
    may_act: bool
    """Whether the token, its principal and its application are all in force."""

    @property
    def is_bearer(self) -> bool:
        """Whether it is a token to make calls with."""
        return self.token.kind.is_bearer

    def check_client(self, client: Client) -> bool:
        """Tell whether the token was given to *client*."""
        return self.token.client_id == client.get_client_id()

    def is_expired(self) -> bool:
        """Tell whether the token's time is over."""
        return self.token.expires_ms is not None and self.token.expires_ms <= self.now_ms

    def is_revoked(self) -> bool:
        """Tell whether the token is not taken, for another reason than its time."""
        is_exchanged = not self.is_bearer and self.token.used_ms is not None
        return self.token.state is not TokenState.ENABLED or is_exchanged or not self.may_act


@dataclass(frozen=True, slots=True)
class KnownCode(AuthorizationCodeMixin):
    """An authorization code that the request holds."""

    token: KnownToken
    facts: CodeFacts

    @property
    def code_challenge(self) -> str | None:
        """What the verifier must hash to."""
        return self.facts.code_challenge

    @property
    def code_challenge_method(self) -> str:
        """How it must: there is one way."""
        return "S256"

    def get_redirect_uri(self) -> str | None:
        """Give the URI that the request for tokens must repeat; ``None`` if it need not."""
        return self.facts.redirect_uri if self.facts.names_redirect_uri else None

    def get_scope(self) -> str:
        """Give the granted scopes in the client's own spelling."""
        return self.facts.scope


class Issue(msgspec.Struct, frozen=True):
    """The decision to give tokens."""

    principal_id: PrincipalId
    operations: frozenset[Operation] | None
    exchanged: Token | None = None
    """The refresh token that they are given for."""
    code: Token | None = None
    """The authorization code that they are given for."""
    is_refreshable: bool = False
    """Whether the code buys a refresh token too."""

    @property
    def grant_type(self) -> str:
        """The grant type, as the token endpoint calls it."""
        if self.code is not None:
            return "authorization_code"
        return "client_credentials" if self.exchanged is None else "refresh_token"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What was fetched for a request."""

    now_ms: int
    access_token_seconds: int
    application: Application | None = None
    """The application with the client id that the request names."""
    token: KnownToken | None = None
    """The token that the request holds."""
    code: KnownCode | None = None
    """The authorization code that the request holds."""


class OAuthRequest(OAuth2Request):
    """A request to one of the endpoints, all that Authlib needs for it, and its decisions."""

    def __init__(self, form: dict[str, str], credentials: Credentials, known: Known) -> None:
        super().__init__("POST", _URI)
        self.payload = BasicOAuth2Payload(form)
        self.credentials = credentials
        self.known = known
        self.issue: Issue | None = None
        self.revoke: Token | None = None
        """A token whose whole family ends."""

    @property
    def form(self) -> dict[str, str]:
        """The fields of the form."""
        fields: dict[str, str] = self.payload.data
        return fields


def authenticate(_query: Any, request: OAuthRequest) -> Client | None:  # noqa: ANN401 - Authlib's own
    """Give the client if its secret is right, or if it is one that has none.

    An unknown client id takes as long as a wrong secret and tells as little.
    """
    application, credentials = request.known.application, request.credentials
    if credentials.method == "none":
        return None if application is None else Client(application)
    kept = None if application is None else application.secret_sha256
    is_right = secrets_.matches(credentials.secret, kept)
    return Client(application) if is_right and application is not None else None
