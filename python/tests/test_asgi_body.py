"""The ASGI middleware and the body: what it finds there, and what the app receives after it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable
from typing import Any, Callable

import pytest

from rum_llm_correlation import RumSessionASGI
from rum_llm_correlation.asgi_types import Receive

from .support.asgi_ends import no_send

SESSION = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
OTHER = SESSION.replace("a", "b")
TAG = f"_dd.p.llmobs_sid={SESSION}".encode()
BODY = json.dumps({"session_id": SESSION, "message": "x" * 50}).encode()
JSON = (b"content-type", b"application/json")

DISCONNECT = {"type": "http.disconnect"}


def scope_of(
    *headers: tuple[bytes, bytes], method: str = "POST", path: str = "/chat", query: bytes = b""
) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "query_string": query, "headers": list(headers)}


def part(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


class Server:
    """Gives one message after the other; an exception among them is raised, a number is waited for."""

    def __init__(self, *messages: Any) -> None:
        self._messages = [*messages]
        self.calls = 0

    async def receive(self) -> Any:
        self.calls += 1
        message = self._messages.pop(0) if self._messages else DISCONNECT
        if isinstance(message, float):
            await asyncio.sleep(message)
            message = self._messages.pop(0)
        if isinstance(message, Exception):
            raise message
        return message


async def everything(receive: Receive) -> list[Any]:
    received: list[Any] = []
    while not received or received[-1] != DISCONNECT:
        try:
            received.append(await receive())
        except OSError as error:
            received.append(error)
    return received


def serve(
    scope: dict[str, Any], *messages: Any, read: Callable[[Receive], Awaitable[Any]] = everything, **options: Any
) -> tuple[dict[bytes, bytes], Any]:
    """Returns the headers that the app gets, and what it has received."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((dict(scope["headers"]), await read(receive)))

    asyncio.run(RumSessionASGI(app, **options)(scope, Server(*messages).receive, no_send))
    (result,) = seen
    return result  # type: ignore[no-any-return]


def is_found(scope: dict[str, Any], *messages: Any, **options: Any) -> bool:
    return serve(scope, *messages, **options)[0].get(b"x-datadog-tags") == TAG


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", BODY),
        ("Application/JSON; charset=utf-8", BODY),
        ("application/vnd.api+json", BODY),
        ("text/plain", BODY),
        ("text/plain;charset=UTF-8", b" \n" + BODY),
        ("application/x-www-form-urlencoded", f"message=x&session_id={SESSION}".encode()),
        ("application/x-www-form-urlencoded", f"session%5Fid={SESSION}&a=1".encode()),
        ("application/x-www-form-urlencoded", BODY),
    ],
)
def test_the_tracer_gets_the_session_that_the_body_has(method: str, content_type: str, body: bytes) -> None:
    scope = scope_of((b"content-type", content_type.encode()), method=method)
    headers, received = serve(scope, part(body))
    assert headers[b"x-datadog-tags"] == TAG
    assert received == [part(body), DISCONNECT]


@pytest.mark.parametrize(
    ("scope", "body"),
    [
        (scope_of(JSON, method="GET"), BODY),
        (scope_of(JSON, method="DELETE"), BODY),
        (scope_of(), BODY),
        (scope_of((b"content-type", b"multipart/form-data; boundary=x")), BODY),
        (scope_of((b"content-type", b"application/jsonp")), BODY),
        (scope_of((b"content-type", b"text/plain")), f"session_id={SESSION}".encode()),
        (scope_of(JSON, (b"content-encoding", b"gzip")), BODY),
        (scope_of(JSON, (b"content-length", b"2")), b"{}"),
        (scope_of(JSON, (b"expect", b"100-continue")), BODY),
        (scope_of(JSON), b"{"),
        (scope_of(JSON), b""),
        (scope_of(JSON), b'{"session_id":"conversation-1"}'),
        (scope_of(JSON), json.dumps({"messages": [{"session_id": SESSION}]}).encode()),
        (scope_of(JSON), json.dumps({"a": "x" * 65_536, "session_id": SESSION}).encode()),
    ],
)
def test_other_requests_stay_as_they_are(scope: dict[str, Any], body: bytes) -> None:
    before = dict(scope["headers"])
    assert serve(scope, part(body)) == (before, [part(body), DISCONNECT])


@pytest.mark.parametrize(
    "scope",
    [
        scope_of(JSON, (b"baggage", f"session.id={SESSION}".encode())),
        scope_of(JSON, query=f"session_id={SESSION}".encode()),
        scope_of(JSON, (b"x-datadog-trace-id", b"1"), (b"x-datadog-parent-id", b"2"), (b"x-datadog-tags", TAG)),
    ],
)
def test_a_session_that_the_request_brings_before_its_body_wins(scope: dict[str, Any]) -> None:
    assert is_found(scope, part(BODY.replace(b"a", b"b")))


