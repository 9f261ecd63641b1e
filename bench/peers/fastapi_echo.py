"""What people write by hand: a FastAPI route that parses a record and gives it back."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Record(BaseModel):
    """The record of the walk-through."""

    sensor_id: str
    temperature: float | None = None
    created_at: int | None = None


class Request(BaseModel):
    """The body of ``publishRecord``."""

    record: Record


@app.post("/echo")
async def echo(request: Request) -> Request:
    """Give the request back; nothing is stored."""
    return request
