"""Bytes that were copied, counted on a terminal."""

import sys
import time
from typing import Final, Self

import click

_EVERY_SECONDS: Final = 0.2
_UNIT: Final = 1024
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB")


def written_size(size: int) -> str:
    """Write a number of bytes as people read it."""
    amount, units = float(size), list(_UNITS)
    while amount >= _UNIT and len(units) > 1:
        amount /= _UNIT
        del units[0]
    return f"{amount:.1f} {units[0]}" if units[0] != _UNITS[0] else f"{size} bytes"


class ByteCounter:
    """Shows on stderr how much was copied; nothing where that is no terminal."""

    def __init__(self, word: str) -> None:
        self._word = word
        self._bytes = 0
        self._next = 0.0
        self._is_shown = sys.stderr.isatty()

    def add(self, size: int) -> None:
        """Count *size* bytes more."""
        self._bytes += size
        if self._is_shown and time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY_SECONDS
            click.echo(f"\r{self._word} {written_size(self._bytes)}   ", nl=False, err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown and self._bytes:
            click.echo("\r" + " " * 40 + "\r", nl=False, err=True)
