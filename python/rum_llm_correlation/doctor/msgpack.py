"""Reads MessagePack, in which ddtrace sends its traces."""

from __future__ import annotations

import struct
from typing import Any

#: Numbers, by their first byte. https://github.com/msgpack/msgpack/blob/master/spec.md
_NUMBERS = dict(zip([*range(0xCA, 0xD4)], [f">{code}" for code in "fdBHIQbhiq"]))
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
#: What has a length in front of it, and how many bytes that length has.
_TEXTS = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_BYTES = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_LISTS = {0xDC: 2, 0xDD: 4}
_MAPS = {0xDE: 2, 0xDF: 4}


def unpack(data: bytes) -> Any:
    """Reads MessagePack, as far as ddtrace writes it: without extensions."""
    return _read(data, 0)[0]


def _read(data: bytes, at: int) -> tuple[Any, int]:
    head, at = data[at], at + 1
    if head <= 0x7F or head >= 0xE0:
        return (head if head <= 0x7F else head - 0x100), at
    if head in _CONSTANTS:
        return _CONSTANTS[head], at
    if head in _NUMBERS:
        end = at + struct.calcsize(_NUMBERS[head])
        return struct.unpack(_NUMBERS[head], data[at:end])[0], end
    if head <= 0xBF:
        return _read_short(head, data, at)
    for widths, read in ((_TEXTS, _text), (_BYTES, _bytes), (_LISTS, _list), (_MAPS, _map)):
        if head in widths:
            start = at + widths[head]
            return read(data, start, int.from_bytes(data[at:start], "big"))
    raise ValueError(f"{head:#x} is no MessagePack that is read here")


def _read_short(head: int, data: bytes, at: int) -> tuple[Any, int]:
    """Maps, lists and texts whose length stands in their first byte."""
    if head <= 0x8F:
        return _map(data, at, head & 0x0F)
    if head <= 0x9F:
        return _list(data, at, head & 0x0F)
    return _text(data, at, head & 0x1F)


def _bytes(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    return data[at : at + length], at + length


def _text(data: bytes, at: int, length: int) -> tuple[str, int]:
    return data[at : at + length].decode("utf-8", "replace"), at + length


def _list(data: bytes, at: int, length: int) -> tuple[list[Any], int]:
    items = []
    for _ in range(length):
        item, at = _read(data, at)
        items.append(item)
    return items, at


def _map(data: bytes, at: int, length: int) -> tuple[dict[Any, Any], int]:
    pairs = {}
    for _ in range(length):
        key, at = _read(data, at)
        pairs[key], at = _read(data, at)
    return pairs, at
