"""``sluiceway query``: what ``serve`` starts for each query in SQL; not for people."""

import os
import socket

import click

from sluiceway.backends.duckdb.child import run


@click.command(hidden=True)
@click.argument("parent_pid", type=int)
@click.argument("link", type=int)
@click.argument("result", type=int)
@click.option("--source", type=int, help="A result that is to be written in another format.")
@click.option("--files", type=int, help="A socket for descriptors of the archive's files.")
def query(parent_pid: int, link: int, result: int, source: int | None, files: int | None) -> None:
    """Compute one query for a server, over a socket that was inherited from it."""
    run(
        parent_pid,
        socket.socket(fileno=link),
        os.fdopen(result, "r+b", buffering=0),
        source=None if source is None else os.fdopen(source, "rb", buffering=0),
        files=None if files is None else socket.socket(fileno=files),
    )
