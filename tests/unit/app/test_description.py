"""The OpenAPI document says who may call what, and how."""

from pathlib import Path
from typing import Any

import pytest

from sluiceway.app.description import Description, describe
from sluiceway.app.services import open_services
from sluiceway.app.web import create_app
from sluiceway.settings import load_settings

STREAM = "/api/v2/highScale/streams/datasets/{dataset_rid}/streams/{branch_name}"


@pytest.fixture
async def document(tmp_path: Path) -> dict[str, Any]:
    settings = load_settings(None, {}, {"server": {"data_dir": str(tmp_path)}})
    async with open_services(settings) as services:
        return describe(create_app(services).app)  # type: ignore[arg-type]  # Litestar itself


def parameters(operation: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one for one in operation.get("parameters", [])}


async def test_a_call_in_preview_says_so(document: dict[str, Any]) -> None:
    preview = parameters(document["paths"][f"{STREAM}/getRecords"]["get"])["preview"]
    publish = parameters(document["paths"][f"{STREAM}/publishRecords"]["post"])

    assert (preview["in"], preview["required"]) == ("query", True)
    assert "preview" not in publish


async def test_a_call_that_anybody_may_make_asks_for_no_token(document: dict[str, Any]) -> None:
    assert document["paths"]["/healthz"]["get"]["security"] == []
    assert "security" not in document["paths"][f"{STREAM}/getRecords"]["get"]
    assert document["security"] == [{"bearer": []}]


async def test_the_document_is_made_once(tmp_path: Path) -> None:
    settings = load_settings(None, {}, {"server": {"data_dir": str(tmp_path)}})
    async with open_services(settings) as services:
        app, description = create_app(services).app, Description()

        first = description.of(app)  # type: ignore[arg-type]  # Litestar itself

        assert description.of(app) is first  # type: ignore[arg-type]  # Litestar itself
