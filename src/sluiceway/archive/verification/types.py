"""What is asked for, and what is found."""

import enum
from typing import Annotated

import msgspec

from sluiceway.foundation.rids import TransactionRid


class ProblemKind(enum.StrEnum):
    """What is wrong with the records of a range of offsets."""

    RECORDS_DIFFER = "RECORDS_DIFFER"
    """As many rows as records, and not the same ones."""
    RECORDS_MISSING = "RECORDS_MISSING"
    """Fewer rows than records."""
    RECORDS_REPEATED = "RECORDS_REPEATED"
    """More rows than records, or rows out of the order of their offsets."""
    NOT_COMMITTED = "NOT_COMMITTED"
    """The table says that it is past this range, and no commit brought the range."""
    NOT_ANNOUNCED = "NOT_ANNOUNCED"
    """There are rows past where the table says that it is."""


class VerifyStreamRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Asks for the next part of a verification, or for the first."""

    page_token: Annotated[str, msgspec.Meta(max_length=2_048)] | None = None
    """What the part before answered."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Records that are not in the table as they were pushed."""

    kind: ProblemKind
    partition_id: str
    start_offset: int
    end_offset: int
    """Exclusive."""
    description: str
    transaction_rid: TransactionRid | None = None
    """The commit of those records; missing when the log was compared with the table."""


class PartitionVerified(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one part of a verification found of one partition."""

    partition_id: str
    verified_records: int
    compared_records: int
    unproven_records: int
    waiting_records: int
    """As it stands now, not of this part alone."""


class Verified(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What one part of a verification found."""

    verified_records: int
    """How many records of the table were read and are as they were pushed."""
    compared_records: int
    """How many of those that the log still has were compared with the table and are the same."""
    unproven_records: int
    """How many could not be held against anything; see the guide."""
    waiting_records: int
    """How many are in the log only, as the archive has not come to them."""
    total_records: int
    """How many are to be verified and compared in all parts together, as it stands now."""
    partitions: list[PartitionVerified]
    """The same for each partition of the stream, in their order."""
    problems: list[Problem] = []
    next_page_token: str | None = None
    """Ask for the next part with it; without one this was the last."""