@pytest.mark.parametrize(("field", "found"), [("metadata.sid", True), ("sid", False), ("metadata", False)])
def test_field_is_a_path_in_the_body(field: str, found: bool) -> None:
    body = json.dumps({"metadata": {"sid": SESSION}, "session_id": OTHER}).encode()
    assert is_found(scope_of(JSON), part(body), field=field) == found
    form = (b"content-type", b"application/x-www-form-urlencoded")
    assert is_found(scope_of(form), part(f"sid={SESSION}".encode()), field=field) == (field != "metadata")


@pytest.mark.parametrize(
    ("body", "path", "found"),
    [
        (True, "/chat", True),
        (False, "/chat", False),
        ([], "/chat", False),
        (["/chat"], "/chat", True),
        (["/chat"], "/chat/x", True),
        (["/chat"], "/chatty", False),
        (["/chat/"], "/chat/x", True),
        (("agents", "chat"), "/chat", True),
        (["/"], "/chat", True),
        ([3, "", None], "/chat", False),
    ],
)
def test_the_option_body_says_whose_bodies_are_looked_at(body: Any, path: str, found: bool) -> None:
    assert is_found(scope_of(JSON, path=path), part(BODY), body=body) == found


@pytest.mark.parametrize("size", [1, 7, 64])
def test_a_body_in_parts_comes_again_part_by_part(size: int) -> None:
    parts = [part(BODY[at : at + size], more=True) for at in range(0, len(BODY), size)]
    headers, received = serve(scope_of(JSON), *parts, part(b""))
    assert headers[b"x-datadog-tags"] == TAG
    assert received == [*parts, part(b""), DISCONNECT]


def test_a_form_ends_with_its_last_byte_even_if_the_server_says_so_later() -> None:
    form = f"a=1&session_id={SESSION}".encode()
    headers = ((b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", str(len(form)).encode()))
    assert is_found(scope_of(*headers), part(form, more=True), part(b""))


def test_a_large_upload_is_not_read_ahead_of_the_app() -> None:
    parts = [part(b'{"a":"' + b"x" * 30_000, more=True), *[part(b"x" * 30_000, more=True)] * 9, part(b'"}')]
    server = Server(*parts)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert server.calls == 3
        assert await everything(receive) == [*parts, DISCONNECT]

    asyncio.run(RumSessionASGI(app)(scope_of(JSON), server.receive, no_send))
    assert server.calls == len(parts) + 1


def test_an_app_may_leave_its_body_alone() -> None:
    async def nothing(receive: Receive) -> None:
        return None

    assert is_found(scope_of(JSON), part(BODY), read=nothing)


def test_a_slow_client_holds_its_request_for_a_second_at_most() -> None:
    start = time.monotonic()
    headers, received = serve(scope_of(JSON), part(BODY[:9], more=True), 1.3, part(BODY[9:]))
    assert headers == dict([JSON])
    assert received == [part(BODY[:9], more=True), part(BODY[9:]), DISCONNECT]
    assert time.monotonic() - start < 5


def test_a_receive_that_the_app_gives_up_loses_nothing() -> None:
    async def twice(receive: Receive) -> list[Any]:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(receive(), 0.1)
        return [await receive(), await receive()]

    assert serve(scope_of(JSON), 1.5, part(BODY), read=twice)[1] == [part(BODY), DISCONNECT]


def test_of_an_app_that_ends_before_its_body_came_nothing_is_left() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert len(asyncio.all_tasks()) == 2

    async def serve() -> None:
        await RumSessionASGI(app)(scope_of(JSON), Server(60.0).receive, no_send)
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(serve())


def test_a_request_that_is_given_up_while_it_is_held_never_reaches_the_app() -> None:
    async def serve() -> None:
        request = asyncio.ensure_future(RumSessionASGI(everything)(scope_of(JSON), Server(60.0).receive, no_send))  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(serve())


@pytest.mark.parametrize(
    "messages",
    [
        [OSError("gone"), part(BODY)],
        [part(b"{", more=True), OSError("gone")],
        [DISCONNECT],
        [part(b"{", more=True), DISCONNECT],
        [{"type": "http.request"}],
        [{"type": "unheard-of"}],
        [{"body": b"no type"}],
        [None],
    ],
    ids=str,
)
def test_what_comes_in_place_of_a_body_reaches_the_app_once(messages: list[Any]) -> None:
    expected = [*messages] if messages[-1] == DISCONNECT else [*messages, DISCONNECT]
    headers, received = serve(scope_of(JSON), *messages)
    assert received == expected
    assert headers == dict([JSON])


def test_time_grows_as_the_body_does_in_messages_of_one_byte() -> None:
    def seconds(size: int) -> float:
        text = b'{"a":"' + b"x" * size
        messages = [part(text[at : at + 1], more=True) for at in range(len(text))]
        queue = iter(messages)

        async def receive() -> Any:
            return next(queue)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            for message in messages:
                assert await receive() is message

        start = time.process_time()
        asyncio.run(RumSessionASGI(app)(scope_of(JSON), receive, no_send))
        return time.process_time() - start

    seconds(100)
    assert seconds(32_000) < 40 * max(seconds(2_000), 0.002)
