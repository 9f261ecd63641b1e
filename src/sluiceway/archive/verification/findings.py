"""What one part of a verification finds, as it goes on."""

from collections import Counter
from dataclasses import dataclass, field

from sluiceway.archive.types import RowsDigest
from sluiceway.archive.verification.types import Problem, ProblemKind
from sluiceway.foundation.rids import TransactionRid


@dataclass(frozen=True, slots=True)
class Expected:
    """Records of one partition whose offsets have no gap, and what they are."""

    partition: int
    first: int
    end: int
    sha256: str
    """Of their lines, each with its newline."""
    transaction_rid: TransactionRid | None = None


@dataclass(slots=True)
class Findings:
    """Counts records by what is known of them, and takes note of what is wrong."""

    verified: Counter[int] = field(default_factory=Counter)
    """By partition."""
    compared: Counter[int] = field(default_factory=Counter)
    unproven: Counter[int] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def is_as_expected(self, expected: Expected, found: RowsDigest) -> bool:
        """Tell whether rows are what is expected; if not, that is noted."""
        records = expected.end - expected.first
        if found.rows < records:
            kind = ProblemKind.RECORDS_MISSING
            text = f"{found.rows} rows of {records} records"
        elif found.rows > records or not found.is_ordered:
            kind = ProblemKind.RECORDS_REPEATED
            text = f"{found.rows} rows of {records} records, or out of order"
        elif found.sha256 != expected.sha256:
            kind = ProblemKind.RECORDS_DIFFER
            text = "the rows are not what was pushed"
        else:
            return True
        self.add(
            kind, expected.partition, expected.first, expected.end, text, expected.transaction_rid
        )
        return False

    def add(
        self,
        kind: ProblemKind,
        partition: int,
        first: int,
        end: int,
        description: str,
        transaction_rid: TransactionRid | None = None,
    ) -> None:
        """Take note of something that is wrong with a range of offsets."""
        self.problems.append(
            Problem(
                kind=kind,
                partition_id=str(partition),
                start_offset=first,
                end_offset=end,
                description=description,
                transaction_rid=transaction_rid,
            )
        )
