"""What clients may learn about the server before they talk to it (RFC 8414)."""

import re
from typing import Final

import msgspec

from sluiceway.access.oauth.code_grant import S256
from sluiceway.access.oauth.protocol import AUTH_METHODS, GRANTS
from sluiceway.access.scopes import OFFLINE_ACCESS, Operation
from sluiceway.foundation.request_errors import InvalidArgumentError

OAUTH_PATH: Final = "/multipass/api/oauth2"
AUTHORIZE_PATH: Final = f"{OAUTH_PATH}/authorize"
METADATA_PATH: Final = "/.well-known/oauth-authorization-server"

_HOST: Final = re.compile(r"(?:[a-zA-Z0-9._-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::[0-9]{1,5})?")


class ServerMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata document; its names are the RFC's own."""

    issuer: str
    authorization_endpoint: str
    code_challenge_methods_supported: tuple[str, ...] = (S256,)
    token_endpoint: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = AUTH_METHODS
    revocation_endpoint: str
    revocation_endpoint_auth_methods_supported: tuple[str, ...] = AUTH_METHODS
    introspection_endpoint: str
    introspection_endpoint_auth_methods_supported: tuple[str, ...] = AUTH_METHODS[:2]
    grant_types_supported: tuple[str, ...] = tuple(grant.GRANT_TYPE for grant in GRANTS)
    response_types_supported: tuple[str, ...] = ("code",)
    response_modes_supported: tuple[str, ...] = ("query",)
    scopes_supported: tuple[str, ...] = (
        *(operation.scope for operation in Operation),
        OFFLINE_ACCESS,
    )


def server_metadata(public_url: str, scheme: str, host: str | None) -> ServerMetadata:
    """Describe the server under its public URL, or else under what it was asked by.

    Raises:
        InvalidArgumentError: There is no public URL and *host* is no host name.
    """
    issuer = public_url.rstrip("/") or _issuer_of(scheme, host)
    return ServerMetadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}{AUTHORIZE_PATH}",
        token_endpoint=f"{issuer}{OAUTH_PATH}/token",
        revocation_endpoint=f"{issuer}{OAUTH_PATH}/revoke_token",
        introspection_endpoint=f"{issuer}{OAUTH_PATH}/introspect",
    )


def _issuer_of(scheme: str, host: str | None) -> str:
    if host is None or _HOST.fullmatch(host) is None:
        raise InvalidArgumentError("the Host header is missing or names no host")
    return f"{scheme}://{host}"
