"""Client ids, and the secrets of confidential applications.

A secret is 256 random bits, so one round of SHA-256 keeps it: there is nothing to guess that a
slow hash would slow down. Its alphabet needs no encoding, so that both ways of writing HTTP Basic
(RFC 6749's form-encoded parts and the raw ones) give the same bytes.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

SECRET_PREFIX: Final = "swc_"  # noqa: S105 - by this a scanner for leaked secrets recognises one
_SECRET_BYTES: Final = 32
_CLIENT_ID_BYTES: Final = 16
_CLIENT_ID: Final = re.compile(r"[0-9a-f]{32}")
_NO_DIGEST: Final = bytes(hashlib.sha256().digest_size)


def new_client_id() -> str:
    """Make a client id: 32 lower-case hexadecimal digits."""
    return secrets.token_hex(_CLIENT_ID_BYTES)


def is_client_id(text: str) -> bool:
    """Tell whether *text* may be a client id; what may not is not looked up."""
    return _CLIENT_ID.fullmatch(text) is not None


def new_secret() -> str:
    """Make a secret: the prefix and 43 characters of ``A-Z a-z 0-9 _ -``."""
    return f"{SECRET_PREFIX}{secrets.token_urlsafe(_SECRET_BYTES)}"


def digest(secret: str) -> bytes:
    """Give what is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def matches(secret: str, kept: bytes | None) -> bool:
    """Tell whether *secret* is the one that was kept, in a time that tells nothing.

    Without a kept secret nothing matches, and that takes as long.
    """
    is_equal = hmac.compare_digest(digest(secret), _NO_DIGEST if kept is None else kept)
    return is_equal and kept is not None
