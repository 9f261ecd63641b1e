"""``foundry_sdk`` against a real server: queries in SQL."""

from typing import Any

import pytest
from foundry_sdk.v2.sql_queries.errors import (
    QueryParseError,
    QueryPermissionDenied,
    ReadQueryInputsPermissionDenied,
)

from fixtures.api import Api
from fixtures.clients import Sdk, answer
from fixtures.sql import orders


async def test_a_query_is_executed_watched_and_read(client: Any, api: Api):
    stream = orders(api)
    queries = client.sql_queries.SqlQuery

    begun = await answer(
        queries.execute(
            query=f"SELECT city, count(*) AS n FROM `{stream.rid}` GROUP BY 1 ORDER BY 1"
        )
    )
    found = await answer(queries.get_results(begun.query_id))
    status = await answer(queries.get_status(begun.query_id))

    assert found.to_pyarrow().to_pylist() == [{"city": "Bergen", "n": 3}, {"city": "Oslo", "n": 3}]
    assert (status.type, status.query_id) == ("succeeded", begun.query_id)


async def test_a_query_is_canceled(client: Any):
    queries = client.sql_queries.SqlQuery
    begun = await answer(
        queries.execute(query="SELECT count(*) FROM range(100000000000) a, range(1000) b")
    )

    await answer(queries.cancel(begun.query_id))

    assert (await answer(queries.get_status(begun.query_id))).type == "canceled"


async def test_errors_have_the_names_that_the_client_knows(sdk: Sdk, client: Any, api: Api):
    stream = orders(api)
    user_id, user = api.new_user()
    api.grant(stream.rid, user_id, "discoverer")
    queries = sdk.as_(user.token).sql_queries.SqlQuery

    with pytest.raises(QueryParseError) as wrong:
        await answer(client.sql_queries.SqlQuery.execute(query="SELECT FROM"))
    with pytest.raises(ReadQueryInputsPermissionDenied) as denied:
        await answer(queries.execute(query=f'SELECT * FROM "{stream.rid}"'))
    with pytest.raises(QueryPermissionDenied):
        await answer(queries.get_status("nothing"))

    assert "syntax error" in wrong.value.parameters["errorMessage"]
    assert denied.value.parameters["rids"] == [stream.rid]
