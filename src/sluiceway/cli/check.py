"""``sluiceway check``."""

import re
from pathlib import Path

import click
import msgspec

from sluiceway.cli.configuration import config_option, settings_of


@click.command()
@config_option
def check(config: Path | None) -> None:
    """Print the settings that `serve` would use; exit 1 and say why if any is wrong."""
    settings = settings_of(config)
    shown = msgspec.to_builtins(settings)
    shown["server"]["database_url"] = _without_password(settings.server.database_url)
    click.echo(msgspec.json.format(msgspec.json.encode(shown)))


def _without_password(url: str) -> str:
    """Write a database URL with the password, if it has one, left out."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", url)
