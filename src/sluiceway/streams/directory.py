"""Streams and role decisions, kept in memory for the calls that must not touch the database."""

import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

import msgspec

from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.access.roles import Role
from sluiceway.filesystem.service import Permissions
from sluiceway.foundation.flights import Flights
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.schema.compiled import CompiledSchema, compile_schema
from sluiceway.streams.store import StreamStore
from sluiceway.streams.types import View


class OpenStream:
    """A stream's active view, ready to publish to and read from."""

    __slots__ = ("_turns", "is_trashed", "schema", "view")

    def __init__(
        self, view: View, schema: CompiledSchema, turns: Iterator[int], *, is_trashed: bool
    ) -> None:
        self.view: Final = view
        self.schema: Final = schema
        self.is_trashed: Final = is_trashed
        self._turns = turns

    def next_partition(self) -> int:
        """Give the partition of the next batch without keys: each in turn."""
        return next(self._turns)


class _Lasting(msgspec.Struct, frozen=True):
    """What of a view outlives every change."""

    schema: CompiledSchema
    turns: Iterator[int]
    """Whose turn it is among the partitions: never again the first one's only."""


K = TypeVar("K")
V = TypeVar("V")

_StreamKey = tuple[DatasetRid, str]
_RoleKey = tuple[PrincipalId, frozenset[PrincipalId], bool, DatasetRid]


@dataclass(slots=True)
class StreamDirectory:
    """Finds streams and roles, from memory where it can.

    ``forget`` is called after each change of tokens, roles, resources or streams, by this process
    or another; what was being looked up meanwhile is not kept. The compiled schema of a view never
    changes and outlives that. That there is no stream, or no role, is not kept either: a caller
    could fill the memory with the names of what is not there.
    """

    store: StreamStore
    permissions: Permissions
    entries_max: int
    _streams: dict[_StreamKey, OpenStream] = field(default_factory=dict)
    _views: dict[ViewRid, OpenStream] = field(default_factory=dict)
    _roles: dict[_RoleKey, Role] = field(default_factory=dict)
    _lasting: dict[ViewRid, _Lasting] = field(default_factory=dict)
    _stream_flights: Flights[_StreamKey | ViewRid, OpenStream | None] = field(
        default_factory=Flights
    )
    _role_flights: Flights[_RoleKey, Role | None] = field(default_factory=Flights)
    generation: int = 0
    """How often everything was forgotten."""

    def forget(self) -> None:
        """Drop every answer, as something changed."""
        self.generation += 1
        self._stream_flights.forget()
        self._role_flights.forget()
        self._streams.clear()
        self._views.clear()
        self._roles.clear()

    def peek(self, dataset_rid: DatasetRid, branch_name: str) -> OpenStream | None:
        """Give the stream if it is in memory."""
        return self._streams.get((dataset_rid, branch_name))

    def peek_view(self, view_rid: ViewRid) -> OpenStream | None:
        """Give the stream of an active view if it is in memory."""
        return self._views.get(view_rid)

    def peek_role(self, caller: Caller, dataset_rid: DatasetRid) -> Role | None:
        """Give the caller's role if it is in memory."""
        return self._roles.get(_role_key(caller, dataset_rid))

    async def stream(self, dataset_rid: DatasetRid, branch_name: str) -> OpenStream | None:
        """Give the stream on a branch, or ``None`` when there is none."""
        found = self.peek(dataset_rid, branch_name)
        if found is not None:
            return found
        look_up = partial(self.store.active, dataset_rid, branch_name)
        key = (dataset_rid, branch_name)
        return await self._stream_flights.join(key, partial(self._open, look_up))

    async def view(self, view_rid: ViewRid) -> OpenStream | None:
        """Give the stream whose active view this is, or ``None`` when there is none."""
        found = self.peek_view(view_rid)
        if found is not None:
            return found
        look_up = partial(self.store.by_view, view_rid)
        return await self._stream_flights.join(view_rid, partial(self._open, look_up))

    async def role(self, caller: Caller, dataset_rid: DatasetRid) -> Role | None:
        """Give the strongest role of the caller on a dataset, or ``None`` when it has none."""
        key = _role_key(caller, dataset_rid)
        role = self._roles.get(key)
        if role is not None:
            return role
        return await self._role_flights.join(key, partial(self._look_up_role, caller, dataset_rid))

    async def _look_up_role(self, caller: Caller, dataset_rid: DatasetRid) -> Role | None:
        generation = self.generation
        role = await self.permissions.role(caller, dataset_rid)
        if generation == self.generation and role is not None:
            _make_room(self._roles, self.entries_max)
            self._roles[_role_key(caller, dataset_rid)] = role
        return role

    async def _open(self, look_up: Callable[[], Awaitable[View | None]]) -> OpenStream | None:
        generation = self.generation
        view = await look_up()
        if view is None:
            return None
        lasting = self._lasting.get(view.view_rid)
        if lasting is None:
            turns = itertools.cycle(range(view.partitions))
            lasting = _Lasting(compile_schema(view.schema), turns)
            _make_room(self._lasting, self.entries_max)
            self._lasting[view.view_rid] = lasting
        state = await self.permissions.resource_state(view.dataset_rid)
        is_trashed = state is None or state.is_trashed
        stream = OpenStream(view, lasting.schema, lasting.turns, is_trashed=is_trashed)
        if generation != self.generation:
            return stream
        key = (view.dataset_rid, view.branch_name)
        if key not in self._streams:
            _make_room(self._streams, self.entries_max)
            _make_room(self._views, self.entries_max)
            self._streams[key] = stream
            self._views[view.view_rid] = stream
        return self._streams[key]


def _role_key(caller: Caller, dataset_rid: DatasetRid) -> _RoleKey:
    """Name all that a role depends on.

    A request that began before its caller left a group may ask after that: what it is told must
    not be what the caller's next requests are told.
    """
    return caller.principal_id, caller.group_ids, caller.is_admin, dataset_rid


def _make_room(entries: dict[K, V], entries_max: int) -> None:
    """Drop the oldest entry of a full cache."""
    if len(entries) >= entries_max:
        entries.pop(next(iter(entries)))
