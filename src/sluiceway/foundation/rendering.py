"""The one place that turns an error into the bytes of an answer."""

import logging
import uuid
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.request_errors import InternalError

_log: Final = logging.getLogger("sluiceway.errors")

_SERVER_FAULT: Final = 500


class ErrorBody(msgspec.Struct, frozen=True, rename="camel"):
    """The JSON body of every error: Conjure's four fields and a sentence for people."""

    error_code: str
    error_name: str
    error_instance_id: str
    error_description: str
    parameters: dict[str, Any]


class RenderedError(msgspec.Struct, frozen=True):
    """An error, ready to send."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    name: str


def render(error: Exception, request: str) -> RenderedError:
    """Turn *error* into an answer and leave a log line with the same ``errorInstanceId``.

    Anything but a ``SluicewayError`` is a fault of ours: it is logged with its traceback and the
    caller learns nothing of it. *request* is the method and path, for the log.
    """
    known = error if isinstance(error, SluicewayError) else InternalError()
    instance_id = str(uuid.uuid4())
    parameters = dict(known.parameters)
    if known.retryable:
        parameters["retryable"] = True
        parameters["wroteNothing"] = known.wrote_nothing
    body = ErrorBody(known.code.value, known.name, instance_id, known.message, parameters)
    # A message may repeat what a client sent: a line break in it must not forge a log line.
    message = "".join(c if c.isprintable() else "\ufffd" for c in known.message)
    # What is to be sent again and harmed nothing is how a server under load looks; the metrics
    # count it, and a line for each would be a load of its own.
    is_expected = known.retryable and known.wrote_nothing
    if known.http_status >= _SERVER_FAULT and not is_expected:
        cause = None if isinstance(error, SluicewayError) else error
        _log.error("%s %s %s: %s", instance_id, known.name, request, message, exc_info=cause)
    else:
        _log.info("%s %s %s: %s", instance_id, known.name, request, message)
    return RenderedError(known.http_status, known.headers, msgspec.json.encode(body), known.name)
