"""The commits of a table, held against its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sluiceway.archive.tables import ArchiveTables
from sluiceway.archive.types import ArchiveTransaction, Offsets, TableDescription, TableName
from sluiceway.archive.verification.findings import Expected, Findings
from sluiceway.archive.verification.types import ProblemKind

_OFFSET_MAX: Final = 2**62


@dataclass(frozen=True, slots=True)
class CommitVerifier:
    """Verifies commits of one table, the newest first."""

    tables: ArchiveTables
    table: TableName
    starts: Offsets
    """Where partitions begin that do not begin with 0: retention has deleted what was before."""
    findings: Findings

    async def verify(
        self, commits: Sequence[ArchiveTransaction], older: ArchiveTransaction | None
    ) -> None:
        """Verify *commits*, before the last of which there was *older*, or nothing.

        Raises:
            SluicewayError: The table cannot be read now.
        """
        ranges: list[Expected] = []
        for at, commit in enumerate(commits):
            before = commits[at + 1] if at + 1 < len(commits) else older
            reached = {} if before is None else before.next_offsets
            ranges += self._ranges(commit, reached)
        ranges.sort(key=lambda one: (one.partition, one.first))
        for run in _runs(ranges):
            bounds = [one.first for one in run] + [run[-1].end]
            digests = await self.tables.digest(self.table, run[0].partition, bounds)
            for expected, found in zip(run, digests, strict=True):
                if not expected.sha256:
                    self.findings.unproven[expected.partition] += found.rows
                elif self.findings.is_as_expected(expected, found):
                    self.findings.verified[expected.partition] += found.rows

    def _ranges(self, commit: ArchiveTransaction, reached: Mapping[int, int]) -> Iterator[Expected]:
        """Give what *commit* added and is still there; before it the table was at *reached*."""
        for partition, (first, end) in commit.ranges.items():
            start = self.starts.get(partition, 0)
            if first > max(reached.get(partition, 0), start):
                self._missing(partition, max(reached.get(partition, 0), start), first)
            if end <= start:
                continue
            # Of a range that was deleted in part the rest cannot be told from its hash.
            sha256 = commit.digests.get(partition, "") if first >= start else ""
            yield Expected(partition, max(first, start), end, sha256, commit.rid)

    def _missing(self, partition: int, first: int, end: int) -> None:
        text = "no commit brought these offsets"
        self.findings.add(ProblemKind.NOT_COMMITTED, partition, first, end, text)

    async def verify_end(
        self, described: TableDescription, newest: ArchiveTransaction | None
    ) -> None:
        """Verify that the commits reach to where the table says that it is, and no row beyond.

        Raises:
            SluicewayError: The table cannot be read now.
        """
        reached = {} if newest is None else newest.next_offsets
        for partition, end in described.next_offsets.items():
            if end > reached.get(partition, 0):
                self._missing(partition, reached.get(partition, 0), end)
            (found,) = await self.tables.digest(self.table, partition, [end, _OFFSET_MAX])
            if found.rows and await self._is_still(partition, end):
                text = f"{found.rows} rows are past where the table says that it is"
                kind = ProblemKind.NOT_ANNOUNCED
                self.findings.add(kind, partition, end, end + found.rows, text)

    async def _is_still(self, partition: int, end: int) -> bool:
        """Tell whether the table is where it was, so that no commit brought what lies beyond."""
        now = await self.tables.describe(self.table)
        return now.next_offsets.get(partition, 0) == end


def _runs(ranges: Sequence[Expected]) -> Iterator[list[Expected]]:
    """Give ranges together that follow each other; those of one run are read in one go."""
    for _, of_partition in groupby(ranges, key=lambda one: one.partition):
        run: list[Expected] = []
        for one in of_partition:
            if run and run[-1].end != one.first:
                yield run
                run = []
            run.append(one)
        yield run
