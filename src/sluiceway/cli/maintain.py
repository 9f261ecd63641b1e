"""``sluiceway maintain``: keep a stream's table small now, and not on schedule."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import httpx

from sluiceway.cli.calls import CallError, ask_patiently, find_dataset, find_server, token_for
from sluiceway.cli.configuration import (
    config_option,
    data_dir_option,
    settings_of,
    token_option,
    url_option,
)
from sluiceway.settings import Settings

_CALL_SECONDS = 600.0


@click.command()
@click.argument("stream")
@click.option("--branch", default="master", show_default=True, help="The branch of the dataset.")
@url_option
@token_option
@data_dir_option
@config_option
def maintain(
    stream: str,
    branch: str,
    url: str,
    token: str | None,
    data_dir: str | None,
    config: Path | None,
) -> None:
    """Merge the small files of the table of STREAM, a path or the RID of a dataset.

    Old snapshots are expired and files that none has are removed, too. The server does all this on
    schedule; before a large query it may be worth it at once. Without --token, a token is made in
    the data folder of the server.
    """
    settings = settings_of(config, data_dir=data_dir)
    try:
        done = asyncio.run(_run(url.rstrip("/"), token, settings, stream, branch))
    except CallError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"merged {done['mergedFiles']} files, expired {done['expiredSnapshots']} snapshots,"
        f" removed {done['removedFiles']} files"
    )


async def _run(
    url: str, token: str | None, settings: Settings, stream: str, branch: str
) -> dict[str, int]:
    async with httpx.AsyncClient(base_url=url, timeout=_CALL_SECONDS) as client:
        await find_server(client)
        async with token_for(client, token, settings, "maintain"):
            return await _maintain(client, await find_dataset(client, stream), branch)


async def _maintain(client: httpx.AsyncClient, dataset: str, branch: str) -> dict[str, int]:
    """Have it maintained until there is nothing more to merge."""
    path = f"/api/v1/streams/{quote(dataset, safe='')}/{quote(branch, safe='')}/maintain"
    total: dict[str, Any] = {}
    while True:
        done: dict[str, int] = (await ask_patiently(client, path, {})).json()
        total = {name: total.get(name, 0) + number for name, number in done.items()}
        if not done["mergedFiles"]:
            return total
