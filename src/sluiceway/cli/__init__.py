"""The command line: one module per command."""

import click

from sluiceway import __version__
from sluiceway.cli.check import check
from sluiceway.cli.serve import serve
from sluiceway.cli.token import token


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Sluiceway: push records over HTTP into durable, schema-checked streams."""


main.add_command(check)
main.add_command(serve)
main.add_command(token)
