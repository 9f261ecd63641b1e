"""``sluiceway serve``."""

import gc
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final, cast

import click
import uvicorn
import uvloop

from sluiceway.app.data_folder import DataFolderError, locked
from sluiceway.app.descriptors import raise_open_files_limit
from sluiceway.app.services import Services, open_services
from sluiceway.app.web import create_app
from sluiceway.backends.sql.migrations import DatabaseVersionError
from sluiceway.cli.certificate import CertificateError, check_certificate
from sluiceway.cli.configuration import config_option, data_dir_option, settings_of
from sluiceway.cli.open_files import room_for_connections
from sluiceway.foundation.errors import SluicewayError
from sluiceway.ingest.open_connections import OpenConnections
from sluiceway.ingest.protocol import PublishProtocol
from sluiceway.settings import ADMIN_PASSWORD_VARIABLE, Settings

_BACKLOG: Final = 2_048
_log: Final = logging.getLogger("sluiceway.serve")


@click.command()
@click.option("--host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="The port; 0 takes a free one.  [default: 8080]")
@data_dir_option
@config_option
def serve(host: str | None, port: int | None, data_dir: str | None, config: Path | None) -> None:
    """Run the server until it is told to stop (SIGTERM or SIGINT)."""
    settings = settings_of(config, host=host, port=port, data_dir=data_dir)
    logging.basicConfig(
        stream=sys.stderr,
        level=settings.server.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    raise_open_files_limit()
    failures: tuple[Exception, ...] = ()
    try:
        with locked(Path(settings.server.data_dir)):
            check_certificate(settings.server)
            uvloop.run(_serve(settings))
    except* (
        CertificateError,
        DataFolderError,
        DatabaseVersionError,
        ListenError,
        SluicewayError,
    ) as group:
        failures = group.exceptions
    if failures:
        raise click.ClickException(str(_first_leaf(failures)))


def _first_leaf(failures: Sequence[BaseException]) -> BaseException:
    first = failures[0]
    return _first_leaf(first.exceptions) if isinstance(first, BaseExceptionGroup) else first


class ListenError(Exception):
    """The address and port cannot be listened on."""


async def _serve(settings: Settings) -> None:
    async with open_services(settings) as services:
        await _set_up(services)
        # What lives as long as the server is not looked through again, and short-lived objects
        # of requests in flight are not taken for leaks: a twentieth of the time at full load.
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        _bound_connections(services.connections)
        server = _Server(_configuration(services), services.end_waits)
        await server.serve()
        if not server.started:
            where = f"{settings.server.host}:{settings.server.port}"
            raise ListenError(f"cannot listen on {where}")


async def _set_up(services: Services) -> None:
    """Give a new server its first user, space and project."""
    given = os.environ.get(ADMIN_PASSWORD_VARIABLE)
    generated = await services.access.users.bootstrap(given)
    if generated is not None:
        click.echo(f"created user admin with password {generated} (shown this once)", err=True)
    admin = await services.access.users.by_username("admin")
    if admin is not None:
        await services.filesystem.spaces.bootstrap(admin.user_id)


def _bound_connections(connections: OpenConnections) -> None:
    """Take no more connections than leave files to spare for the log."""
    room = room_for_connections()
    if room < connections.connections_max:
        _log.warning(
            "server.connections_max is %d, but the process may open files for %d: raise its limit"
            " (ulimit -n)",
            connections.connections_max,
            room,
        )
        connections.connections_max = room


def _configuration(services: Services) -> uvicorn.Config:
    server = services.settings.server
    return uvicorn.Config(
        cast("Any", create_app(services)),
        host=server.host,
        port=server.port,
        http=cast("Any", partial(PublishProtocol, services.intake, services.connections)),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(server.trusted_proxies),
        forwarded_allow_ips=server.trusted_proxies,
        backlog=_BACKLOG,
        timeout_keep_alive=server.keep_alive_seconds,
        timeout_graceful_shutdown=server.shutdown_seconds,
        ssl_certfile=server.tls_certificate or None,
        ssl_keyfile=server.tls_key or None,
    )


class _Server(uvicorn.Server):
    """Says where it listens, and ends with 0 when it is told to stop."""

    def __init__(self, config: uvicorn.Config, end_waits: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_waits = end_waits

    async def startup(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own
        try:
            await super().startup(sockets)
        except SystemExit:
            # uvicorn has logged that the port is taken; we say so and exit with 1.
            self.should_exit = True
            return
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            scheme = "https" if self.config.is_ssl else "http"
            click.echo(f"listening on {scheme}://{shown}:{port}")
            sys.stdout.flush()

    async def shutdown(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own
        """End what does not end by itself; then finish what is asked."""
        self._end_waits()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; unlike uvicorn's own, the signal is not raised again, so the exit code is 0."""
        del sig, frame
        self.should_exit = True
