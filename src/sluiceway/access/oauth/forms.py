"""What a client sends to the OAuth2 endpoints: a form, and credentials in it or beside it."""

import base64
import binascii
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from authlib.oauth2.rfc6749 import InvalidRequestError

FORM_BYTES_MAX: Final = 16 * 1024
"""Largest form; a token request with every known scope is under 2 KiB."""
FORM_FIELDS_MAX: Final = 30
_FORM_TYPE: Final = "application/x-www-form-urlencoded"


class Message(msgspec.Struct, frozen=True):
    """A request to one of the endpoints, as it came in."""

    content_type: str | None
    authorization: str | None
    body: bytes


class Credentials(msgspec.Struct, frozen=True):
    """Who a client says it is, and what it proves it with."""

    method: str
    """``client_secret_basic``, ``client_secret_post`` or ``none``, as RFC 8414 lists them."""
    client_id: str
    secret: str


def parse_form(message: Message) -> dict[str, str]:
    """Read the form of *message*; a field without a value counts as left out.

    Raises:
        InvalidRequestError: The body is no form, too large, or has a field twice.
    """
    media_type = (message.content_type or "").partition(";")[0].strip().lower()
    if media_type != _FORM_TYPE:
        raise InvalidRequestError(f"the request must be a form, {_FORM_TYPE}")
    if len(message.body) > FORM_BYTES_MAX:
        raise InvalidRequestError(f"the form is over {FORM_BYTES_MAX} bytes")
    try:
        fields = parse_qsl(
            message.body.decode("ascii"), errors="strict", max_num_fields=FORM_FIELDS_MAX
        )
    except ValueError:
        raise InvalidRequestError(
            f"the form is malformed, no UTF-8 or has over {FORM_FIELDS_MAX} fields"
        ) from None
    form = dict(fields)
    if len(form) != len(fields):
        raise InvalidRequestError("the form has a field twice")
    return form


def parse_credentials(authorization: str | None, form: dict[str, str]) -> Credentials:
    """Find the client's credentials: in the ``Authorization`` header, or in *form*.

    A header of another scheme than Basic is not about the client and is not looked at.

    Raises:
        InvalidRequestError: There are two sets of credentials (RFC 6749, section 2.3).
    """
    form_id, form_secret = form.get("client_id", ""), form.get("client_secret", "")
    basic = _basic(authorization)
    if basic is None:
        return Credentials("client_secret_post" if form_secret else "none", form_id, form_secret)
    if form_secret or (form_id and form_id != basic[0]):
        raise InvalidRequestError("the client's credentials are in the form and in the header")
    return Credentials("client_secret_basic", *basic)


def _basic(authorization: str | None) -> tuple[str, str] | None:
    """Give id and secret of HTTP Basic; both empty where they cannot be read.

    RFC 6749 (section 2.3.1) wants each part form-encoded, many clients send it raw. Our ids and
    secrets hold neither ``%`` nor ``+``, so that decoding is right for both.
    """
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return "", ""
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)
