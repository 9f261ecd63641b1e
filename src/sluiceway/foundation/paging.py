"""Lists in pages: opaque tokens that say where the next page starts."""

import base64
import binascii
from collections.abc import Sequence
from typing import Final, Generic, TypeVar

import msgspec

from sluiceway.foundation.request_errors import InvalidPageSizeError, InvalidPageTokenError

PAGE_SIZE_MAX: Final = 1_000
PAGE_SIZE_DEFAULT: Final = 100
_TOKEN_LENGTH_MAX: Final = 2_048

T = TypeVar("T")


class PageRequest(msgspec.Struct, frozen=True):
    """Which page is wanted."""

    size: int
    after: str | None
    """The sort key of the last item of the page before; ``None`` for the first page."""


class Page(
    msgspec.Struct, Generic[T], frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """One page of a list. Without ``nextPageToken`` it is the last."""

    data: Sequence[T]
    next_page_token: str | None = None


def parse_page(page_size: int | None, page_token: str | None) -> PageRequest:
    """Check the page parameters of a request.

    Raises:
        InvalidPageSizeError: The size is not between 1 and ``PAGE_SIZE_MAX``.
        InvalidPageTokenError: The token is not one of ours.
    """
    size = PAGE_SIZE_DEFAULT if page_size is None else page_size
    if not 1 <= size <= PAGE_SIZE_MAX:
        raise InvalidPageSizeError(size, PAGE_SIZE_MAX)
    return PageRequest(size, None if page_token is None else _decode_token(page_token))


def next_page_token(after: str) -> str:
    """Make the token of the page that follows the item with sort key *after*."""
    return base64.urlsafe_b64encode(f"1:{after}".encode()).decode().rstrip("=")


def page_of(items: Sequence[T], request: PageRequest, keys: Sequence[str]) -> Page[T]:
    """Cut *items* to the wanted page.

    The caller fetched one item more than ``request.size`` to learn whether a page follows;
    *keys* are the sort keys of *items*.
    """
    if len(items) <= request.size:
        return Page(data=items)
    return Page(data=items[: request.size], next_page_token=next_page_token(keys[request.size - 1]))


def _decode_token(token: str) -> str:
    if len(token) > _TOKEN_LENGTH_MAX:
        raise InvalidPageTokenError(token)
    try:
        text = base64.b64decode(
            token + "=" * (-len(token) % 4), altchars=b"-_", validate=True
        ).decode()
    except (binascii.Error, ValueError):
        raise InvalidPageTokenError(token) from None
    version, separator, after = text.partition(":")
    # No sort key has a NUL, and not every database takes one in a text.
    if version != "1" or not separator or "\x00" in after:
        raise InvalidPageTokenError(token)
    return after
