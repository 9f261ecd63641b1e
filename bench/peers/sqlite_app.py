"""What people write by hand: a FastAPI route that checks a record and inserts it into SQLite.

Each answer is given when its own transaction is synced. The database is ``$PEER_FOLDER/db``.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosqlite
from fastapi import FastAPI
from pydantic import BaseModel


class Record(BaseModel):
    """The record of the walk-through."""

    sensor_id: str
    temperature: float | None = None
    created_at: int | None = None


class Request(BaseModel):
    """The body of ``publishRecord``."""

    record: Record


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the database in the mode that is usual for this, and safe."""
    async with aiosqlite.connect(f"{os.environ['PEER_FOLDER']}/db") as database:
        await database.execute("PRAGMA journal_mode = WAL")
        await database.execute("PRAGMA synchronous = FULL")
        await database.execute("CREATE TABLE records (id INTEGER PRIMARY KEY, value TEXT)")
        app.state.database = database
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/records", status_code=204)
async def insert(request: Request) -> None:
    """Store one record."""
    database: aiosqlite.Connection = app.state.database
    value = request.record.model_dump_json()
    await database.execute("INSERT INTO records (value) VALUES (?)", (value,))
    await database.commit()
