"""``sluiceway backup``."""

import asyncio
from pathlib import Path

import click

from sluiceway.app.backup import back_up
from sluiceway.app.manifest import BackupError, Manifest
from sluiceway.cli.byte_counter import ByteCounter, written_size
from sluiceway.cli.configuration import config_option, data_dir_option, settings_of


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@data_dir_option
@config_option
def backup(folder: Path, data_dir: str | None, config: Path | None) -> None:
    """Copy everything that the server keeps into FOLDER, which is empty or not there.

    The server may run meanwhile or not. Restore it with `sluiceway restore`.
    """
    settings = settings_of(config, data_dir=data_dir)
    try:
        with ByteCounter("copied") as counter:
            manifest = asyncio.run(back_up(settings, folder, counter.add))
    except BackupError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"backed up {settings.server.data_dir} to {folder}: {describe(manifest)}")
    if not manifest.has_metadata:
        click.echo(
            "the metadata are in a database of their own and not in it: back that up as well,"
            " before this",
            err=True,
        )


def describe(manifest: Manifest) -> str:
    """Say how much a backup holds."""
    size = sum(file.size for file in manifest.files)
    return f"{len(manifest.files)} files, {written_size(size)}"
