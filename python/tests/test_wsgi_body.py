"""The WSGI middleware and the body: what it finds there, and what the app reads after it."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterable
from typing import Any, Callable

import pytest
from hypothesis import given, strategies as st

from rum_llm_correlation import RumSessionWSGI
from rum_llm_correlation.scanned_body import BodyRule, RequestHead
from rum_llm_correlation.wsgi_input import InputAhead

SESSION = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
TAG = f"_dd.p.llmobs_sid={SESSION}"
BODY = json.dumps({"session_id": SESSION, "message": "x" * 50}).encode()


class Socket(io.RawIOBase):
    """A connection that goes on after the body: to read more than the body has is a fault."""

    def __init__(self, body: bytes) -> None:
        self._body = io.BytesIO(body)
        self._left = len(body)

    def read(self, size: int = -1) -> bytes:
        assert 0 <= size <= self._left, "The server would wait here"
        self._left -= size
        return self._body.read(size)


def environ_of(body: bytes, **environ: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/chat",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **environ,
    }


def call(environ: dict[str, Any], read: Callable[[Any], Any] = lambda stream: None, **options: Any) -> Any:
    """Returns what the app has read. The environ is the one that the app got."""
    results: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        results.append(read(environ["wsgi.input"]))
        return []

    RumSessionWSGI(app, **options)(environ, None)  # type: ignore[arg-type]
    return results[0]


@pytest.mark.parametrize(
    ("environ", "options", "found"),
    [
        ({}, {}, True),
        ({"REQUEST_METHOD": "PUT", "CONTENT_TYPE": "text/plain; charset=utf-8"}, {}, True),
        ({"CONTENT_TYPE": "application/x-www-form-urlencoded"}, {}, True),
        ({"HTTP_CONTENT_ENCODING": "identity"}, {}, True),
        ({"SCRIPT_NAME": "/api"}, {"body": ["/api/chat"]}, True),
        ({"HTTP_CONTENT_ENCODING": "br"}, {}, False),
        ({"HTTP_EXPECT": "100-continue"}, {}, False),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, {}, False),
        ({"CONTENT_LENGTH": ""}, {}, False),
        ({"CONTENT_LENGTH": "many"}, {}, False),
        ({"CONTENT_LENGTH": None}, {}, False),
        ({"REQUEST_METHOD": "DELETE"}, {}, False),
        ({"CONTENT_TYPE": ""}, {}, False),
        ({}, {"body": False}, False),
        ({}, {"body": ["/agents"]}, False),
        ({}, {"field": "sid"}, False),
    ],
)
def test_which_bodies_are_looked_at(environ: dict[str, Any], options: dict[str, Any], found: bool) -> None:
    all_of_it = environ_of(BODY, **environ)
    stream = all_of_it["wsgi.input"]
    assert call(all_of_it, lambda stream: stream.read(len(BODY)), **options) == BODY
    assert all_of_it.get("HTTP_X_DATADOG_TAGS") == (TAG if found else None)
    assert found or options or all_of_it["wsgi.input"] is stream


READS: dict[str, Callable[[Any, int], bytes]] = {
    "at once": lambda stream, size: stream.read(size),
    "by the byte": lambda stream, size: b"".join(stream.read(1) for _ in range(size)),
    "in parts": lambda stream, size: b"".join(stream.read(min(999, size - at)) for at in range(0, size, 999)),
    "a little, then the rest": lambda stream, size: stream.read(10) + stream.read(size - 10),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("size", [0, 100, 5_000, 66_000, 2_000_000])
def test_every_byte_comes_again_and_the_server_is_never_asked_for_more(
    read: Callable[[Any, int], bytes], size: int
) -> None:
    body = json.dumps({"a": "x" * size, "session_id": SESSION}).encode()
    environ = environ_of(body, **{"wsgi.input": Socket(body)})
    assert call(environ, lambda stream: read(stream, len(body))) == body
    assert ("HTTP_X_DATADOG_TAGS" in environ) == (size < 65_000)


@pytest.mark.parametrize(
    "read",
    [
        lambda stream: stream.read(),
        lambda stream: stream.read(-1),
        lambda stream: stream.read(None),
        lambda stream: b"".join(iter(lambda: stream.read(1000), b"")),
        lambda stream: b"".join(iter(lambda: stream.readline(), b"")),
        lambda stream: b"".join(iter(lambda: stream.readline(7), b"")),
        lambda stream: b"".join(stream.readlines()),
        lambda stream: stream.readline() + b"".join(stream.readlines(5_000)) + stream.read(),
        lambda stream: b"".join(stream),
    ],
)
def test_each_way_to_read_joins_what_was_read_ahead_with_the_rest(read: Callable[[Any], bytes]) -> None:
    body = b'{"a":\n"' + b"x" * 4_096 + b'",\n"b":[' + b"1,\n" * 30_000 + b"1]}"
    assert call(environ_of(body), read) == body


reads = st.tuples(st.sampled_from(["read", "readline"]), st.sampled_from([-1, 0, 1, 5, 4_096, 5_000, 70_000]))


@given(st.lists(st.integers(1, 9_000), min_size=1, max_size=6), st.lists(reads, max_size=12))
def test_it_reads_as_the_server_s_own_stream_does(lines: list[int], steps: list[tuple[str, int]]) -> None:
    body = b"".join(b"x" * length + b"\n" for length in lines)
    ahead, native = InputAhead(io.BytesIO(body)), io.BytesIO(body)
    head = RequestHead("POST", "/", {"content-type": "text/plain", "content-length": str(max(len(body), 40))})
    scanned = BodyRule("session_id", True).body_of(head)
    assert scanned is not None
    ahead.look(scanned)
    for method, size in steps:
        assert getattr(ahead, method)(size) == getattr(native, method)(size)
    assert ahead.readlines() == native.readlines()


class Broken(io.BytesIO):
    """Fails at the second read."""

    reads = 0

    def read(self, size: int | None = -1) -> bytes:
        self.reads += 1
        if self.reads == 2:
            raise OSError("gone")
        return super().read(size)


def test_an_error_of_the_input_reaches_the_app_once() -> None:
    body = b'{"a":"' + b"x" * 9_000 + b'"}'

    def read(stream: Any) -> Any:
        assert stream.read(100) == body[:100]
        with pytest.raises(OSError, match="gone"):
            stream.read(len(body) - 100)
        return stream.read(len(body) - 100)

    assert call(environ_of(body, **{"wsgi.input": Broken(body)}), read) == body[100:]


def test_what_else_the_stream_has_stays_but_for_ways_around_what_was_read_ahead() -> None:
    def read(stream: Any) -> None:
        assert stream.closed is False
        for name in ("seek", "tell", "readinto", "read1", "getvalue"):
            assert not hasattr(stream, name)

    call(environ_of(BODY), read)


def test_an_environ_without_an_input_is_the_app_s_to_answer() -> None:
    environ = environ_of(BODY)
    del environ["wsgi.input"]
    with pytest.raises(KeyError):
        call(environ)


def test_time_grows_as_the_body_does_when_it_is_read_by_the_byte() -> None:
    def seconds(size: int) -> float:
        body = b'{"a":"' + b"x" * size + b'"}'
        start = time.process_time()
        call(environ_of(body), lambda stream: READS["by the byte"](stream, len(body)))
        return time.process_time() - start

    seconds(100)
    assert seconds(60_000) < 40 * max(seconds(3_000), 0.002)
