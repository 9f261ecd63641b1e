"""``/multipass/api/oauth2``: the token, revocation and introspection endpoints, and metadata.

They authenticate their client themselves. Their errors are those of RFC 6749, section 5.2,
whatever goes wrong: OAuth2 clients read no others.
"""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from sluiceway.access.guard import public
from sluiceway.access.oauth.errors import InvalidAuthorizationRequestError
from sluiceway.access.oauth.forms import FORM_BYTES_MAX, Message
from sluiceway.access.oauth.metadata import METADATA_PATH, OAUTH_PATH, ServerMetadata
from sluiceway.access.oauth.protocol import NEVER_STORED, Reply
from sluiceway.access.oauth.replies import (
    IntrospectionReply,
    KnownTokenOperation,
    RevocationReply,
    TokenOperation,
    TokenReply,
    responses,
)
from sluiceway.access.oauth.service import OAuthService
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rendering import render

_TAGS: Final = ["OAuth2"]
_JSON: Final = "application/json"
_BAD_REQUEST: Final = 400
_SERVER_FAULT: Final = 500
_UNAVAILABLE: Final = 503


def answer_fault(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer anything that a handler did not answer itself, in the form that OAuth2 clients read."""
    if isinstance(error, HTTPException) and error.status_code < _SERVER_FAULT:
        body = {"error": "invalid_request", "error_description": "the request is malformed"}
        return _response(Reply(_BAD_REQUEST, dict(NEVER_STORED), body))
    if isinstance(error, InvalidAuthorizationRequestError):
        body = {"error": error.error, "error_description": error.reason}
        return _response(Reply(error.http_status, dict(NEVER_STORED), body))
    rendered = render(error, f"{request.method} {request.url.path}")
    code = "temporarily_unavailable" if rendered.status == _UNAVAILABLE else "server_error"
    body = {"error": code}
    if isinstance(error, SluicewayError):
        body["error_description"] = error.message
    return _response(
        Reply(rendered.status, {**rendered.headers, **NEVER_STORED}, body),
    )


_FAULTS: Final[ExceptionHandlersMap] = {Exception: answer_fault}


@post(
    f"{OAUTH_PATH}/token",
    opt=public(),
    status_code=200,
    operation_id="token",
    operation_class=TokenOperation,
    responses=responses(TokenReply),
    exception_handlers=_FAULTS,
    tags=_TAGS,
)
async def token(
    request: Request[Any, Any, Any], oauth: NamedDependency[OAuthService]
) -> Response[bytes]:
    """Give tokens for an authorization code, for client credentials or for a refresh token."""
    return _response(await oauth.token(await _message(request)))


@post(
    f"{OAUTH_PATH}/revoke_token",
    opt=public(),
    status_code=200,
    operation_id="oauth2RevokeToken",
    operation_class=KnownTokenOperation,
    responses=responses(RevocationReply),
    exception_handlers=_FAULTS,
    tags=_TAGS,
)
async def revoke_token(
    request: Request[Any, Any, Any], oauth: NamedDependency[OAuthService]
) -> Response[bytes]:
    """End a token and all that came from the same grant; unknown tokens are no error."""
    return _response(await oauth.revoke(await _message(request)))


@post(
    f"{OAUTH_PATH}/introspect",
    opt=public(),
    status_code=200,
    operation_id="introspectToken",
    operation_class=KnownTokenOperation,
    responses=responses(IntrospectionReply),
    exception_handlers=_FAULTS,
    tags=_TAGS,
)
async def introspect(
    request: Request[Any, Any, Any], oauth: NamedDependency[OAuthService]
) -> Response[bytes]:
    """Tell a confidential client whether one of its tokens is valid, and what for."""
    return _response(await oauth.introspect(await _message(request)))


@get(METADATA_PATH, opt=public(), operation_id="authorizationServerMetadata", tags=_TAGS)
async def metadata(
    request: Request[Any, Any, Any], oauth: NamedDependency[OAuthService]
) -> ServerMetadata:
    """Describe the OAuth2 server (RFC 8414)."""
    return oauth.metadata(request.url.scheme, request.headers.get("host"))


async def _message(request: Request[Any, Any, Any]) -> Message:
    """Read the request, of its body only a little more than a form may have."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES_MAX:
            break
    headers = request.headers
    return Message(headers.get("content-type"), headers.get("authorization"), bytes(body))


def _response(reply: Reply) -> Response[bytes]:
    headers = {name: value for name, value in reply.headers.items() if name != "Content-Type"}
    return Response(
        msgspec.json.encode(reply.body),
        status_code=reply.status,
        headers=headers,
        media_type=_JSON,
    )


HANDLERS: Final = (token, revoke_token, introspect, metadata)
