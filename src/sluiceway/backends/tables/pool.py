"""The processes that read tables: started when they are needed, used again, and ended."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from typing import Final, Self

import msgspec

from sluiceway.backends.tables.frames import HEAD, PIECE_BYTES_MAX, Fault, Kind, frame
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.datasets.tables import FileJob, TableFaultError, TableFaultKind, TableJob
from sluiceway.foundation.request_errors import OverloadedError

_IDLE_SECONDS: Final = 60.0


class _Reader:
    """A process, and what it says."""

    def __init__(self, process: Process, seconds_max: int) -> None:
        self.process = process
        self._seconds_max = seconds_max
        self.idle_timer: asyncio.TimerHandle | None = None
        self.is_ready = False
        """Whether it is done with its job, and takes another one."""

    @classmethod
    async def start(cls, settings: DatasetSettings, file_properties: Mapping[str, str]) -> Self:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("SLUICEWAY_")
        }
        # What is freed goes back to the system, and counts against the limit no longer.
        environment["ARROW_DEFAULT_MEMORY_POOL"] = "system"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sluiceway.backends.tables", str(settings.table_bytes_max)),
            stdin=PIPE,
            stdout=PIPE,
            env=environment,
            start_new_session=True,
            limit=2 * PIECE_BYTES_MAX,
        )
        assert process.stdin is not None
        # Not among the arguments, which everybody on this machine can read: it may have passwords.
        process.stdin.write(frame(Kind.FILES, msgspec.json.encode(file_properties)))
        return cls(process, settings.table_seconds_max)

    async def ask(self, job: TableJob | FileJob) -> None:
        assert self.process.stdin is not None
        self.is_ready = False
        with contextlib.suppress(ConnectionError):  # What it has to say, or its end, is read below.
            self.process.stdin.write(frame(Kind.JOB, msgspec.json.encode(job)))
            await self.process.stdin.drain()
        await self.hear()

    async def hear(self) -> tuple[Kind, bytes]:
        """Give the next frame.

        Raises:
            TableFaultError: It says so, or it does not go on.
        """
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(self._seconds_max):
                kind, size = HEAD.unpack(await self.process.stdout.readexactly(HEAD.size))
                data = await self.process.stdout.readexactly(size)
        except TimeoutError:
            raise TableFaultError(
                TableFaultKind.TIME, f"nothing more came for {self._seconds_max} s"
            ) from None
        except asyncio.IncompleteReadError:
            raise TableFaultError(
                TableFaultKind.FILE,
                "the process that read it ended: a file is damaged or too large",
            ) from None
        if kind == Kind.FAULT:
            fault = msgspec.json.decode(data, type=Fault)
            self.is_ready = fault.goes_on
            raise TableFaultError(fault.kind, fault.message)
        self.is_ready = kind == Kind.END and data == b"\x01"
        return Kind(kind), data

    def kill(self) -> None:
        if self.idle_timer is not None:
            self.idle_timer.cancel()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def end(self) -> None:
        """End it, whatever it is doing; nobody else may be listening to it."""
        self.kill()
        # It counts as ended only once all that it wrote is read.
        await self.process.communicate()


class TablePool:
    """Reads tables; see ``TableReader``."""

    def __init__(
        self, settings: DatasetSettings, file_properties: Mapping[str, str] | None = None
    ) -> None:
        """Read files in folders, and those that *file_properties*, PyIceberg's, say how to get at."""
        self._settings = settings
        self._file_properties = file_properties or {}
        self._idle: list[_Reader] = []
        self._reading: set[_Reader] = set()
        self._starting = 0
        self._ending: set[asyncio.Task[None]] = set()

    async def read(self, job: TableJob | FileJob) -> AsyncIterator[bytes]:
        """Begin to read a table or a file; see ``TableReader.read``."""
        if len(self._reading) + self._starting >= self._settings.tables_max:
            raise OverloadedError("tables that are read")
        self._starting += 1
        try:
            reader = self._idle.pop() if self._idle else await self._start()
        finally:
            self._starting -= 1
        self._reading.add(reader)
        if reader.idle_timer is not None:
            reader.idle_timer.cancel()
            reader.idle_timer = None
        try:
            await reader.ask(job)
        except BaseException:
            await self.release(reader)
            raise
        return _Pieces(self, reader)

    async def _start(self) -> _Reader:
        return await _Reader.start(self._settings, self._file_properties)

    async def release(self, reader: _Reader) -> None:
        """Take back a process: to be used again, or to be ended."""
        self._reading.discard(reader)
        if reader.is_ready:
            self._idle.append(reader)
            reader.idle_timer = asyncio.get_running_loop().call_later(
                _IDLE_SECONDS, self._end_idle, reader
            )
        else:
            await reader.end()

    async def close(self) -> None:
        """End every process."""
        for reader in self._reading:
            reader.kill()  # Whoever reads from it finds that out, and ends it.
        for reader in self._idle:
            await reader.end()
        self._idle.clear()
        if self._ending:
            await asyncio.wait(self._ending)

    def _end_idle(self, reader: _Reader) -> None:
        if reader in self._idle:
            self._idle.remove(reader)
            task = asyncio.get_running_loop().create_task(reader.end())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


class _Pieces:
    """The bytes of a table, from the process that reads it."""

    def __init__(self, pool: TablePool, reader: _Reader) -> None:
        self._pool = pool
        self._reader: _Reader | None = reader

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._reader is None:
            raise StopAsyncIteration
        kind, data = await self._reader.hear()
        if kind is Kind.END:
            await self.aclose()
            raise StopAsyncIteration
        return data

    async def aclose(self) -> None:
        """End the reading, if it has not come to its end."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await self._pool.release(reader)
