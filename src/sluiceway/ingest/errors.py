"""What may be wrong with a publish. Names: ``foundry_sdk/v2/streams/errors.py``."""

from collections.abc import Mapping
from typing import Any

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid
from sluiceway.ingest.identity import ProducerPosition
from sluiceway.schema.errors import RecordsInvalidError
from sluiceway.streams.types import View


class RecordDoesNotMatchStreamSchemaError(SluicewayError):
    """At least one record does not fit the schema; none of the request was stored.

    Beside Foundry's own parameters it says how many records are bad, and of the first of them
    which field, what was expected, what was found and why.
    """

    code = ErrorCode.INVALID_ARGUMENT
    name = "RecordDoesNotMatchStreamSchema"

    def __init__(self, view: View, error: RecordsInvalidError) -> None:
        first = error.problems[0]
        where = f"record {first.index}" + (f", field {first.path!r}" if first.path else "")
        super().__init__(
            f"records that do not match the schema: {error.invalid_count}; {where}:"
            f" expected {first.expected}, found {first.found}",
            datasetRid=view.dataset_rid,
            branchName=view.branch_name,
            viewRid=view.view_rid,
            invalidRecordCount=error.invalid_count,
            invalidRecords=error.problems,
        )


class _PublishPermissionDeniedError(SluicewayError):
    """The caller sees the stream but may not publish to it."""

    code = ErrorCode.PERMISSION_DENIED

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"you need the role Editor to publish to branch {branch_name!r} of {dataset_rid}",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
        )


class PublishRecordPermissionDeniedError(_PublishPermissionDeniedError):
    """The caller sees the stream but may not publish a record to it."""

    name = "PublishRecordToStreamPermissionDenied"


class PublishRecordsPermissionDeniedError(_PublishPermissionDeniedError):
    """The caller sees the stream but may not publish records to it."""

    name = "PublishRecordsToStreamPermissionDenied"


class PublishBinaryRecordPermissionDeniedError(_PublishPermissionDeniedError):
    """The caller sees the stream but may not publish a binary record to it."""

    name = "PublishBinaryRecordToStreamPermissionDenied"


class FailedToProcessBinaryRecordError(SluicewayError):
    """The stream's schema is not exactly one binary field (Foundry answers 500 to that)."""

    code = ErrorCode.INTERNAL
    name = "FailedToProcessBinaryRecord"

    def __init__(self, view: View) -> None:
        facts: dict[str, Any] = {
            "datasetRid": view.dataset_rid,
            "branchName": view.branch_name,
            "viewRid": view.view_rid,
        }
        super().__init__("the stream's schema is not exactly one binary field", **facts)


class IdempotencyKeyReusedError(SluicewayError):
    """The request says that it was sent before, but its records are others."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "IdempotencyKeyReused"
    status = 422

    def __init__(self, header: str, value: str) -> None:
        super().__init__(
            f"{header} {value!r} came with other records before; a new request needs a new one",
            header=header,
            value=value,
        )


class IdempotencyKeyInUseError(SluicewayError):
    """The request with this key is on its way; ask again for its outcome."""

    code = ErrorCode.CONFLICT
    name = "IdempotencyKeyInUse"
    retryable = True
    headers: Mapping[str, str] = {"Retry-After": "1"}

    def __init__(self, key: str) -> None:
        super().__init__(
            f"a request with the Idempotency-Key {key!r} is on its way", idempotencyKey=key
        )


class ProducerFencedError(SluicewayError):
    """A later epoch of this producer has written: this one is over."""

    code = ErrorCode.PERMISSION_DENIED
    name = "ProducerFenced"

    def __init__(self, position: ProducerPosition, current_epoch: int) -> None:
        super().__init__(
            f"epoch {position.epoch} of producer {position.producer_id!r} is over,"
            f" it is at {current_epoch}",
            producerId=position.producer_id,
            receivedEpoch=position.epoch,
            currentEpoch=current_epoch,
        )
        self.headers = {"Producer-Epoch": str(current_epoch)}


class ProducerSequenceGapError(SluicewayError):
    """The requests of this producer before this one have not arrived; send them first."""

    code = ErrorCode.CONFLICT
    name = "ProducerSequenceGap"

    def __init__(self, position: ProducerPosition, expected: int) -> None:
        super().__init__(
            f"producer {position.producer_id!r} sent number {position.seq} of epoch"
            f" {position.epoch}, the next one is {expected}",
            producerId=position.producer_id,
            epoch=position.epoch,
            expectedSeq=expected,
            receivedSeq=position.seq,
        )
        self.headers = {
            "Producer-Expected-Seq": str(expected),
            "Producer-Received-Seq": str(position.seq),
        }


class InvalidReceiptError(SluicewayError):
    """The receipt's id is not one that this server gave for the stream."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidReceipt"

    def __init__(self, reason: str) -> None:
        super().__init__(f"this is no receipt of this stream: {reason}", reason=reason)
