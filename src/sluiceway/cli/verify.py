"""``sluiceway verify``: proof that a stream's table has what was pushed."""

import asyncio
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click
import httpx

from sluiceway.cli.calls import (
    CallError,
    ask_patiently,
    find_dataset,
    find_server,
    token_for,
)
from sluiceway.cli.configuration import (
    config_option,
    data_dir_option,
    settings_of,
    token_option,
    url_option,
)
from sluiceway.settings import Settings

_NOT_RIGHT: Final = 3
_CALL_SECONDS: Final = 120.0
_SHOWN_MAX: Final = 20


@dataclass(slots=True)
class _Result:
    """What all parts found together."""

    verified: int = 0
    compared: int = 0
    unproven: int = 0
    waiting: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)

    def add(self, part: dict[str, Any]) -> None:
        """Add what one part found."""
        self.verified += part["verifiedRecords"]
        self.compared += part["comparedRecords"]
        self.unproven += part["unprovenRecords"]
        self.waiting = part["waitingRecords"]
        self.problems += part.get("problems", ())

    def as_json(self) -> str:
        """Write it for programs, as the API names things."""
        return json.dumps(
            {
                "verifiedRecords": self.verified,
                "comparedRecords": self.compared,
                "unprovenRecords": self.unproven,
                "waitingRecords": self.waiting,
                "problems": self.problems,
            }
        )

    def in_words(self) -> list[str]:
        """Write it for people."""
        lines = [
            f"{self.verified:,} records of the table are as they were pushed",
            f"{self.compared:,} records are the same in the log and in the table",
        ]
        if self.unproven:
            lines.append(f"{self.unproven:,} records cannot be proven")
        if self.waiting:
            lines.append(f"{self.waiting:,} records are not in the table yet")
        for problem in self.problems[:_SHOWN_MAX]:
            partition, first = problem["partitionId"], problem["startOffset"]
            lines.append(
                f"{problem['kind']}: partition {partition}, offsets {first} to"
                f" {problem['endOffset'] - 1}: {problem['description']}"
            )
        if len(self.problems) > _SHOWN_MAX:
            lines.append(f"and {len(self.problems) - _SHOWN_MAX} more")
        return lines


@click.command()
@click.argument("stream")
@click.option("--branch", default="master", show_default=True, help="The branch of the dataset.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@url_option
@token_option
@data_dir_option
@config_option
def verify(
    stream: str,
    branch: str,
    url: str,
    token: str | None,
    data_dir: str | None,
    config: Path | None,
    **output: bool,
) -> None:
    """Hold the table of STREAM, a path or the RID of a dataset, against what was pushed.

    Every row is read back and compared with the hashes that were noted when it was committed, and
    with the log as far as that has it. The server goes on meanwhile. Ends with 3 when something is
    not as it was pushed. Without --token, a token is made in the data folder of the server.
    """
    settings = settings_of(config, data_dir=data_dir)
    try:
        result = asyncio.run(_run(url.rstrip("/"), token, settings, stream, branch))
    except CallError as error:
        raise click.ClickException(str(error)) from None
    click.echo(result.as_json() if output["as_json"] else "\n".join(result.in_words()))
    if result.problems:
        sys.exit(_NOT_RIGHT)


async def _run(
    url: str, token: str | None, settings: Settings, stream: str, branch: str
) -> _Result:
    async with httpx.AsyncClient(base_url=url, timeout=_CALL_SECONDS) as client:
        await find_server(client)
        async with token_for(client, token, settings, "verify"):
            return await _verify(client, await find_dataset(client, stream), branch)


async def _verify(client: httpx.AsyncClient, dataset: str, branch: str) -> _Result:
    path = f"/api/v1/streams/{quote(dataset, safe='')}/{quote(branch, safe='')}/verify"
    result, body = _Result(), dict[str, Any]()
    is_shown = sys.stderr.isatty()
    while True:
        part = (await ask_patiently(client, path, body)).json()
        result.add(part)
        done = result.verified + result.compared + result.unproven
        if is_shown:
            text = f"\r{done:,} of {part['totalRecords']:,} records   "
            click.echo(text, nl=False, err=True)
        if "nextPageToken" not in part:
            break
        body = {"pageToken": part["nextPageToken"]}
    if is_shown:
        click.echo("\r" + " " * 60 + "\r", nl=False, err=True)
    return result
