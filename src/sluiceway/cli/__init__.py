"""The command line: one module per command."""

from importlib import import_module
from typing import Final

import click

from sluiceway import __version__

_COMMANDS: Final = ("backup", "check", "demo", "restore", "serve", "token")
_HIDDEN: Final = ("worker",)
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
        command: click.Command = getattr(import_module(f"sluiceway.cli.{cmd_name}"), cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Sluiceway: push records over HTTP into durable, schema-checked streams."""
