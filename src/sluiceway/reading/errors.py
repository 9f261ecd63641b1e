"""What may be wrong with a read. Names: ``foundry_sdk/v2/streams/errors.py``."""

from collections.abc import Mapping

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid


class _ReadPermissionDeniedError(SluicewayError):
    """The caller sees the stream but may not read it."""

    code = ErrorCode.PERMISSION_DENIED

    def __init__(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"you need the role Viewer to read branch {branch_name!r} of {dataset_rid}",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
        )


class GetRecordsPermissionDeniedError(_ReadPermissionDeniedError):
    """The caller sees the stream but may not read its records."""

    name = "GetRecordsFromStreamPermissionDenied"


class GetEndOffsetsPermissionDeniedError(_ReadPermissionDeniedError):
    """The caller sees the stream but may not read its end offsets."""

    name = "GetEndOffsetsForStreamPermissionDenied"


class ViewStreamPermissionDeniedError(_ReadPermissionDeniedError):
    """The caller knows of the stream but may not see its schema, statistics and activity."""

    name = "ViewStreamPermissionDenied"


class SubscriberPermissionDeniedError(SluicewayError):
    """The caller sees the stream but may not do this with its subscribers."""

    code = ErrorCode.PERMISSION_DENIED
    role = "Editor"

    def __init__(self, dataset_rid: DatasetRid, branch_name: str, subscriber_id: str) -> None:
        super().__init__(
            f"you need the role {self.role} on {dataset_rid} for this",
            datasetRid=dataset_rid,
            streamBranchName=branch_name,
            subscriberSubscriberId=subscriber_id,
        )


class CreateSubscriberPermissionDeniedError(SubscriberPermissionDeniedError):
    """The caller may not create subscribers of the stream."""

    name = "CreateSubscriberPermissionDenied"


class DeleteSubscriberPermissionDeniedError(SubscriberPermissionDeniedError):
    """The caller may not delete subscribers of the stream."""

    name = "DeleteSubscriberPermissionDenied"


class GetReadPositionPermissionDeniedError(SubscriberPermissionDeniedError):
    """The caller may not read the positions of the stream's subscribers."""

    name = "GetSubscriberReadPositionPermissionDenied"
    role = "Viewer"


class ReadRecordsPermissionDeniedError(SubscriberPermissionDeniedError):
    """The caller may not read records through the stream's subscribers."""

    name = "ReadRecordsFromSubscriberPermissionDenied"
    role = "Viewer"


class CommitOffsetsPermissionDeniedError(SubscriberPermissionDeniedError):
    """The caller may not commit offsets of the stream's subscribers."""

    name = "CommitSubscriberOffsetsPermissionDenied"


class ResetOffsetsPermissionDeniedError(SubscriberPermissionDeniedError):
    """The caller may not reset the stream's subscribers."""

    name = "ResetSubscriberOffsetsPermissionDenied"


class SubscriberNotFoundError(SluicewayError):
    """The stream has no such subscriber."""

    code = ErrorCode.NOT_FOUND
    name = "SubscriberNotFound"

    def __init__(self, subscriber_id: str) -> None:
        super().__init__(
            f"the stream has no subscriber {subscriber_id[:100]!r}",
            subscriberId=subscriber_id[:255],
        )


class SubscriberAlreadyExistsError(SluicewayError):
    """A subscriber of another stream has this id."""

    code = ErrorCode.CONFLICT
    name = "SubscriberAlreadyExists"

    def __init__(self, subscriber_id: str, dataset_rid: DatasetRid, branch_name: str) -> None:
        super().__init__(
            f"subscriber {subscriber_id[:100]!r} belongs to another stream",
            subscriberId=subscriber_id,
            existingDatasetRid=dataset_rid,
            existingBranchName=branch_name,
        )


class TooManySubscribersError(SluicewayError):
    """The stream has as many subscribers as it may have."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "TooManySubscribers"

    def __init__(self, dataset_rid: DatasetRid, subscribers_max: int) -> None:
        super().__init__(
            f"{dataset_rid} has {subscribers_max} subscribers, the most that it may have",
            datasetRid=dataset_rid,
            subscribersMax=subscribers_max,
        )


class InvalidPartitionError(SluicewayError):
    """The stream has no such partition."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidPartitionId"

    def __init__(self, partition_id: str, partitions: int) -> None:
        super().__init__(
            f"partition {partition_id[:40]!r}: the stream has partitions 0 to {partitions - 1}",
            partitionId=partition_id[:40],
            partitionsCount=partitions,
        )


class InvalidOffsetError(SluicewayError):
    """The offset is negative or past the end of its partition."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidOffset"

    def __init__(self, partition: int, offset: int, offset_max: int) -> None:
        super().__init__(
            f"offset {offset} of partition {partition}: must be 0 to {offset_max}",
            partitionId=str(partition),
            offset=offset,
            offsetMax=offset_max,
        )


class InvalidLastEventIdError(SluicewayError):
    """The id is not one that a live tail of this stream, or of this partition, has given."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidLastEventId"

    def __init__(self, last_event_id: str, reason: str) -> None:
        shown = last_event_id[:100]
        super().__init__(
            f"cannot go on behind event {shown!r}: {reason}", lastEventId=shown, reason=reason
        )


class TooManyWaitingRequestsError(SluicewayError):
    """As many requests wait for records as may at once; ask again, or without ``waitMs``."""

    code = ErrorCode.CUSTOM_CLIENT
    name = "TooManyWaitingRequests"
    status = 429
    retryable = True
    headers: Mapping[str, str] = {"Retry-After": "1"}

    def __init__(self, waiting_requests_max: int) -> None:
        super().__init__(
            f"{waiting_requests_max} requests wait for records, the most at once; try again",
            waitingRequestsMax=waiting_requests_max,
        )
