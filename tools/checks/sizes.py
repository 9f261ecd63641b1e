"""Refuses modules over 500 lines and functions over 70.

The largest file of most projects is named after the whole thing and grows for ever; a limit from
the first day makes it split by noun instead.
"""

import ast
import sys
from pathlib import Path
from typing import Final

MODULE_LINES_MAX: Final = 500
FUNCTION_LINES_MAX: Final = 70
ROOTS: Final = ("src", "tests", "bench", "tools")
FROZEN: Final = "migrations/versions"
"""A migration is a list of tables at one moment; it is never changed, so it cannot grow."""


def too_long(path: Path) -> list[str]:
    """Name what is too long in one module."""
    text = path.read_text()
    lines = text.count("\n")
    found = [f"{path}: {lines} lines"] if lines > MODULE_LINES_MAX else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                found.append(f"{path}:{node.lineno}: {node.name} has {length} lines")
    return found


if __name__ == "__main__":
    problems = [
        problem
        for root in ROOTS
        for path in Path(root).rglob("*.py")
        if FROZEN not in path.as_posix()
        for problem in too_long(path)
    ]
    print("\n".join(problems) or "sizes: within the limits")
    sys.exit(bool(problems))
