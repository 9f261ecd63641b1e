"""Writes the reference pages that follow from the code: settings, errors, calls, commands.

``--check`` writes nothing and exits with 1 when a page is not current.
"""

import ast
import asyncio
import importlib
import inspect
import pkgutil
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from click.testing import CliRunner
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

import sluiceway
from sluiceway.access.scopes import Operation
from sluiceway.app.description import describe
from sluiceway.app.services import open_services
from sluiceway.app.web import create_app
from sluiceway.cli import main
from sluiceway.foundation.errors import SluicewayError
from sluiceway.settings import ENVIRONMENT_PREFIX, Settings, load_settings

_PAGES: Final = Path(__file__).parents[1] / "docs" / "reference"
_NOTE: Final = "<!-- Written by tools/reference.py from the code; do not edit. -->\n"
_HELP_WIDTH: Final = 90
_UNITS: Final = {"MiB": 1 << 20, "KiB": 1 << 10}


def _table(*rows: tuple[str, ...]) -> str:
    """Write a Markdown table; the first row is its head."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines) + "\n"


def _flowed(text: str) -> str:
    """Put a docstring on one line, in Markdown's way of writing code."""
    return " ".join(text.split()).replace("``", "`")


# Settings


def settings_page() -> str:
    """Write the page of all settings."""
    parts = [
        _NOTE,
        "# Settings\n",
        (
            "A setting comes from, in this order, the later winning: its default, the TOML file given"
            " with `--config`, the environment, and the options of the command. Sizes are in bytes."
            " An unknown setting or an impossible value stops the start, and says which;"
            " `sluiceway check` prints the settings in effect.\n"
        ),
        "```toml\n[server]\nport = 9000\n\n[ingest]\nrecord_bytes_max = 65536\n```\n",
        "```console\n$ SLUICEWAY_INGEST__RECORD_BYTES_MAX=65536 sluiceway serve --port 9000\n```\n",
        (
            "`SLUICEWAY_ADMIN_PASSWORD` is read at the first start only: the password of the user"
            " `admin`, instead of a generated one. `SLUICEWAY_TOKEN` is the token that `sluiceway bench`"
            " and `sluiceway demo` use. They are no settings and never printed.\n"
        ),
    ]
    for section in msgspec.structs.fields(Settings):
        parts += [f"## {section.name}\n", _table(*_settings_rows(section.name, section.type))]
    return "\n".join(parts)


def _settings_rows(section: str, struct: type[msgspec.Struct]) -> Iterator[tuple[str, ...]]:
    yield ("setting", "default", "meaning", "environment")
    documented = _attribute_docstrings(struct)
    for setting in msgspec.structs.fields(struct):
        if setting.name not in documented:
            raise click.ClickException(f"{section}.{setting.name} has no docstring")
        variable = f"{ENVIRONMENT_PREFIX}{section}__{setting.name}".upper()
        yield (
            f"`{setting.name}`",
            _default(setting.default),
            _flowed(documented[setting.name]),
            f"`{variable}`",
        )


def _attribute_docstrings(struct: type) -> dict[str, str]:
    """Give the strings under the fields of a class."""
    body = ast.parse(textwrap.dedent(inspect.getsource(struct))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[field.target.id] = str(below.value.value)
    return found


def _default(value: Any) -> str:  # noqa: ANN401 - any setting
    if value is msgspec.NODEFAULT:  # A table: a new one for each.
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int):
        for unit, size in _UNITS.items():
            if value and value % size == 0:
                return f"`{value}` ({value // size} {unit})"
        return f"`{value}`"
    return f"`{value}`" if value else "empty"


# Errors


def error_classes() -> list[type[SluicewayError]]:
    """Give every error that has a name on the wire."""
    for module in pkgutil.walk_packages(sluiceway.__path__, "sluiceway."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            importlib.import_module(module.name)
    named = [error for error in _below(SluicewayError) if getattr(error, "name", None)]
    return sorted(named, key=lambda error: (error.name, error.__name__))


def _below(error: type[SluicewayError]) -> Iterator[type[SluicewayError]]:
    for below in error.__subclasses__():
        yield below
        yield from _below(below)


def errors_page() -> str:
    """Write the page of all errors."""
    rows = [("name", "status", "code", "parameters", "meaning")]
    for error in error_classes():
        status = error.code.status if error.status is None else error.status
        meaning = _flowed(inspect.getdoc(error) or "")
        if error.retryable:
            written = "Nothing was written." if error.wrote_nothing else "The outcome is unknown."
            meaning += f" **Try again**, see `Retry-After`. {written}"
        parameters = ", ".join(f"`{name}`" for name in _parameters(error))
        rows.append((f"`{error.name}`", str(status), f"`{error.code.value}`", parameters, meaning))
    return "\n".join((_NOTE, _ERRORS_INTRODUCTION, _table(*rows), _ERRORS_END))


_ERRORS_INTRODUCTION: Final = """\
# Errors

Every error, whatever raised it, is one JSON object with these members. It is never HTML and never
empty.

| member | meaning |
|---|---|
| `errorCode` | One of a small set of codes, each with its HTTP status. |
| `errorName` | Which error it is. Names are never changed: programs may depend on them. |
| `errorInstanceId` | A UUID; the server's log line about this error has it too. |
| `errorDescription` | A sentence for people. It may change. |
| `parameters` | The facts, by name. |

An error that may pass by itself has `"retryable": true` among its parameters, a `Retry-After`
header, and `wroteNothing`: whether it is certain that the request changed nothing. Where it is
not, sending again may store records twice.

Unseen things answer 404 and not 403, so that nobody learns what exists.
"""
_ERRORS_END: Final = """\
Some errors of Foundry's stream calls have no occasion here: `InvalidStreamNoSchema`, since a stream is
made with its schema; `CannotCreateStreamingDatasetInUserFolder`, since there are no folders of users;
`Conjure:UnprocessableEntity`, since what is wrong with a body is `Conjure:InvalidArgument`.

The OAuth2 endpoints under `/multipass/api/oauth2/` answer in the form of RFC 6749 instead:
`{"error": …, "error_description": …}`.
"""


def _parameters(error: type[SluicewayError]) -> list[str]:
    """Name the wire parameters: what the constructor hands to the one of the base."""
    owner = next(cls for cls in error.__mro__ if "__init__" in vars(cls))
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    dictionaries: dict[str, list[str]] = {}
    names: list[str] = []
    for node in ast.walk(tree):
        target = _assigned(node)
        if target is not None:
            dictionaries[target[0]] = target[1]
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "__init__"
        ):
            for keyword in node.keywords:
                if keyword.arg is not None:
                    names.append(keyword.arg)
                elif isinstance(keyword.value, ast.Name):
                    names += dictionaries.get(keyword.value.id, [])
    return names


