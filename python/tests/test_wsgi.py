"""The WSGI middleware by itself: what the app gets and the server, without a tracer and with a broken one."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context, ContextVar
from typing import Any
from wsgiref.util import FileWrapper

import pytest
from hypothesis import given, strategies as st

from rum_llm_correlation import RumSessionWSGI

from .support.tracers import StubTracer

SESSION = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
TAG = f"_dd.p.llmobs_sid={SESSION}"
BAGGAGE = {"HTTP_BAGGAGE": f"session.id={SESSION},user.id=u"}

variable: ContextVar[str] = ContextVar("variable", default="the server's")


def start_response(*_arguments: Any) -> Callable[[bytes], object]:
    return lambda _data: None


def answer_of(result: Any, environ: dict[str, Any] | None = None, **options: Any) -> Any:
    """What a server gets from an app that returns `result`."""
    environs: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        environs.append(environ)
        return result() if callable(result) else result

    environ = dict(BAGGAGE) if environ is None else environ
    answer = RumSessionWSGI(app, **options)(environ, start_response)
    assert len(environs) == 1
    assert environs[0] is environ
    return answer


def environ_after(environ: dict[str, Any], **options: Any) -> dict[str, Any]:
    environ = dict(environ)
    answer_of([], environ, **options)
    return environ


def test_the_app_gets_headers_that_the_tracer_reads_the_session_from() -> None:
    environ = environ_after({**BAGGAGE, "HTTP_HOST": "a", "wsgi.version": (1, 0)})

    assert int(environ.pop("HTTP_X_DATADOG_TRACE_ID")) > 0
    assert environ == {
        **BAGGAGE,
        "HTTP_HOST": "a",
        "wsgi.version": (1, 0),
        "HTTP_X_DATADOG_TAGS": TAG,
        "HTTP_X_DATADOG_PARENT_ID": "0",
    }


@pytest.mark.parametrize("field", ["sid", "metadata.sid"])
def test_field_names_the_query_parameter(field: str) -> None:
    assert environ_after({"QUERY_STRING": f"sid={SESSION}"}, field=field)["HTTP_X_DATADOG_TAGS"] == TAG
    assert environ_after({"QUERY_STRING": f"session_id={SESSION}"}, field=field) == {
        "QUERY_STRING": f"session_id={SESSION}"
    }


def test_ids_that_count_as_none_give_way_to_a_trace_that_goes_on() -> None:
    traceparent = {"HTTP_TRACEPARENT": "00-0000000000000000000000000000000a-000000000000000b-01"}
    environ = environ_after({**BAGGAGE, **traceparent, "HTTP_X_DATADOG_TRACE_ID": "5"})
    assert environ == {**BAGGAGE, **traceparent, "HTTP_TRACESTATE": f"dd=t.llmobs_sid:{SESSION}"}


@pytest.mark.parametrize(
    "environ",
    [{}, {"HTTP_BAGGAGE": "session.id=1"}, {"QUERY_STRING": "session_id=1"}, {"HTTP_BAGGAGE": 5}, {"QUERY_STRING": 5}],
)
def test_otherwise_the_environ_stays_as_it_was(environ: dict[str, Any]) -> None:
    assert environ_after(environ) == environ


@given(
    st.dictionaries(
        st.sampled_from(["HTTP_TRACEPARENT", "HTTP_TRACESTATE", "HTTP_X_DATADOG_TAGS", "QUERY_STRING"]), st.text()
    )
)
def test_nothing_that_a_client_sends_keeps_the_app_from_its_request(environ: dict[str, str]) -> None:
    for name, value in environ_after({**environ, **BAGGAGE}).items():
        assert environ.get(name) == value or value.isascii()


def test_lists_stay_lists_so_that_servers_can_count_their_parts() -> None:
    for result in ([b"all of it"], [], (b"a", b"b")):
        assert answer_of(result) is result


def test_files_stay_files_so_that_servers_can_send_them_their_own_way() -> None:
    wrapped = FileWrapper(io.BytesIO(b"file"))
    assert answer_of(wrapped, {**BAGGAGE, "wsgi.file_wrapper": FileWrapper}) is wrapped
    # uWSGI's file_wrapper is a function, and gives the file back
    file = io.BytesIO(b"file")
    assert answer_of(file, {**BAGGAGE, "wsgi.file_wrapper": lambda file: file}) is file


class Sized:
    """As ddtrace's proxy around a list: iterable, with a length, and no list."""

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"all of it"])

    def __len__(self) -> int:
        return 1


def test_other_answers_that_know_their_length_keep_it() -> None:
    answer = answer_of(Sized())
    assert len(answer) == 1
    assert list(answer) == [b"all of it"]
    assert not hasattr(answer_of(iter([b"part"])), "__len__")


class Stream:
    def __init__(self, *parts: bytes | BaseException) -> None:
        self._parts = list(parts)
        self.seen: list[str] = []
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        self.seen.append(variable.get())
        variable.set("the app's")
        return self

    def __next__(self) -> bytes:
        self.seen.append(variable.get())
        if not self._parts:
            raise StopIteration
        part = self._parts.pop(0)
        if isinstance(part, BaseException):
            raise part
        return part

    def close(self) -> None:
        self.seen.append(variable.get())
        self.closed += 1


