"""The texts of tokens: a prefix that tells the kind, then 256 random bits."""

import hashlib
import re
import secrets
from typing import Final

from sluiceway.access.tokens.types import TokenKind

PREFIXES: Final = {
    TokenKind.PERSONAL: "swp_",
    TokenKind.SESSION: "sws_",
    TokenKind.ACCESS: "swa_",
    TokenKind.REFRESH: "swr_",
    TokenKind.CODE: "swg_",
}
"""By these a person, and a scanner for leaked secrets, recognises a token."""

_RANDOM_BYTES: Final = 32
_TEXT: Final = re.compile(r"(sw[psarg]_)[A-Za-z0-9_-]{43}")
_KINDS: Final = {prefix: kind for kind, prefix in PREFIXES.items()}


def new_text(kind: TokenKind) -> str:
    """Make the text of a new token."""
    return PREFIXES[kind] + secrets.token_urlsafe(_RANDOM_BYTES)


def kind_of(text: str) -> TokenKind | None:
    """Tell the kind that a token's text claims; ``None`` if it is no token's text."""
    found = _TEXT.fullmatch(text)
    return None if found is None else _KINDS[found.group(1)]


def digest(text: bytes) -> bytes:
    """Give what is kept of a token's text.

    A plain SHA-256 is enough: nobody guesses 256 random bits, however fast the hash.
    """
    return hashlib.sha256(text).digest()