def _assigned(node: ast.AST) -> tuple[str, list[str]] | None:
    """Give the name and keys of a dictionary that is written out; ``None`` for other nodes."""
    if isinstance(node, ast.AnnAssign):
        target: ast.expr = node.target
    elif isinstance(node, ast.Assign):
        target = node.targets[0]
    else:
        return None
    if not isinstance(target, ast.Name) or node.value is None:
        return None
    keys = [
        str(key.value)
        for part in ast.walk(node.value)
        if isinstance(part, ast.Dict)
        for key in part.keys
        if isinstance(key, ast.Constant)
    ]
    return target.id, keys


# Calls


def api_page() -> str:
    """Write the page of all calls."""
    app = asyncio.run(_application())
    handlers = _handlers(app)
    by_tag: dict[str, list[tuple[str, ...]]] = {}
    for path, operations in describe(app)["paths"].items():
        for method, operation in operations.items():
            handler = handlers.get(operation["operationId"])
            if handler is None:
                continue
            row = _call_row(method, path, operation, handler)
            by_tag.setdefault(operation["tags"][0], []).append(row)
    parts = [_NOTE, _API_INTRODUCTION]
    head = ("call", "method and path", "scope", "preview", "success", "what it does")
    for tag in sorted(by_tag):
        parts += [f"## {tag}\n", _table(head, *by_tag[tag])]
    return "\n".join(parts)


_API_INTRODUCTION: Final = """\
# Calls

The server describes every call, its parameters and bodies as OpenAPI 3.1 at `/api/openapi.json`.
Errors stand in [errors.md](errors.md), scopes in [scopes.md](scopes.md), what a role may do in
[roles.md](roles.md).

A *preview* call needs `preview=true` in the query, as it does in Foundry; every other call takes
it and ignores it. Scopes are written here as newer applications write them; `api:streams-write`
is the same as `api:use-streams-write`. Branch names are percent-encoded: `feat/x` is `feat%2Fx`.

A value in a JSON body is of the type that stands in the document, or refused: `"3"` is not 3. Only
offsets may be texts of decimal digits, which is how `@osdk` writes long numbers.
"""


async def _application() -> Litestar:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(None, {}, {"server": {"data_dir": folder}})
        async with open_services(settings) as services:
            app = create_app(services).app
            assert isinstance(app, Litestar)
            return app


def _handlers(app: Litestar) -> dict[str, HTTPRouteHandler]:
    """Give our handlers by operation id; the framework's own have no tags."""
    return {
        str(handler.operation_id): handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and handler.tags
    }


def _call_row(
    method: str, path: str, operation: Mapping[str, Any], handler: HTTPRouteHandler
) -> tuple[str, ...]:
    access = handler.opt["access"]
    scope = f"`{access.scope}`" if isinstance(access, Operation) else ""
    if access is None:
        scope = "any token"
    elif not scope:
        scope = "no token"
    success = ", ".join(status for status in operation["responses"] if status.startswith("2"))
    return (
        f"`{operation['operationId']}`",
        f"{method.upper()} `{path}`",
        scope,
        "yes" if handler.opt.get("preview") else "",
        success,
        _flowed(inspect.getdoc(handler.fn) or ""),
    )


# Commands


def cli_page() -> str:
    """Write the page of all commands."""
    parts = [_NOTE, "# Commands\n", "What `--help` says of each command.\n"]
    for words in _commands(main, ()):
        done = CliRunner().invoke(
            main, [*words, "--help"], prog_name="sluiceway", terminal_width=_HELP_WIDTH
        )
        parts += [
            f"## {' '.join(('sluiceway', *words))}\n",
            f"```text\n{done.output.rstrip()}\n```\n",
        ]
    return "\n".join(parts)


def _commands(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _commands(below, (*words, name))


def pages() -> dict[Path, str]:
    """Write every page."""
    return {
        _PAGES / "settings.md": settings_page(),
        _PAGES / "errors.md": errors_page(),
        _PAGES / "api.md": api_page(),
        _PAGES / "cli.md": cli_page(),
    }


if __name__ == "__main__":
    written = pages()
    stale = [
        page for page, text in written.items() if not page.exists() or page.read_text() != text
    ]
    if "--check" in sys.argv:
        for page in stale:
            print(f"{page} is not current: run tools/reference.py")
        sys.exit(bool(stale))
    for page in stale:
        page.write_text(written[page])
        print(f"wrote {page}")
