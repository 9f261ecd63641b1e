"""What commands share: where their settings come from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from sluiceway.settings import TOKEN_VARIABLE, Settings, SettingsError, load_settings

config_option: Final = click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A TOML file of settings.",
)
data_dir_option: Final = click.option(
    "--data-dir", help="The folder of everything that the server keeps.  [default: data]"
)

url_option: Final = click.option(
    "--url", default="http://127.0.0.1:8080", show_default=True, help="The server."
)
token_option: Final = click.option(
    "--token",
    envvar=TOKEN_VARIABLE,
    help=f"A token to use, also {TOKEN_VARIABLE}.  [default: a new one of admin, for a day]",
)


def settings_of(config: Path | None, **server: Any) -> Settings:  # noqa: ANN401 - any setting
    """Load the settings; *server* are options of the command, ``None`` when not given.

    Raises:
        click.ClickException: A setting is wrong; the command ends with 1 and says which.
    """
    given: Mapping[str, Any] = {name: value for name, value in server.items() if value is not None}
    try:
        return load_settings(config, overrides={"server": given})
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
