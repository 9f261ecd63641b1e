"""``sluiceway check``."""

from pathlib import Path

import click
import msgspec

from sluiceway.cli.configuration import config_option, settings_of


@click.command()
@config_option
def check(config: Path | None) -> None:
    """Print the settings that `serve` would use; exit 1 and say why if any is wrong."""
    settings = settings_of(config)
    click.echo(msgspec.json.format(msgspec.json.encode(settings)))
