"""The API's description: OpenAPI 3.1, from the same types that the handlers use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import Litestar, Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from sluiceway import __version__
from sluiceway.access.guard import is_preview, is_public, public
from sluiceway.access.oauth.metadata import OAUTH_PATH

_ERRORS: Final = {
    400: "Something in the request is not possible.",
    401: "There is no token, or it is not valid.",
    403: "The caller, or its token, may not do this.",
    404: "There is no such thing that the caller may see.",
    405: "The path has no such method.",
    409: "It exists already.",
    413: "The body, or a record in it, is too large.",
    415: "The body is of another media type.",
    429: "Too many requests; see Retry-After.",
    500: "A fault of the server.",
    503: "The server cannot take this now; see Retry-After.",
}
_ERROR_SCHEMA: Final = {
    "type": "object",
    "required": [
        "errorCode",
        "errorName",
        "errorInstanceId",
        "errorDescription",
        "parameters",
    ],
    "properties": {
        "errorCode": {"type": "string"},
        "errorName": {"type": "string"},
        "errorInstanceId": {"type": "string", "format": "uuid"},
        "errorDescription": {"type": "string"},
        "parameters": {"type": "object"},
    },
}
_OAUTH_ERROR_SCHEMA: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
    "description": "RFC 6749, section 5.2.",
}
_PREVIEW: Final = {
    "name": "preview",
    "in": "query",
    "required": True,
    "schema": {"type": "boolean", "enum": [True]},
    "description": "This call is in preview, and only answers who says so.",
}
_FRAMEWORKS_OWN: Final = 400
"""The framework describes its own form of this answer, which is never sent."""
_NO_CONTENT: Final = "204"
_FRAMEWORKS_PATH: Final = "/api/openapi"
"""Where the framework would serve the description by itself; it cannot be told not to."""
_METHODS: Final = ("get", "put", "post", "delete", "patch")


def openapi_config() -> OpenAPIConfig:
    """Tell the framework what the description says of itself; we serve it ourselves."""
    return OpenAPIConfig(
        title="Sluiceway",
        version=__version__,
        components=Components(
            security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}
        ),
        security=[{"bearer": []}],
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(path="/framework.json")],
        openapi_router=Router(path="/api/openapi", route_handlers=[], opt=public()),
    )


def describe(app: Litestar) -> dict[str, Any]:
    """Give the OpenAPI document of *app*, with the errors that every call may answer."""
    document = app.openapi_schema.to_schema()
    opts = {
        str(handler.operation_id): handler.opt
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
    }
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Error"] = _ERROR_SCHEMA
    components["schemas"]["OAuthError"] = _OAUTH_ERROR_SCHEMA
    paths = document["paths"]
    for path in [path for path in paths if f"{path}/".startswith(f"{_FRAMEWORKS_PATH}/")]:
        del paths[path]
    for url, path in paths.items():
        is_oauth = url.startswith(f"{OAUTH_PATH}/")
        for method in _METHODS:
            operation = path.get(method)
            if operation is None:
                continue
            _describe_access(operation, opts[operation["operationId"]])
            # The framework gives an answer that may set headers a body of null.
            operation["responses"].get(_NO_CONTENT, {}).pop("content", None)
            for status, description in _ERRORS.items():
                if status != _FRAMEWORKS_OWN and str(status) in operation["responses"]:
                    continue
                operation["responses"][str(status)] = {
                    "description": description,
                    "content": _content("Error", "OAuthError" if is_oauth else None),
                }
    return document


def _content(*schemas: str | None) -> dict[str, Any]:
    references = [{"$ref": f"#/components/schemas/{name}"} for name in schemas if name is not None]
    schema = references[0] if len(references) == 1 else {"anyOf": references}
    return {"application/json": {"schema": schema}}


def _describe_access(operation: dict[str, Any], opt: Mapping[str, Any]) -> None:
    if is_public(opt):
        operation["security"] = []
    if is_preview(opt):
        operation.setdefault("parameters", []).append(_PREVIEW)


@dataclass(slots=True)
class Description:
    """The document, made when it is first asked for: that takes 0.2 s."""

    _document: dict[str, Any] | None = None

    def of(self, app: Litestar) -> dict[str, Any]:
        """Give what ``describe`` gives."""
        if self._document is None:
            self._document = describe(app)
        return self._document
