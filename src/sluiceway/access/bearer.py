"""The token in a header, as programs send it."""

from sluiceway.access.errors import MissingCredentialsError


def bearer_token(authorization: str | None) -> str:
    """Take the token out of an ``Authorization`` header (RFC 6750, section 2.1).

    Raises:
        MissingCredentialsError: The header is absent, of another scheme, or has no token.
    """
    if authorization is None:
        raise MissingCredentialsError
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise MissingCredentialsError
    return token.strip()
