"""Streams and role decisions, kept in memory for the calls that must not touch the database."""

import itertools
from collections import OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

import msgspec

from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.access.roles import Role
from sluiceway.filesystem.service import Permissions
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.lookups import Lookups
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.schema.compiled import CompiledSchema, SharedSchemas
from sluiceway.streams.errors import StreamNotFoundError
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
    """What of a view outlives every change but that of its schema."""

    schema: CompiledSchema
    version: int
    """Which schema of the view it is."""
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
    or another; what was being looked up meanwhile is not kept. The compiled schema of a view
    outlives that as long as it is the view's. That there is no stream, or no role, is not kept either: a caller
    could fill the memory with the names of what is not there. So nothing here becomes wrong when a
    stream is made.
    """

    store: StreamStore
    permissions: Permissions
    entries_max: int
    _streams: OrderedDict[_StreamKey, OpenStream] = field(default_factory=OrderedDict)
    _views: OrderedDict[ViewRid, OpenStream] = field(default_factory=OrderedDict)
    _roles: OrderedDict[_RoleKey, Role] = field(default_factory=OrderedDict)
    _lasting: OrderedDict[ViewRid, _Lasting] = field(default_factory=OrderedDict)
    _schemas: SharedSchemas = field(default_factory=SharedSchemas)
    _streams_asked: Lookups[_StreamKey, OpenStream] = field(init=False)
    _views_asked: Lookups[ViewRid, OpenStream] = field(init=False)
    _roles_asked: Lookups[tuple[Caller, DatasetRid], Role] = field(init=False)
    generation: int = 0
    """How often everything was forgotten."""

    def __post_init__(self) -> None:
        """Prepare to look up what is not in memory."""
        self._streams_asked = Lookups(self._look_up_streams)
        self._views_asked = Lookups(self._look_up_views)
        self._roles_asked = Lookups(self._look_up_roles)

    def forget(self) -> None:
        """Drop every answer, as something changed."""
        self.generation += 1
        self._streams_asked.forget()
        self._views_asked.forget()
        self._roles_asked.forget()
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
        return found or await self._streams_asked.ask((dataset_rid, branch_name))

    async def view(self, view_rid: ViewRid) -> OpenStream | None:
        """Give the stream whose active view this is, or ``None`` when there is none."""
        return self.peek_view(view_rid) or await self._views_asked.ask(view_rid)

    async def role(self, caller: Caller, dataset_rid: DatasetRid) -> Role | None:
        """Give the strongest role of the caller on a dataset, or ``None`` when it has none."""
        role = self.peek_role(caller, dataset_rid)
        return await self._roles_asked.ask((caller, dataset_rid)) if role is None else role

    async def view_for(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        branch_name: str,
        needs: Role,
        denied: SluicewayError,
    ) -> View:
        """Give the active view of a stream on which the caller has a role, at least *needs*.

        Raises:
            StreamNotFoundError: There is no such stream that the caller may see.
            SluicewayError: *denied*: it sees the stream, and its role is weaker.
        """
        role = await self.role(caller, dataset_rid)
        stream = None if role is None else await self.stream(dataset_rid, branch_name)
        if role is None or stream is None:
            raise StreamNotFoundError(dataset_rid, branch_name)
        if role < needs:
            raise denied
        return stream.view

    async def _look_up_roles(
        self, asked: Collection[tuple[Caller, DatasetRid]]
    ) -> dict[tuple[Caller, DatasetRid], Role]:
        generation = self.generation
        of_callers: dict[Caller, list[DatasetRid]] = {}
        for caller, dataset_rid in asked:
            of_callers.setdefault(caller, []).append(dataset_rid)
        found = {
            (caller, dataset_rid): role
            for caller, rids in of_callers.items()
            for dataset_rid, role in (await self.permissions.roles(caller, rids)).items()
        }
        if generation == self.generation:
            for (caller, dataset_rid), role in found.items():
                _keep(self._roles, _role_key(caller, dataset_rid), role, self.entries_max)
        return found

    async def _look_up_streams(self, names: Collection[_StreamKey]) -> dict[_StreamKey, OpenStream]:
        generation = self.generation
        opened = await self._open(generation, await self.store.active_among(names))
        return {(one.view.dataset_rid, one.view.branch_name): one for one in opened}

    async def _look_up_views(self, view_rids: Collection[ViewRid]) -> dict[ViewRid, OpenStream]:
        generation = self.generation
        opened = await self._open(generation, await self.store.active_of(view_rids))
        return {one.view.view_rid: one for one in opened}

    async def _open(self, generation: int, views: Collection[View]) -> list[OpenStream]:
        """Open the active *views*, and keep them if nothing changed since *generation*."""
        if not views:
            return []
        states = await self.permissions.resource_states({view.dataset_rid for view in views})
        opened = []
        for view in views:
            lasting = self._lasting_of(view)
            state = states.get(view.dataset_rid)
            stream = OpenStream(
                msgspec.structs.replace(view, schema=lasting.schema.schema),
                lasting.schema,
                lasting.turns,
                is_trashed=state is None or state.is_trashed,
            )
            opened.append(stream if generation != self.generation else self._kept(stream))
        return opened

    def _lasting_of(self, view: View) -> _Lasting:
        lasting = self._lasting.get(view.view_rid)
        if lasting is None or lasting.version != view.schema_version:
            turns = itertools.cycle(range(view.partitions)) if lasting is None else lasting.turns
            compiled = self._schemas.compile(view.schema)
            lasting = _Lasting(compiled, view.schema_version, turns)
            _keep(self._lasting, view.view_rid, lasting, self.entries_max)
        return lasting

    def _kept(self, stream: OpenStream) -> OpenStream:
        """Keep *stream*, or give what is kept of it: it may have been asked for by both names."""
        view = stream.view
        key = (view.dataset_rid, view.branch_name)
        if key not in self._streams:
            _keep(self._streams, key, stream, self.entries_max)
            _keep(self._views, view.view_rid, stream, self.entries_max)
        return self._streams[key]


def _role_key(caller: Caller, dataset_rid: DatasetRid) -> _RoleKey:
    """Name all that a role depends on.

    A request that began before its caller left a group may ask after that: what it is told must
    not be what the caller's next requests are told.
    """
    return caller.principal_id, caller.group_ids, caller.is_admin, dataset_rid


def _keep(entries: OrderedDict[K, V], key: K, value: V, entries_max: int) -> None:
    """Keep an entry, in place of the oldest one when there are too many."""
    if len(entries) >= entries_max:
        entries.popitem(last=False)
    entries[key] = value
