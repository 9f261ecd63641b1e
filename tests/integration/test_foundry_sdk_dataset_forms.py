"""``foundry_sdk`` in both its forms against a real server: a dataset from its making to its table."""

from typing import Any

import pyarrow as pa
from foundry_sdk.v2.core.models import DatasetFieldSchema, DatasetSchema

from fixtures.api import Api, unique
from fixtures.clients import answer, every


async def test_a_dataset_is_made_filled_and_read(client: Any, api: Api):
    dataset = client.datasets.Dataset
    columns = [DatasetFieldSchema(name="id", type="LONG", nullable=True)]

    made = await answer(dataset.create(name=unique("both"), parent_folder_rid=api.new_project()))
    opened = await answer(dataset.Transaction.create(made.rid, transaction_type="APPEND"))
    for name in ("2026/1.csv", "2026/2.csv"):
        await answer(dataset.File.upload(made.rid, name, b"id\n1\n", transaction_rid=opened.rid))
    await answer(dataset.Transaction.commit(made.rid, opened.rid))
    await answer(
        dataset.put_schema(
            made.rid,
            schema=DatasetSchema(field_schema_list=columns),
            dataframe_reader="CSV",
        )
    )
    content = await answer(dataset.read_table(made.rid, format="ARROW", columns=["id"]))

    files = await every(await answer(dataset.File.list(made.rid, page_size=1)))
    assert [file.path for file in files] == ["2026/1.csv", "2026/2.csv"]
    assert await answer(dataset.File.content(made.rid, "2026/1.csv")) == b"id\n1\n"
    assert pa.ipc.open_stream(content).read_all().to_pylist() == [{"id": 1}, {"id": 1}]