def test_app_and_stream_run_in_the_context_in_which_the_server_calls_them() -> None:
    stream = Stream(b"a", b"b")

    def result() -> Iterable[bytes]:
        variable.set("the request's")
        return stream

    def serve() -> str:
        answer = answer_of(result)
        assert list(answer) == [b"a", b"b"]
        answer.close()
        return variable.get()

    assert Context().run(serve) == "the app's"
    assert stream.seen == ["the request's", "the app's", "the app's", "the app's", "the app's"]
    assert stream.closed == 1


def test_a_stream_is_only_begun_by_the_server() -> None:
    stream = Stream(b"a")
    answer = answer_of(stream)
    assert stream.seen == []
    assert next(answer) == b"a"


def test_a_stream_without_close_can_be_closed() -> None:
    answer = answer_of(iter([b"a"]))
    answer.close()
    answer.close()


def test_a_generator_s_clean_up_runs_when_the_server_closes_it_early() -> None:
    cleaned: list[str] = []

    def parts() -> Iterator[bytes]:
        try:
            variable.set("the stream's")
            yield b"a"
            yield b"b"
        finally:
            cleaned.append(variable.get())

    answer = answer_of(parts)
    assert next(iter(answer)) == b"a"
    answer.close()
    assert cleaned == ["the stream's"]


def test_close_on_another_thread_while_a_part_is_made_reaches_the_stream() -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Stream):
        def __next__(self) -> bytes:
            begun.set()
            assert go_on.wait(10)
            return b"a"

    stream = Slow()
    answer = answer_of(stream)
    thread = threading.Thread(target=next, args=[iter(answer)])
    thread.start()
    assert begun.wait(10)
    answer.close()
    go_on.set()
    thread.join()
    assert stream.closed == 1


@pytest.mark.parametrize(
    "error", [ValueError("the app's"), RuntimeError("the app's"), GeneratorExit(), KeyboardInterrupt()]
)
def test_exceptions_of_the_app_and_of_its_stream_pass_through(error: BaseException) -> None:
    calls = []

    def app(environ: Any, start_response: Any) -> Any:
        calls.append(environ)
        raise error

    with pytest.raises(type(error)) as raised:
        RumSessionWSGI(app)(dict(BAGGAGE), start_response)
    assert raised.value is error
    assert len(calls) == 1

    stream = Stream(b"a", error)
    answer = iter(answer_of(stream))
    assert next(answer) == b"a"
    with pytest.raises(type(error)) as raised:
        next(answer)
    assert raised.value is error
    assert len(stream.seen) == 3


@pytest.mark.parametrize("breaks", StubTracer.WAYS)
def test_with_a_broken_tracer_the_app_is_called_once_and_works(breaks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    StubTracer(breaks).install(monkeypatch)
    assert answer_of([b"a"]) == [b"a"]

    stream = Stream(b"a", b"b")
    answer = answer_of(stream)
    assert list(answer) == [b"a", b"b"]
    answer.close()
    assert stream.closed == 1


BEGUN = ["active", "RequestTrace", "begin", "annotation", "enter"]
STEP = ["active", "activate", "active", "activate"]


def test_each_step_of_a_stream_is_in_the_trace_and_leaves_it_and_close_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tracer = StubTracer()
    tracer.install(monkeypatch)

    answer = answer_of(Stream(b"a"))
    assert tracer.calls[1:] == [*BEGUN, "active", "activate"]
    tracer.calls.clear()
    assert list(answer) == [b"a"]
    assert tracer.calls == STEP * 3
    tracer.calls.clear()
    answer.close()
    assert tracer.calls == [*STEP, "exit", "end"]
    answer.close()
    assert tracer.calls.count("exit") == 1


def test_a_stream_that_cannot_be_closed_ends_with_its_last_part(monkeypatch: pytest.MonkeyPatch) -> None:
    tracer = StubTracer()
    tracer.install(monkeypatch)

    answer = answer_of(iter([b"a"]))
    assert next(answer) == b"a"
    assert "end" not in tracer.calls
    assert list(answer) == []
    assert tracer.calls[-2:] == ["exit", "end"]


@pytest.mark.parametrize(
    ("environ", "handed_over"),
    [
        (BAGGAGE, True),
        ({"HTTP_BAGGAGE": "user.id=u"}, True),
        ({"HTTP_X_DATADOG_TAGS": TAG}, True),
        ({"HTTP_TRACESTATE": "dd=t.llmobs_sid:any"}, True),
        ({"HTTP_BAGGAGE": "session.id=none"}, False),
        ({"HTTP_BAGGAGE": "other=1", "HTTP_X_DATADOG_TAGS": "_dd.p.dm=-1", "HTTP_TRACESTATE": "dd=s:1"}, False),
    ],
)
def test_the_tracer_is_told_of_requests_that_bring_a_session_or_a_user_alone(
    environ: dict[str, Any], handed_over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer = StubTracer()
    tracer.install(monkeypatch)
    answer_of([], dict(environ))
    assert ("begin" in tracer.calls) == handed_over


def test_importing_it_and_serving_with_it_does_not_import_ddtrace() -> None:
    code = f"""
import sys
from rum_llm_correlation import RumSessionWSGI, rum_session_of
environ = {BAGGAGE!r}
assert list(RumSessionWSGI(lambda environ, start: iter([b"a"]))(environ, None)) == [b"a"]
assert environ["HTTP_X_DATADOG_TAGS"] == {TAG!r}
assert rum_session_of(environ).session_id == {SESSION!r}
assert not [name for name in sys.modules if name.startswith("ddtrace")]
"""
    subprocess.run([sys.executable, "-c", code], check=True)
