"""What a query is, read from the tree that DuckDB's own parser makes of it.

Let through is one SELECT over streams, what it names itself (``WITH``), and a few functions that
make rows. What is not known here is refused, also when a later DuckDB brings it along.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from sluiceway.queries.types import TableName

_NODES: Final = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_ROW_FUNCTIONS: Final = frozenset(
    {"generate_series", "range", "unnest", "repeat", "json_each", "json_tree"}
)
_SHOWN: Final = frozenset({"DESCRIBE", "SUMMARY"})
_PARTS_MAX: Final = 2


class StatementError(Exception):
    """The query is not one that is let through; the message says why."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


def tables_of(serialized: str) -> list[TableName]:
    """Give the streams that a query names, each once; *serialized* is ``json_serialize_sql``'s.

    Raises:
        StatementError: It is not one SELECT, or reads anything else.
    """
    try:
        tree = msgspec.json.decode(serialized)
    except RecursionError:
        raise StatementError("the query is nested too deep") from None
    if tree["error"]:
        raise _refusal(tree)
    statements = tree["statements"]
    if len(statements) != 1:
        raise StatementError(f"a query is one SELECT, and this has {len(statements)} statements")
    nodes = list(_nodes(statements[0]))
    with_names = {
        entry["key"].casefold()
        for node in nodes
        for entry in (node.get("cte_map") or {}).get("map", ())
    }
    found: dict[TableName, None] = {}
    for node in nodes:
        _check(node)
        if node.get("type") == "BASE_TABLE":
            path = node["qualified_name"]["path"]
            if not _is_stream(path[-1]):
                if len(path) == 1 and path[0].casefold() in with_names:
                    continue
                raise StatementError(
                    f"there is no table {'.'.join(path)!r}: a stream is named by its path, as in"
                    ' "/Space/Project/stream", or by its RID, in quotes',
                    _position(node),
                )
            found[_name(path, node)] = None
    return list(found)


def _nodes(root: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Give every object of the tree."""
    left = [root]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)


def _check(node: dict[str, Any]) -> None:
    kind = node.get("type")
    if not isinstance(kind, str):
        return
    if kind.endswith("_NODE") and kind not in _NODES:
        raise StatementError("a query may only read", _position(node))
    if kind == "TABLE_FUNCTION":
        name = node["function"]["function_name"]
        if name not in _ROW_FUNCTIONS:
            raise StatementError(f"{name} cannot be read from", _position(node))
    if kind == "SHOW_REF" and (node["show_type"] not in _SHOWN or not node["query"]):
        raise StatementError("only queries and streams can be shown", _position(node))
    if kind == "BASE_TABLE" and node.get("at_clause"):
        raise StatementError("a stream cannot be read AT a time", _position(node))


def _is_stream(name: str) -> bool:
    return name.startswith(("/", "ri."))


def _name(path: list[str], node: dict[str, Any]) -> TableName:
    if len(path) > _PARTS_MAX:
        raise StatementError(
            "a stream is named by its path or RID, with at most a branch in front", _position(node)
        )
    return TableName(path[-1], path[0] if len(path) == _PARTS_MAX else None)


def _refusal(tree: dict[str, Any]) -> StatementError:
    if tree.get("error_type") == "not implemented":
        return StatementError("a query is one SELECT")
    position = tree.get("position")
    return StatementError(
        str(tree.get("error_message")), int(position) if position is not None else None
    )


def _position(node: dict[str, Any]) -> int | None:
    """Give where the node begins, which the parser does not always say."""
    location = node.get("query_location")
    return location if isinstance(location, int) and location < 1 << 32 else None
