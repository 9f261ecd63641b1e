"""The current state of a stream with change data capture, as SQL; see decision 34.

Changes that the state does not know yet are few. Each of them is compared with the row of its key; all
other rows of the state go through as they are, one after the other.
"""

from collections.abc import Mapping

from sluiceway.schema.current import CurrentRule


def current_select(
    rule: CurrentRule, known: Mapping[int, int], records: str, state: str | None
) -> str:
    """Write what selects the current rows from *records*, and from *state* if there is one.

    Both are what selects rows with all columns. Of *records* count those from *known* on.
    """
    last = f"""
        SELECT * FROM (SELECT * FROM changes{_kept(rule, state)})
        QUALIFY row_number() OVER (
            PARTITION BY {", ".join(map(quoted, rule.keys))}
            ORDER BY {quoted(rule.ordering)} DESC NULLS LAST, {quoted(rule.offset)} DESC
        ) = 1"""  # noqa: S608 - quoted
    rows = f"({last})"
    named = f"WITH changes AS NOT MATERIALIZED ({_since(rule, known, records)})"
    if state is not None:
        named += f", state AS NOT MATERIALIZED ({state})"
        rows += f" UNION ALL (SELECT * FROM state ANTI JOIN changes ON {_same_key(rule)})"  # noqa: S608 - quoted
    return f"{named} SELECT * FROM ({rows}) WHERE {quoted(rule.deletion)} IS DISTINCT FROM true"  # noqa: S608 - quoted


def _kept(rule: CurrentRule, state: str | None) -> str:
    """Write what adds the rows of the state that are compared with changes."""
    if state is None:
        return ""
    return f" UNION ALL (SELECT * FROM state SEMI JOIN changes ON {_same_key(rule)})"  # noqa: S608 - quoted


def _same_key(rule: CurrentRule) -> str:
    return " AND ".join(
        f"state.{quoted(key)} IS NOT DISTINCT FROM changes.{quoted(key)}" for key in rule.keys
    )


def _since(rule: CurrentRule, known: Mapping[int, int], records: str) -> str:
    """Write what selects the records that the state does not know."""
    if not any(known.values()):
        return records
    offset, partition = quoted(rule.offset), quoted(rule.partition)
    cases = " ".join(f"WHEN {one} THEN {start}" for one, start in known.items())
    # By the first condition, which holds for every partition, row groups are skipped.
    return (
        f"SELECT * FROM ({records}) WHERE {offset} >= {min(known.values())}"  # noqa: S608 - quoted
        f" AND {offset} >= CASE {partition} {cases} END"
    )


def quoted(name: str) -> str:
    """Write a name as SQL has it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
