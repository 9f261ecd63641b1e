"""How far a verification is: what its tokens say."""

import base64
import binascii
from typing import Final

import msgspec

from sluiceway.foundation.request_errors import InvalidPageTokenError
from sluiceway.foundation.rids import TransactionRid, ViewRid


class InLog(msgspec.Struct, frozen=True, array_like=True, tag="log"):
    """The log is being compared with the table."""

    view: ViewRid
    partition: int
    offset: int


class InTable(msgspec.Struct, frozen=True, array_like=True, tag="table"):
    """The commits are being verified, the newest first."""

    view: ViewRid
    before: TransactionRid | None = None
    """The last one that was; ``None`` before the first."""


Place = InLog | InTable

_places: Final = msgspec.json.Decoder(Place)


def token_of(place: Place) -> str:
    """Write a place as a token."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(token: str, view: ViewRid) -> Place:
    """Read a token.

    Raises:
        InvalidPageTokenError: It is none of ours, or of a view that is not active any more.
    """
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        place: Place = _places.decode(text)
    except (binascii.Error, ValueError):
        raise InvalidPageTokenError(token) from None
    if place.view != view:
        raise InvalidPageTokenError(token)
    return place
