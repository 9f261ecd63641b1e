"""The paths of the publish calls, and how the fast door reads them.

The path is matched as it was sent: a branch name may hold ``/``, which arrives as ``%2F``.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from sluiceway.foundation.rids import DatasetRid, Rid, ViewRid
from sluiceway.ingest.types import BranchTarget, Call, Target, ViewTarget

PUBLISH: Final = "/api/v2/highScale/streams/datasets/{dataset_rid:str}/streams/{branch_name:str}"
PROXY_BRANCH: Final = "/stream-proxy/api/streams/{dataset_rid:str}/branches/{branch_name:str}"
PROXY_VIEW: Final = "/stream-proxy/api/streams/{dataset_rid:str}/views/{view_rid:str}"

STREAM: Final = "/api/v1/streams/{dataset_rid:str}/{branch_name:str}"

_PUBLISH_PREFIX: Final = b"/api/v2/highScale/streams/datasets/"
_PROXY_PREFIX: Final = b"/stream-proxy/api/streams/"
_PUBLISH_CALLS: Final = {
    call.wire_name: call
    for call in (Call.PUBLISH_RECORD, Call.PUBLISH_RECORDS, Call.PUBLISH_BINARY_RECORD)
}
_PROXY_CALLS: Final = {call.wire_name: call for call in (Call.JSON_RECORD, Call.JSON_RECORDS)}
_STREAM_PREFIX: Final = b"/api/v1/streams/"
_PLAIN_QUERY: Final = re.compile(
    rb"(?:preview=true)?|(?:preview=true&)?viewRid=([A-Za-z0-9._-]+)(?:&preview=true)?"
)
MATCHES_MAX: Final = 20_000
"""How many URLs are remembered; a client asks for the same one again and again."""


@lru_cache(MATCHES_MAX)
def match(url: bytes) -> tuple[Call, Target] | None:
    """Give the call and target of a request's URL; ``None`` when it is no publish call.

    *url* is the request target as sent, path and query. It must be ASCII.
    """
    path, _, query = url.partition(b"?")
    if b"%00" in path:
        return None  # Refused by the framework's front, for all calls alike.
    for prefix, count, read in _READERS:
        if path.startswith(prefix):
            parts = path[len(prefix) :].decode("ascii").split("/")
            # An empty part is no name; what the framework makes of it is left to the framework.
            return read(parts, query) if len(parts) == count and all(parts) else None
    return None


def _read_publish(parts: list[str], query: bytes) -> tuple[Call, Target] | None:
    dataset, streams, branch, name = parts
    call = _PUBLISH_CALLS.get(name)
    if call is None or streams != "streams":
        return None
    if call is Call.PUBLISH_BINARY_RECORD:
        return _pinned(call, dataset, branch, query)
    return call, BranchTarget(_dataset(dataset), unquote(branch))


def _read_stream(parts: list[str], query: bytes) -> tuple[Call, Target] | None:
    dataset, branch, name = parts
    return _pinned(Call.APPEND_RECORDS, dataset, branch, query) if name == "records" else None


def _pinned(call: Call, dataset: str, branch: str, query: bytes) -> tuple[Call, Target] | None:
    plain = _PLAIN_QUERY.fullmatch(query)
    if plain is None:
        return None  # The framework reads what is written in any other way.
    view_rid = None if plain[1] is None else ViewRid(Rid(plain[1].decode()))
    return call, BranchTarget(_dataset(dataset), unquote(branch), view_rid)


def _read_proxy(parts: list[str], _query: bytes) -> tuple[Call, Target] | None:
    dataset, kind, name, call_name = parts
    call = _PROXY_CALLS.get(call_name)
    if call is not None and kind == "branches":
        return call, BranchTarget(_dataset(dataset), unquote(name))
    if call is Call.JSON_RECORDS and kind == "views":
        return call, ViewTarget(_dataset(dataset), ViewRid(Rid(unquote(name))))
    return None


def _dataset(part: str) -> DatasetRid:
    return DatasetRid(Rid(unquote(part)))


_READERS: Final = (
    (_PUBLISH_PREFIX, 4, _read_publish),
    (_PROXY_PREFIX, 4, _read_proxy),
    (_STREAM_PREFIX, 3, _read_stream),
)
"""The prefix of a kind of path, how many parts are behind it, and what reads them."""
