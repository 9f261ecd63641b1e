"""``sluiceway serve``."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
import uvicorn
import uvloop

from sluiceway.app.data_folder import DataFolderError, locked
from sluiceway.app.late import Application, LateApplication
from sluiceway.app.server import Server, configuration, leave_garbage_be, set_up_logging
from sluiceway.app.services import Services, open_services
from sluiceway.app.workers import Workers, listen
from sluiceway.backends.sql.migrations import DatabaseVersionError
from sluiceway.cli.certificate import CertificateError, check_certificate
from sluiceway.cli.configuration import config_option, data_dir_option, settings_of
from sluiceway.cli.open_files import room_for_connections
from sluiceway.foundation.errors import SluicewayError
from sluiceway.ingest.open_connections import OpenConnections
from sluiceway.ingest.protocol import PublishProtocol
from sluiceway.settings import ADMIN_PASSWORD_VARIABLE, Settings

_log: Final = logging.getLogger("sluiceway.serve")


@click.command()
@click.option("--host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="The port; 0 takes a free one.  [default: 8080]")
@data_dir_option
@click.option(
    "--workers",
    type=int,
    help="How many processes read and check what is published.  [default: 1]",
)
@config_option
def serve(
    host: str | None,
    port: int | None,
    data_dir: str | None,
    workers: int | None,
    config: Path | None,
) -> None:
    """Run the server until it is told to stop (SIGTERM or SIGINT)."""
    settings = settings_of(config, host=host, port=port, data_dir=data_dir, workers=workers)
    set_up_logging(settings)
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
        leave_garbage_be()
        _bound_connections(services.connections)
        protocol = partial(PublishProtocol, services.intake, services.connections)
        application = LateApplication(partial(_application, services))
        config = configuration(settings, application, protocol)
        if settings.server.workers == 1:
            server = _ListeningServer(config, services.end_waits, application)
            await server.serve()
            if not server.started:
                raise ListenError(f"cannot listen on {_place(settings)}")
            return
        try:
            listeners = listen(settings)
        except OSError as error:
            raise ListenError(f"cannot listen on {_place(settings)}: {error.strerror}") from error
        workers = Workers(services, listeners)
        ends = services.end_waits
        await _ServerWithWorkers(config, ends, application, workers, listeners).serve(sockets=[])


def _application(services: Services) -> Application:
    # The framework is loaded when the server listens already; see `LateApplication`.
    from sluiceway.app.web import create_app  # noqa: PLC0415 - see above

    application = create_app(services)
    leave_garbage_be()
    return application


def _place(settings: Settings) -> str:
    return f"{settings.server.host}:{settings.server.port}"


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


def _say_where(listener: Any, *, is_tls: bool = False) -> None:  # noqa: ANN401 - the loop's own kind of socket
    """Print where the server listens."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"listening on {'https' if is_tls else 'http'}://{shown}:{port}")
    sys.stdout.flush()


class _MainServer(Server):
    """Has the application put together once it listens."""

    def __init__(
        self, config: uvicorn.Config, end_waits: Callable[[], None], application: LateApplication
    ) -> None:
        super().__init__(config)
        self._end_waits = end_waits
        self._application = application
        self._building: asyncio.Task[None] | None = None

    async def serve(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own
        """Serve until told to stop, or until it is clear that there is no application."""
        await super().serve(sockets)
        if self._building is not None:
            await self._building

    def begin_to_build(self) -> None:
        """Put the application together, beside the first records that are taken."""
        self._building = asyncio.create_task(self._build())

    async def _build(self) -> None:
        try:
            await self._application.build()
        except BaseException:
            self.should_exit = True
            raise

    async def shutdown(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own
        """End what does not end by itself; then finish what is asked."""
        self._end_waits()
        await super().shutdown(sockets)


class _ListeningServer(_MainServer):
    """Takes connections itself, and says where it listens."""

    async def startup(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own
        try:
            await super().startup(sockets)
        except SystemExit:
            # uvicorn has logged that the port is taken; we say so and exit with 1.
            self.should_exit = True
            return
        if self.started:
            _say_where(self.servers[0].sockets[0], is_tls=self.config.is_ssl)
            self.begin_to_build()


class _ServerWithWorkers(_MainServer):
    """Has connections from its workers only."""

    def __init__(
        self,
        config: uvicorn.Config,
        end_waits: Callable[[], None],
        application: LateApplication,
        workers: Workers,
        listeners: Sequence[socket.socket],
    ) -> None:
        super().__init__(config, end_waits, application)
        self._workers = workers
        self._listeners = listeners

    async def startup(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own
        await super().startup(sockets)
        await self._workers.start(self)
        _say_where(self._listeners[0])
        self.begin_to_build()

    async def shutdown(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own
        """Finish what is asked, in all processes."""
        await asyncio.gather(self._workers.stop(), super().shutdown(sockets))
