"""Verifies a stream's table, a part at a time; see decision 39."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.archive.store import ArchiveStore
from sluiceway.archive.tables import ArchiveTables
from sluiceway.archive.types import ArchiveTransaction, Offsets, TableDescription, TableName
from sluiceway.archive.verification.commits import CommitVerifier
from sluiceway.archive.verification.errors import VerifyStreamPermissionDeniedError
from sluiceway.archive.verification.findings import Findings
from sluiceway.archive.verification.hot import compare_log, count_common
from sluiceway.archive.verification.places import InLog, InTable, Place, place_of, token_of
from sluiceway.archive.verification.types import PartitionVerified, Verified
from sluiceway.foundation.request_errors import InvalidPageTokenError, OverloadedError
from sluiceway.foundation.rids import DatasetRid
from sluiceway.streams.directory import StreamDirectory
from sluiceway.streams.log import RecordLog
from sluiceway.streams.types import View

_COMMITS_MAX: Final = 200
_ROWS_MAX: Final = 1_000_000
"""What one part looks at, at most; at least one commit."""


@dataclass(frozen=True, slots=True)
class VerificationService:
    """Holds tables against what was pushed."""

    directory: StreamDirectory
    log: RecordLog
    tables: ArchiveTables
    store: ArchiveStore
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def verify(
        self, caller: Caller, dataset_rid: DatasetRid, branch_name: str, page_token: str | None
    ) -> Verified:
        """Verify the next part of a stream's table.

        Raises:
            StreamNotFoundError: There is no such stream that the caller may see.
            VerifyStreamPermissionDeniedError: It sees it but is not Viewer.
            InvalidPageTokenError: The token is none of this stream as it is now.
            OverloadedError: Another part is being verified.
            ArchiveUnavailableError: The table cannot be read now.
        """
        denied = VerifyStreamPermissionDeniedError(dataset_rid, branch_name)
        view = await self.directory.view_for(caller, dataset_rid, branch_name, Role.VIEWER, denied)
        place: Place = InLog(view.view_rid, 0, 0)
        if page_token is not None:
            place = place_of(page_token, view.view_rid)
        if self._turn.locked():
            raise OverloadedError("verifications at a time")
        async with self._turn:
            found = await self.store.of_view(view.view_rid)
            if found is None:
                ends = await self.log.end_offsets(view.view_rid)
                return _verified(Findings(), waiting=ends, total=0, next_place=None)
            return await self._part(view, found.table, place)

    async def _part(self, view: View, table: TableName, place: Place) -> Verified:
        while True:
            found, starts = await self._try(view, table, place)
            # What retention deletes while it is being looked for is not missing.
            if not found.problems or (await self.tables.describe(table)).start_offsets == starts:
                return found

    async def _try(
        self, view: View, table: TableName, place: Place
    ) -> tuple[Verified, Mapping[int, int]]:
        """Verify a part; gives also where the table began before."""
        # What is known of the table is read anew: another program may have changed it.
        await self.tables.open(table, view.view_rid, view.schema)
        described = await self.tables.describe(table)
        findings = Findings()
        if isinstance(place, InLog):
            next_place: Place | None = await compare_log(
                self.log, self.tables, table, described, place, findings
            ) or InTable(view.view_rid)
        else:
            verifier = CommitVerifier(self.tables, table, described.start_offsets, findings)
            next_place = await self._commits(view, place, described, verifier)
        ends = await self.log.end_offsets(view.view_rid)
        through = described.next_offsets
        common = await count_common(self.log, view.view_rid, described)
        verified = _verified(
            findings,
            waiting={one: max(end - through.get(one, 0), 0) for one, end in ends.items()},
            total=sum(file.rows for file in described.files) + common,
            next_place=next_place,
        )
        return verified, described.start_offsets

    async def _commits(
        self, view: View, place: InTable, described: TableDescription, verifier: CommitVerifier
    ) -> Place | None:
        """Verify commits from the place on; gives the next one."""
        if place.before is not None:
            known = await self.store.transaction(place.before)
            if known is None or known[0] != view.view_rid:
                raise InvalidPageTokenError(token_of(place))
        # One more than is verified: a commit says where the one after it had to begin.
        limit = _COMMITS_MAX + 1
        found = await self.store.transactions([view.view_rid], before=place.before, limit=limit)
        commits = [commit for _, commit in found]
        if place.before is None:
            await verifier.verify_end(described, commits[0] if commits else None)
        taken = _within(commits[:_COMMITS_MAX])
        is_last = taken == len(commits)
        await verifier.verify(commits[:taken], None if is_last else commits[taken])
        return None if is_last else InTable(view.view_rid, commits[taken - 1].rid)


def _within(commits: Sequence[ArchiveTransaction]) -> int:
    """Tell how many of the first commits one part takes."""
    rows = 0
    for at, commit in enumerate(commits):
        rows += commit.rows
        if rows > _ROWS_MAX and at:
            return at
    return len(commits)


def _verified(
    findings: Findings, *, waiting: Offsets, total: int, next_place: Place | None
) -> Verified:
    """Write what a part found; *waiting* has each partition of the stream."""
    return Verified(
        verified_records=findings.verified.total(),
        compared_records=findings.compared.total(),
        unproven_records=findings.unproven.total(),
        waiting_records=sum(waiting.values()),
        total_records=total,
        partitions=[
            PartitionVerified(
                partition_id=str(one),
                verified_records=findings.verified[one],
                compared_records=findings.compared[one],
                unproven_records=findings.unproven[one],
                waiting_records=waiting[one],
            )
            for one in sorted(waiting)
        ],
        problems=findings.problems,
        next_page_token=None if next_place is None else token_of(next_place),
    )
