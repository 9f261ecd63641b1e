"""What a body must be declared as, and how it is read."""

from functools import cache
from typing import Any, Final, Generic, TypeVar

import msgspec
from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler
from litestar.handlers.http_handlers import HTTPRouteHandler

from sluiceway.foundation.request_errors import InvalidArgumentError, UnsupportedMediaTypeError

_JSON: Final = "application/json"

User = TypeVar("User")
Auth = TypeVar("Auth")
StateT = TypeVar("StateT", bound=Any)


class StrictRequest(Request[User, Auth, StateT], Generic[User, Auth, StateT]):
    """A request whose JSON body must be of the types that its handler declares.

    The framework converts a body with the parameters of the query, which are texts by nature:
    there ``"3"`` is 3 and ``"true"`` is true. In a body they are another type than was asked for
    (Conjure wire spec, section 5.6.2: no automatic casting).
    """

    async def json(self) -> Any:  # noqa: ANN401 - of the type that the handler declares
        """Give the body, decoded and checked in one pass.

        Raises:
            InvalidArgumentError: It is no JSON, or not of the type; the reason says where.
        """
        handler = self.route_handler
        field = handler.parsed_data_field if isinstance(handler, HTTPRouteHandler) else None
        if field is None:
            return await super().json()
        try:
            return _decoder(field.annotation).decode(await self.body())
        except msgspec.DecodeError as error:
            raise InvalidArgumentError(str(error)) from None


@cache
def _decoder(body_type: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401 - any type of a body
    """Make the decoder of a body's type, once: there are as many as handlers."""
    return msgspec.json.Decoder(body_type)


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
