"""How the OAuth2 endpoints are described in the OpenAPI document."""

from dataclasses import dataclass
from typing import Final

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)

_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_CREDENTIALS: Final = {
    "client_id": "The application; may be left out beside HTTP Basic.",
    "client_secret": "Its secret; may be left out beside HTTP Basic.",
}
_AUTHORIZATION: Final = {
    "response_type": "code.",
    "client_id": "The application.",
    "redirect_uri": "Where the answer goes, as it was registered; left out: the first.",
    "scope": "The wanted scopes with spaces between; offline_access for a refresh token.",
    "state": "Comes back with the answer.",
    "code_challenge": "The SHA-256 of a random verifier, base64url; needed by public clients.",
    "code_challenge_method": "S256.",
}


class TokenReply(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens (RFC 6749, section 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    """Seconds."""
    scope: str | None = None
    """What the token may be used for; left out when that is all that the principal may do."""
    refresh_token: str | None = None


class RevocationReply(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing: the token is not valid any more (RFC 7009, section 2.2)."""


class IntrospectionReply(msgspec.Struct, frozen=True, kw_only=True):
    """What a token is (RFC 7662, section 2.2); only ``active`` when it is not valid."""

    active: bool
    client_id: str | None = None
    sub: str | None = None
    """The principal's id."""
    token_type: str | None = None
    iat: int | None = None
    """When it was made, in epoch seconds."""
    exp: int | None = None
    """When it ends, in epoch seconds."""
    scope: str | None = None


class OAuthErrorReply(msgspec.Struct, frozen=True, kw_only=True):
    """An error (RFC 6749, section 5.2)."""

    error: str
    error_description: str | None = None


def responses(reply: type[msgspec.Struct]) -> dict[int, ResponseSpec]:
    """Describe every answer of an endpoint that gives *reply*."""
    described = {
        400: "The request, the grant or the scope is refused.",
        401: "The client did not prove who it is.",
        429: "The client failed to prove who it is too often.",
        500: "A fault of this server.",
        503: "The server is at its limit.",
    }
    return {
        200: ResponseSpec(reply, description="Done.", generate_examples=False),
        **{
            status: ResponseSpec(OAuthErrorReply, description=text, generate_examples=False)
            for status, text in described.items()
        },
    }


@dataclass
class TokenOperation(Operation):
    """The token endpoint takes a form."""

    def __post_init__(self) -> None:
        """Describe the form."""
        self.request_body = _form(
            {
                "grant_type": "authorization_code, client_credentials or refresh_token.",
                "code": "The code to exchange, for the grant authorization_code.",
                "redirect_uri": "Where the code was sent, if the request for it said so.",
                "code_verifier": "What the request's code_challenge is the SHA-256 of.",
                "scope": "The wanted scopes with spaces between; left out: all allowed ones.",
                "refresh_token": "The token to exchange, for the grant refresh_token.",
            },
            required="grant_type",
        )


@dataclass
class AuthorizationOperation(Operation):
    """The authorization endpoint's query, which is read as it was sent."""

    def __post_init__(self) -> None:
        """Describe the query."""
        self.parameters = [
            Parameter(
                name=name,
                param_in="query",
                description=text,
                required=name in {"response_type", "client_id"},
                schema=Schema(type=OpenAPIType.STRING),
            )
            for name, text in _AUTHORIZATION.items()
        ]


@dataclass
class KnownTokenOperation(Operation):
    """Revocation and introspection take a form with a token."""

    def __post_init__(self) -> None:
        """Describe the form."""
        self.request_body = _form(
            {
                "token": "The token that the request is about.",
                "token_type_hint": "Taken and not needed.",
            },
            required="token",
        )


def _form(fields: dict[str, str], *, required: str) -> RequestBody:
    properties: dict[str, Reference | Schema] = {
        name: Schema(type=OpenAPIType.STRING, description=text)
        for name, text in {**fields, **_CREDENTIALS}.items()
    }
    schema = Schema(type=OpenAPIType.OBJECT, properties=properties, required=[required])
    return RequestBody(content={_FORM_TYPE: OpenAPIMediaType(schema=schema)}, required=True)
