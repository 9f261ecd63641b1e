"""``sluiceway restore``."""

from pathlib import Path

import click

from sluiceway.app.manifest import BackupError
from sluiceway.app.restore import restore as restore_backup
from sluiceway.cli.backup import describe
from sluiceway.cli.byte_counter import ByteCounter
from sluiceway.cli.configuration import config_option, data_dir_option, settings_of


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@data_dir_option
@config_option
def restore(folder: Path, data_dir: str | None, config: Path | None) -> None:
    """Make a data folder, empty or not there yet, from the backup in FOLDER.

    Every file is checked. A data folder in which something is, is never touched.
    """
    settings = settings_of(config, data_dir=data_dir)
    try:
        with ByteCounter("restored") as counter:
            manifest = restore_backup(folder, Path(settings.server.data_dir), counter.add)
    except BackupError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"restored {settings.server.data_dir} from {folder}: {describe(manifest)}")
