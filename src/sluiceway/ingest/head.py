"""What the head of a publish request says, for every door alike."""

import enum
from collections.abc import Mapping

from sluiceway.access.bearer import bearer_token
from sluiceway.access.caller import Caller
from sluiceway.access.errors import MissingCredentialsError
from sluiceway.foundation.request_errors import UnsupportedMediaTypeError
from sluiceway.ingest.bulk.conversion import Bulk
from sluiceway.ingest.identity import HEADERS, read_identity
from sluiceway.ingest.once import Claim
from sluiceway.ingest.types import BodyKind, Call


class Encoding(enum.StrEnum):
    """How a body is compressed."""

    GZIP = "gzip"
    ZSTD = "zstd"


def body_kind(call: Call, content_type: str | None) -> BodyKind:
    """Tell what the body is.

    A request that does not say its type is taken at its word: small devices leave it out.

    Raises:
        UnsupportedMediaTypeError: The call takes no such body.
    """
    bodies = call.bodies
    if content_type is None:
        return next(iter(bodies.values()))
    kind = bodies.get(content_type)
    if kind is None:
        kind = bodies.get(content_type.partition(";")[0].strip().lower())
        if kind is None:
            raise UnsupportedMediaTypeError(content_type, " or ".join([*bodies, *call.bulk]))
    return kind


def bulk_kind(call: Call, content_type: str | None) -> Bulk | None:
    """Tell which form the body has that is not the call's own; ``None`` where it is."""
    if not call.bulk or content_type is None:
        return None
    return call.bulk.get(content_type.partition(";")[0].strip().lower())


def body_encoding(content_encoding: str | None) -> Encoding | None:
    """Tell how the body is compressed; ``None`` where it is not.

    Raises:
        UnsupportedMediaTypeError: In a way that is not taken, or more than once.
    """
    name = "identity" if content_encoding is None else content_encoding.strip().lower()
    if name == "identity":
        return None
    try:
        return Encoding(name)
    except ValueError:
        expected = "Content-Encoding gzip, zstd or none"
        raise UnsupportedMediaTypeError(content_encoding or "", expected) from None


def bearer_of(authorization: bytes | None) -> bytes:
    """Give the bearer token of a request's header; see ``access.credentials``.

    Raises:
        MissingCredentialsError: There is none.
    """
    if authorization is None:
        raise MissingCredentialsError
    if authorization.startswith(b"Bearer "):
        token = authorization[7:].strip()
        if token:
            return token
    return bearer_token(authorization.decode("latin-1")).encode("latin-1")


def claim_of(caller: Caller, headers: Mapping[bytes, bytes]) -> Claim | None:
    """Give what a request says of itself in *headers*, as the caller's.

    Raises:
        InvalidArgumentError: The headers do not have their form.
    """
    values = (headers.get(name.encode()) for name in HEADERS)
    identity = read_identity(
        *(None if value is None else value.decode("latin-1") for value in values)
    )
    return None if identity is None else Claim(caller.principal_id, identity)
