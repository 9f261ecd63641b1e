"""``sluiceway token``."""

import asyncio
import re
from pathlib import Path
from typing import Final

import click

from sluiceway.access.principals.errors import UserNotFoundError
from sluiceway.access.tokens.personal import NewToken
from sluiceway.app.services import open_access
from sluiceway.cli.configuration import config_option, data_dir_option, settings_of
from sluiceway.foundation.errors import SluicewayError
from sluiceway.settings import Settings

_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd])")
_UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Duration(click.ParamType[int]):
    """A time as a number and a unit, given as seconds."""

    name = "duration"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Turn ``7d`` into seconds."""
        if isinstance(value, int):
            return value
        found = _DURATION.fullmatch(value)
        if found is None:
            self.fail(f"{value!r} is no duration: write 7d, 12h, 30m or 45s", param, ctx)
        return int(found[1]) * _UNIT_SECONDS[found[2]]


@click.group()
def token() -> None:
    """Make personal tokens at the machine itself, without signing in."""


@token.command()
@click.option("--username", required=True, help="The user whose power the token has.")
@click.option("--name", required=True, help="What the token is for, as its list shows it.")
@click.option("--expires-in", type=Duration(), help="How long it lives, like 7d.  [default: 7d]")
@data_dir_option
@config_option
def create(
    username: str,
    name: str,
    expires_in: int | None,
    data_dir: str | None,
    config: Path | None,
) -> None:
    """Print a new token, and nothing else; the server may run meanwhile or not."""
    settings = settings_of(config, data_dir=data_dir)
    new = NewToken(name=name, description="Made on the command line.", seconds_to_live=expires_in)
    try:
        click.echo(asyncio.run(_create(settings, username, new)))
    except UserNotFoundError:
        raise click.ClickException(f"there is no user {username!r}") from None
    except SluicewayError as error:
        raise click.ClickException(error.message) from None
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from None


async def _create(settings: Settings, username: str, new: NewToken) -> str:
    async with open_access(settings) as access:
        return (await access.personal_tokens.create_for(username, new)).text
