"""The paths of the publish calls, and how the fast door reads them.

The path is matched as it was sent: a branch name may hold ``/``, which arrives as ``%2F``.
"""

from typing import Final
from urllib.parse import parse_qs, unquote

from sluiceway.foundation.rids import DatasetRid, Rid, ViewRid
from sluiceway.ingest.types import BranchTarget, Call, Target, ViewTarget

PUBLISH: Final = "/api/v2/highScale/streams/datasets/{dataset_rid:str}/streams/{branch_name:str}"
PROXY_BRANCH: Final = "/stream-proxy/api/streams/{dataset_rid:str}/branches/{branch_name:str}"
PROXY_VIEW: Final = "/stream-proxy/api/streams/{dataset_rid:str}/views/{view_rid:str}"

_PUBLISH_PREFIX: Final = b"/api/v2/highScale/streams/datasets/"
_PROXY_PREFIX: Final = b"/stream-proxy/api/streams/"
_PUBLISH_CALLS: Final = {
    call.wire_name: call
    for call in (Call.PUBLISH_RECORD, Call.PUBLISH_RECORDS, Call.PUBLISH_BINARY_RECORD)
}
_PROXY_CALLS: Final = {call.wire_name: call for call in (Call.JSON_RECORD, Call.JSON_RECORDS)}
_PARTS: Final = 4


def match(url: bytes) -> tuple[Call, Target] | None:
    """Give the call and target of a request's URL; ``None`` when it is no publish call.

    *url* is the request target as sent, path and query. It must be ASCII.
    """
    path, _, query = url.partition(b"?")
    if path.startswith(_PUBLISH_PREFIX):
        parts = path[len(_PUBLISH_PREFIX) :].decode("ascii").split("/")
        if len(parts) != _PARTS or parts[1] != "streams":
            return None
        call = _PUBLISH_CALLS.get(parts[3])
        if call is None:
            return None
        view_rid = _view_rid(query) if call is Call.PUBLISH_BINARY_RECORD else None
        return call, BranchTarget(_dataset(parts[0]), unquote(parts[2]), view_rid)
    if path.startswith(_PROXY_PREFIX):
        parts = path[len(_PROXY_PREFIX) :].decode("ascii").split("/")
        call = _PROXY_CALLS.get(parts[3]) if len(parts) == _PARTS else None
        if call is None:
            return None
        if parts[1] == "branches":
            return call, BranchTarget(_dataset(parts[0]), unquote(parts[2]))
        if parts[1] == "views" and call is Call.JSON_RECORDS:
            return call, ViewTarget(_dataset(parts[0]), ViewRid(Rid(unquote(parts[2]))))
    return None


def _dataset(part: str) -> DatasetRid:
    return DatasetRid(Rid(unquote(part)))


def _view_rid(query: bytes) -> ViewRid | None:
    if b"viewRid" not in query:
        return None
    values = parse_qs(query.decode("ascii", errors="replace")).get("viewRid")
    return ViewRid(Rid(values[0])) if values else None
