from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, strategies as st
from starlette.datastructures import Headers as StarletteHeaders
from werkzeug.datastructures import Headers as WerkzeugHeaders

from rum_llm_correlation import RumSession, rum_session_of

from .support.timing import grows_no_faster_than_its_input

BODY, BAGGAGE, QUERY, TAGS, STATE = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "12345")

SOURCES: dict[str, dict[str, Any]] = {
    "body": {"body": {"session_id": BODY}},
    "baggage": {"headers": {"baggage": f"session.id={BAGGAGE}"}},
    "query": {"query_string": f"session_id={QUERY}"},
    "x-datadog-tags": {"headers": {"x-datadog-tags": f"_dd.p.llmobs_sid={TAGS}"}},
    "tracestate": {"headers": {"tracestate": f"dd=t.llmobs_sid:{STATE}"}},
}
IDS = dict(zip(SOURCES, (BODY, BAGGAGE, QUERY, TAGS, STATE)))


def request_with(*names: str) -> dict[str, Any]:
    merged: dict[str, Any] = {"headers": {}}
    for name in names:
        for argument, value in SOURCES[name].items():
            merged[argument] = {**merged["headers"], **value} if argument == "headers" else value
    return merged


@pytest.mark.parametrize("first", range(len(SOURCES)), ids=list(SOURCES))
def test_body_comes_before_baggage_before_query_before_tags_before_tracestate(first: int) -> None:
    names = list(SOURCES)[first:]
    assert rum_session_of(**request_with(*names)).session_id == IDS[names[0]]


@pytest.mark.parametrize("name", SOURCES)
def test_a_value_that_is_no_uuid_does_not_hide_one_that_comes_later(name: str) -> None:
    request = json.loads(json.dumps(request_with(*SOURCES)).replace(IDS[name], "conversation-1"))
    others = [other for other in SOURCES if other != name]
    assert rum_session_of(**request).session_id == IDS[others[0]]


@pytest.mark.parametrize(
    "headers",
    [
        {"baggage": f"session.id={BAGGAGE},user.id=u"},
        {"Baggage": f"session.id={BAGGAGE},user.id=u"},
        {b"baggage": f"session.id={BAGGAGE},user.id=u".encode()},
        [("host", "a"), ("Baggage", f"session.id={BAGGAGE},user.id=u")],
        [(b"host", b"a"), (b"baggage", f"session.id={BAGGAGE},user.id=u".encode())],
        [[b"baggage", f"session.id={BAGGAGE}".encode()], [b"baggage", b"user.id=u"]],
        iter([("baggage", f"session.id={BAGGAGE},user.id=u")]),
        {"HTTP_BAGGAGE": f"session.id={BAGGAGE},user.id=u", "wsgi.version": (1, 0), "HTTP_HOST": "a"},
        StarletteHeaders({"Baggage": f"session.id={BAGGAGE},user.id=u"}),
        WerkzeugHeaders([("Baggage", f"session.id={BAGGAGE}"), ("Baggage", "user.id=u")]),
    ],
    ids=lambda headers: type(headers).__name__,
)
def test_headers_come_in_any_form(headers: Any) -> None:
    assert rum_session_of(headers) == RumSession(BAGGAGE, {"usr.id": "u"})


@pytest.mark.parametrize("query", [f"a=b&session_id={QUERY}", f"?session_id={QUERY}", f"session_id={QUERY}".encode()])
def test_the_query_string_is_text_or_bytes(query: str | bytes) -> None:
    assert rum_session_of({}, query).session_id == QUERY


def test_a_wsgi_environ_brings_its_query_string() -> None:
    environ = {"QUERY_STRING": f"session_id={QUERY}", "REQUEST_METHOD": "GET"}
    assert rum_session_of(environ).session_id == QUERY
    assert rum_session_of(environ, "").session_id is None


def test_a_dotted_field_is_a_path_in_the_body_and_its_last_part_the_name_elsewhere() -> None:
    field = "metadata.session_id"
    assert rum_session_of({}, f"session_id={QUERY}", {"metadata": {"session_id": BODY}}, field).session_id == BODY
    assert rum_session_of({}, f"session_id={QUERY}", {"session_id": BODY}, field).session_id == QUERY
    assert rum_session_of({}, None, f"session_id={BODY}", field).session_id == BODY


def test_a_request_without_anything_has_no_session_and_no_tags() -> None:
    assert rum_session_of({}) == RumSession(None, {})


class Broken(Mapping[str, str]):
    def __getitem__(self, key: str) -> str:
        raise RuntimeError

    def __iter__(self) -> Any:
        raise RuntimeError

    def __len__(self) -> int:
        raise RuntimeError


@pytest.mark.parametrize("headers", [None, 5, "text", [1], [("a",)], [(None, None)], {1: 2}, Broken(), object()])
def test_headers_that_cannot_be_read_hide_nothing_else(headers: Any) -> None:
    assert rum_session_of(headers, None, {"session_id": BODY}).session_id == BODY


@pytest.mark.parametrize("body", [Broken(), "{" * 100_000, '{"a":' * 100_000, b"\xff\xfe{", "%" * 1000, object()])
def test_a_body_that_cannot_be_read_hides_nothing_else(body: object) -> None:
    assert rum_session_of({"baggage": f"session.id={BAGGAGE}"}, None, body).session_id == BAGGAGE


@given(
    st.dictionaries(st.sampled_from(["baggage", "x-datadog-tags", "tracestate"]), st.text()),
    st.none() | st.text() | st.binary(),
    st.none() | st.text() | st.binary() | st.dictionaries(st.text(), st.text() | st.integers() | st.none()),
    st.text(),
)
def test_it_never_raises(headers: dict[str, str], query: str | bytes | None, body: Any, field: str) -> None:
    session = rum_session_of(headers, query, body, field)
    assert session.session_id is None
    assert all(len(value) <= 200 for value in session.tags.values())


LONG = 16_000
HOSTILE: dict[str, Callable[[int], dict[str, Any]]] = {
    "members": lambda size: {"headers": {"baggage": "session.id=x," * (size // 13)}},
    "one member": lambda size: {"headers": {"baggage": "session.id=" + "%41" * (size // 3) + ",user.id=" + " " * size}},
    "semicolons": lambda size: {"headers": {"baggage": "session.id" + ";" * size}},
    "blanks": lambda size: {
        "headers": {"baggage": "session.id" + " " * size, "x-datadog-tags": "_dd.p.llmobs_sid" + " " * size}
    },
    "tags": lambda size: {"headers": {"x-datadog-tags": "_dd.p.llmobs_sid=," * (size // 18)}},
    "states": lambda size: {"headers": {"tracestate": "dd=t.llmobs_sid:;" * (size // 17)}},
    "state members": lambda size: {"headers": {"tracestate": "dd=t.llmobs_sid:," * (size // 17)}},
    "parameters": lambda size: {"headers": {}, "query_string": "session_id=x&" * (size // 13)},
    "percent signs": lambda size: {"headers": {}, "query_string": "session_id=" + "%" * size},
    "digits": lambda size: {"headers": {}, "body": '{"a":' + "9" * size + "}"},
    "fraction": lambda size: {"headers": {}, "body": '{"a":0.' + "9" * size + "e9}"},
    "lines": lambda size: {"headers": [("baggage", "session.id=x")] * (size // 13)},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_time_it_takes_grows_with_what_is_sent_not_with_its_square(name: str) -> None:
    short, long = HOSTILE[name](LONG), HOSTILE[name](LONG * 8)
    assert grows_no_faster_than_its_input(lambda: rum_session_of(**short), lambda: rum_session_of(**long))
