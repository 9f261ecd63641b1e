"""A call is in preview exactly where Palantir's Python client says so."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import foundry_sdk
from litestar.handlers import HTTPRouteHandler

from sluiceway.access.guard import is_preview
from sluiceway.app import web

PACKAGES = ("admin", "datasets", "filesystem", "streams")
PARAMETER = re.compile(r"\{[^}]+\}")


def calls_of_the_client() -> Iterator[tuple[tuple[str, str], bool]]:
    """Give method and path of each call, and whether it can be asked for as a preview."""
    for package in PACKAGES:
        for module in (Path(foundry_sdk.__file__).parent / "v2" / package).glob("*.py"):
            text = module.read_text()
            for node in ast.walk(ast.parse(text)):
                if not isinstance(node, ast.FunctionDef):
                    continue
                body = ast.get_source_segment(text, node) or ""
                path = re.search(r'resource_path="([^"]+)"', body)
                method = re.search(r'method="(\w+)"', body)
                if path and method:
                    names = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
                    yield (method[1], PARAMETER.sub("{}", path[1])), "preview" in names


def calls_of_the_server() -> Iterator[tuple[tuple[str, str], bool]]:
    for handler in web._HANDLERS:
        assert isinstance(handler, HTTPRouteHandler)
        for path in handler.paths:
            for method in handler.http_methods:
                named = PARAMETER.sub("{}", path.removeprefix("/api"))
                yield (str(method), named), is_preview(handler.opt)


def test_previews_are_the_same_as_in_the_client():
    theirs, ours = dict(calls_of_the_client()), dict(calls_of_the_server())

    both = theirs.keys() & ours.keys()

    assert len(both) > 50
    assert {call: ours[call] for call in both} == {call: theirs[call] for call in both}
