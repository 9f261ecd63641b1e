"""How connections are served, by whichever process."""

import gc
import logging
import sys
from types import FrameType
from typing import Any, Final, cast

import uvicorn

from sluiceway.ingest.admission import InflightBudget
from sluiceway.ingest.open_connections import OpenConnections
from sluiceway.ingest.patience import Patience
from sluiceway.settings import Settings

BACKLOG: Final = 2_048


def share_of_budget(settings: Settings) -> InflightBudget:
    """Give the budget of one process: each worker takes bodies, and the server beside them."""
    ingest = settings.ingest
    return InflightBudget(
        ingest.inflight_bytes_max // _processes(settings), ingest.request_bytes_max
    )


def share_of_connections(settings: Settings) -> OpenConnections:
    """Give the count of the connections of one process, which may have its share of them."""
    server = settings.server
    patience = Patience(
        server.stall_seconds,
        server.head_seconds,
        server.body_bytes_per_second_min,
        server.answer_stall_seconds,
        server.answer_bytes_per_second_min,
    )
    return OpenConnections(max(1, server.connections_max // _processes(settings)), patience)


def _processes(settings: Settings) -> int:
    workers = settings.server.workers
    return workers + 1 if workers > 1 else 1


def set_up_logging(settings: Settings) -> None:
    """Log to stderr."""
    logging.basicConfig(
        stream=sys.stderr,
        level=settings.server.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )


def leave_garbage_be() -> None:
    """Look less often for what nobody can reach.

    What lives as long as the server is not looked through again, and short-lived objects of
    requests in flight are not taken for leaks: a twentieth of the time at full load.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def configuration(
    settings: Settings,
    app: Any,  # noqa: ANN401 - an ASGI application
    protocol: Any,  # noqa: ANN401 - what makes a connection's protocol
) -> uvicorn.Config:
    """Give uvicorn's configuration."""
    server = settings.server
    return uvicorn.Config(
        app,
        host=server.host,
        port=server.port,
        http=cast("Any", protocol),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(server.trusted_proxies),
        forwarded_allow_ips=server.trusted_proxies,
        backlog=BACKLOG,
        timeout_keep_alive=server.keep_alive_seconds,
        timeout_graceful_shutdown=server.shutdown_seconds,
        ssl_certfile=server.tls_certificate or None,
        ssl_keyfile=server.tls_key or None,
    )


class Server(uvicorn.Server):
    """Ends with 0 when it is told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; unlike uvicorn's own, the signal is not raised again, so the exit code is 0."""
        del sig, frame
        self.should_exit = True
