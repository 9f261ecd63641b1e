"""What the OpenAPI document says of bodies and headers that the handlers read by themselves."""

from dataclasses import dataclass
from typing import Final

from litestar.openapi.spec import (
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)
from litestar.openapi.spec import Operation as OpenAPIOperation

from sluiceway.ingest.bulk.conversion import Bulk
from sluiceway.ingest.identity import NAME_LENGTH_MAX
from sluiceway.ingest.types import Binary, BodyKind, Call
from sluiceway.schema.shapes import Shape

_RECORD: Final = Schema(type=OpenAPIType.OBJECT, description="A record of the stream's schema.")
_VIEW_RID: Final = Schema(type=OpenAPIType.STRING, description="Write to this view or not at all.")
_BODIES: Final[dict[BodyKind, Schema]] = {
    Shape.RECORD: Schema(
        type=OpenAPIType.OBJECT,
        properties={"record": _RECORD, "viewRid": _VIEW_RID},
        required=["record"],
        additional_properties=False,
    ),
    Shape.RECORDS: Schema(
        type=OpenAPIType.OBJECT,
        properties={
            "records": Schema(type=OpenAPIType.ARRAY, items=_RECORD, min_items=1),
            "viewRid": _VIEW_RID,
        },
        required=["records"],
        additional_properties=False,
    ),
    Shape.BARE_RECORDS: Schema(type=OpenAPIType.ARRAY, items=_RECORD, min_items=1),
    Shape.LINES: Schema(
        type=OpenAPIType.STRING,
        description="One record, a JSON object, in each line.",
    ),
    Binary.OCTETS: Schema(type=OpenAPIType.STRING, content_media_type="application/octet-stream"),
    Shape.LEGACY_RECORD: _RECORD,
    Shape.LEGACY_RECORDS: Schema(
        type=OpenAPIType.ARRAY,
        min_items=1,
        items=Schema(
            type=OpenAPIType.OBJECT,
            properties={"value": _RECORD},
            required=["value"],
            additional_properties=False,
        ),
    ),
}

_BULK: Final = {
    Bulk.ARROW: "Records in an Arrow IPC stream.",
    Bulk.AVRO: "Records in an Avro object container file.",
}

_IDENTITY: Final = [
    Parameter(
        name=name,
        param_in="header",
        schema=Schema(type=OpenAPIType.STRING, max_length=NAME_LENGTH_MAX),
        description=description,
    )
    for name, description in {
        "Idempotency-Key": "A key made for this request; sent again with it, it is stored once.",
        "Producer-Id": "The name of an ordered producer; with its epoch and number.",
        "Producer-Epoch": "Raised each time the producer starts anew.",
        "Producer-Seq": "The producer's number of this request, from 0 in each epoch.",
    }.items()
]
_REPEATED: Final = OpenAPIResponse(description="The producer's request was stored before.")
_ERROR: Final = {
    "application/json": OpenAPIMediaType(schema=Reference("#/components/schemas/Error"))
}
_REUSED: Final = OpenAPIResponse(
    description="The key, or the producer's number, came with other records before.",
    content=_ERROR,
)
_RETRY_AFTER: Final = "Seconds after which to send the request again."


def _headers(**described: str) -> dict[str, OpenAPIHeader | Reference]:
    return {
        name.replace("_", "-"): OpenAPIHeader(
            schema=Schema(type=OpenAPIType.STRING if name == "QoS_Due_To" else OpenAPIType.INTEGER),
            description=description,
        )
        for name, description in described.items()
    }


_LIMITED: Final = OpenAPIResponse(
    description="A limit of the caller or the stream is reached; nothing was stored.",
    content=_ERROR,
    headers=_headers(
        Retry_After=_RETRY_AFTER,
        X_RateLimit_Limit="The limit that was reached: requests per minute, or at once.",
        X_RateLimit_Remaining="Requests left: 0.",
        X_RateLimit_Reset="Seconds after which the whole allowance is there again.",
        QoS_Due_To="`custom`: the limit is not one of the whole server.",
    ),
)
_BUSY: Final = OpenAPIResponse(
    description="The server has as much to do as it takes, or cannot write now.",
    content=_ERROR,
    headers=_headers(Retry_After=_RETRY_AFTER),
)


def described(call: Call) -> type[OpenAPIOperation]:
    """Make the OpenAPI operation of a call whose body the handler reads by itself."""

    @dataclass
    class PublishOperation(OpenAPIOperation):
        def __post_init__(self) -> None:
            content: dict[str, OpenAPIMediaType] = {
                media_type: OpenAPIMediaType(schema=_BODIES[kind])
                for media_type, kind in call.bodies.items()
            }
            for media_type, bulk in call.bulk.items():
                schema = Schema(
                    type=OpenAPIType.STRING,
                    content_media_type=media_type,
                    description=_BULK[bulk],
                )
                content[media_type] = OpenAPIMediaType(schema=schema)
            self.request_body: RequestBody | Reference | None = RequestBody(content, required=True)
            self.parameters = [*(self.parameters or ()), *_IDENTITY]
            self.responses = {
                **(self.responses or {}),
                "422": _REUSED,
                "429": _LIMITED,
                "503": _BUSY,
            }
            self.responses.setdefault("204", _REPEATED)

    return PublishOperation
