"""The command line: one module per command."""

import gc
from importlib import import_module
from types import ModuleType
from typing import Final

import click

from sluiceway import __version__

_COMMANDS: Final = (
    "backup",
    "bench",
    "check",
    "demo",
    "maintain",
    "restore",
    "serve",
    "token",
    "verify",
)
_HIDDEN: Final = ("archiver", "query", "worker")
"""What other commands start, and people do not."""


class _Commands(click.Group):
    """Imports a command when it is asked for: the server's libraries take seconds to load."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give the command of the module of the same name."""
        del ctx
        if cmd_name not in _COMMANDS + _HIDDEN:
            return None
        module = _import_for_good(f"sluiceway.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command


def _import_for_good(name: str) -> ModuleType:
    """Import a module, and never look for garbage in what came with it.

    A command's modules stay as long as its process. To look through them again and again while
    they load is a quarter of the time that the server takes to start.
    """
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Sluiceway: push records over HTTP into durable, schema-checked streams."""
