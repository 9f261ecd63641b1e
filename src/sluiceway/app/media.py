"""What a body must be declared as."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.handlers.http_handlers import HTTPRouteHandler

from sluiceway.foundation.request_errors import UnsupportedMediaTypeError

_JSON: Final = "application/json"


def json_bodies(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse a body that is declared as anything but JSON, where JSON is taken; a guard.

    A request that does not declare its body is taken at its word: small programs leave it out.

    Raises:
        UnsupportedMediaTypeError: The body is declared as something else.
    """
    if not isinstance(handler, HTTPRouteHandler) or handler.parsed_data_field is None:
        return
    found = connection.headers.get("content-type")
    if found is not None and found.partition(";")[0].strip().lower() != _JSON:
        raise UnsupportedMediaTypeError(found, _JSON)
