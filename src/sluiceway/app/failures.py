"""Turns whatever was raised while answering into the one JSON form of errors."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    InternalServerException,
    MethodNotAllowedException,
    NotFoundException,
)

from sluiceway.app.front import CLIENT_GONE
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rendering import render
from sluiceway.foundation.request_errors import (
    ClientDisconnectedError,
    InvalidArgumentError,
    MethodNotAllowedError,
    MissingPostBodyError,
    RequestEntityTooLargeError,
    RouteNotFoundError,
)

_SERVER_FAULT: Final = 500


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Give the answer to *error*; an exception handler of Litestar's."""
    rendered = render(_known(request, error), f"{request.method} {request.scope['path'][:200]}")
    request.app.state.counters.rejected[rendered.name] += 1
    return Response(
        rendered.body,
        status_code=rendered.status,
        headers=dict(rendered.headers),
        media_type="application/json",
    )


def _known(request: Request[Any, Any, Any], error: Exception) -> Exception:
    """Give one of our errors for one of the framework's; any other is a fault of ours."""
    if isinstance(error, InternalServerException) and CLIENT_GONE in request.scope:
        return ClientDisconnectedError()
    fault = _body_fault(error)
    if fault is not None:
        return InvalidArgumentError(fault)
    if not isinstance(error, HTTPException) or error.status_code >= _SERVER_FAULT:
        return error
    if isinstance(error, MethodNotAllowedException):
        return MethodNotAllowedError(request.method, _allowed(error))
    if isinstance(error, NotFoundException):
        return RouteNotFoundError(request.scope["path"])
    return _of_body(request, error)


def _body_fault(error: Exception) -> str | None:
    """Say what is wrong with a body where the framework takes the fault for the server's own."""
    if isinstance(error, RecursionError):
        return "the body is nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return "the body is not UTF-8"
    return None


def _of_body(request: Request[Any, Any, Any], error: HTTPException) -> SluicewayError:
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        handler = request.route_handler
        return RequestEntityTooLargeError(handler.resolve_request_max_body_size() or 0)
    if request.headers.get("content-length", "0") == "0" and "data" in _extra_keys(error):
        return MissingPostBodyError()
    return InvalidArgumentError(_reason(request, error))


def _allowed(error: HTTPException) -> str:
    methods = (error.headers or {}).get("allow", "")
    return ", ".join(sorted({name.strip() for name in methods.split(",")} - {"OPTIONS", ""}))


def _extra_keys(error: HTTPException) -> set[str]:
    extra = error.extra if isinstance(error.extra, list) else []
    return {str(one.get("key")) for one in extra if isinstance(one, dict)}


def _reason(request: Request[Any, Any, Any], error: HTTPException) -> str:
    extra = error.extra if isinstance(error.extra, list) else []
    details = "; ".join(
        f"{_wire_name(request, one['key'])}: {one.get('message', '')}"
        if one.get("key")
        else str(one.get("message", ""))
        for one in extra
        if isinstance(one, dict)
    )
    return details or error.detail


def _wire_name(request: Request[Any, Any, Any], parameter: str) -> str:
    """Give the name under which a caller sends a parameter of the handler."""
    field = request.route_handler.parsed_fn_signature.parameters.get(parameter)
    name = getattr(field.kwarg_definition, "name", None) if field is not None else None
    return name or parameter
