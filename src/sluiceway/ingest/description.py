"""What the OpenAPI document says of bodies that the handlers read by themselves."""

from dataclasses import dataclass
from typing import Final

from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Reference,
    RequestBody,
    Schema,
)
from litestar.openapi.spec import Operation as OpenAPIOperation

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


def described(call: Call) -> type[OpenAPIOperation]:
    """Make the OpenAPI operation of a call whose body the handler reads by itself."""

    @dataclass
    class PublishOperation(OpenAPIOperation):
        def __post_init__(self) -> None:
            content: dict[str, OpenAPIMediaType] = {
                media_type: OpenAPIMediaType(schema=_BODIES[kind])
                for media_type, kind in call.bodies.items()
            }
            self.request_body: RequestBody | Reference | None = RequestBody(content, required=True)

    return PublishOperation
