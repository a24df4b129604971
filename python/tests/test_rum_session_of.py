from __future__ import annotations

import base64
import json
import time
import tracemalloc
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple, Optional

import pydantic
import pydantic.v1 as pydantic_v1
import pytest
from hypothesis import given, strategies as st
from multidict import MultiDict
from starlette.datastructures import Headers as StarletteHeaders, QueryParams
from werkzeug.datastructures import Headers as WerkzeugHeaders, MultiDict as WerkzeugMultiDict

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


MULTIPART = (
    b'--x-1\r\nContent-Disposition: form-data; name="text"\r\n\r\nname="session_id"\r\n\r\n%(other)s\r\n--x-1\r\n'
    b'content-disposition:form-data;name="session_id"%(more)s\r\nContent-Type: text/plain\r\n\r\n%(id)s\r\n--x-1--\r\n'
)


def multipart(more: bytes = b"") -> bytes:
    return MULTIPART % {b"other": BAGGAGE.encode(), b"more": more, b"id": BODY.encode()}


class Chat(pydantic.BaseModel):
    session_id: Optional[str] = None


class ChatWithAlias(pydantic.BaseModel):
    rum: Optional[uuid.UUID] = pydantic.Field(None, alias="session_id")


class ChatWithAliases(pydantic.BaseModel):
    rum: Optional[str] = pydantic.Field(None, validation_alias=pydantic.AliasChoices("a", "session_id"))


class ChatWithMore(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")


class ChatWithMetadata(pydantic.BaseModel):
    metadata: Chat


@dataclass
class ChatData:
    session_id: str


@dataclass
class ChatDataWithMetadata:
    metadata: ChatData


class ChatTuple(NamedTuple):
    session_id: str


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (Chat(session_id=BODY), "session_id"),
        (ChatWithAlias.model_validate({"session_id": BODY}), "session_id"),
        (ChatWithAliases.model_validate({"session_id": BODY}), "session_id"),
        (ChatWithMore.model_validate({"session_id": BODY}), "session_id"),
        (pydantic.RootModel[dict[str, str]]({"session_id": BODY}), "session_id"),
        (
            pydantic_v1.create_model("Old", rum=(str, pydantic_v1.Field(alias="session_id")))(session_id=BODY),
            "session_id",
        ),
        (ChatWithMetadata(metadata=Chat(session_id=BODY)), "metadata.session_id"),
        ({"metadata": Chat(session_id=BODY)}, "metadata.session_id"),
        (ChatData(BODY), "session_id"),
        (ChatDataWithMetadata(ChatData(BODY)), "metadata.session_id"),
        (ChatTuple(BODY), "session_id"),
        (SimpleNamespace(session_id=BODY), "session_id"),
        ({"session_id": uuid.UUID(BODY)}, "session_id"),
        # Tornado
        ({"text": [b"a"], "session_id": [b"conversation", BODY.encode()]}, "session_id"),
        ({"text": [b"a"], "session_id": [BODY.encode()]}, "metadata.session_id"),
        # aiohttp
        (MultiDict([("session_id", "conversation"), ("session_id", BODY)]), "metadata.session_id"),
        (multipart(), "session_id"),
        (multipart().decode(), "session_id"),
        (bytearray(multipart()), "metadata.session_id"),
        (memoryview(b'{"session_id":"%s"}' % BODY.encode()), "session_id"),
        (f"text=a&session%5Fid={BODY}", "session_id"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_body_comes_in_any_form(body: object, field: str) -> None:
    assert rum_session_of({}, None, body, field).session_id == BODY


@pytest.mark.parametrize(
    ("body", "content_type", "session"),
    [
        ({"session_id": BODY}, "application/x-www-form-urlencoded; charset=utf-8", BODY),
        ({"session_id": BODY}, "Multipart/Form-Data;boundary=x", BODY),
        ({"session_id": BODY}, "application/json", None),
        ({"session_id": [BODY]}, "application/json", None),
    ],
)
def test_a_dict_of_a_form_is_flat(body: object, content_type: str, session: str | None) -> None:
    assert rum_session_of({"Content-Type": content_type}, None, body, "metadata.session_id").session_id == session


@pytest.mark.parametrize(
    "body",
    [
        multipart(b'; filename="a"'),
        multipart()[:-40],
        multipart().replace(b'name="session_id"%s' % b"\r\nContent-Type", b'name="a_session_id"\r\nContent-Type'),
        Chat(),
        pydantic.RootModel[list[dict[str, str]]]([{"session_id": BODY}]),
        Chat,
        {"session_id": {"value": BODY}},
    ],
    ids=lambda value: repr(value)[-60:],
)
def test_what_is_no_value_of_the_field_counts_for_nothing(body: object) -> None:
    assert rum_session_of({"baggage": f"session.id={BAGGAGE}"}, None, body).session_id == BAGGAGE


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":[' + b'{"role":"user","content":"h\\u00e4? 1 + 1 = 100 %"},' * 900_000 + b"{}]}",
        b"a=1&" + b"message=h%C3%A4+&" * 3_000_000,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"%+ " * 16_000_000 + b"\r\n--x--",
    ],
    ids=["JSON", "form", "multipart"],
)
def test_50_megabytes_that_cannot_hold_the_name_are_not_parsed(body: bytes) -> None:
    for given_body in (body, body.decode()):
        tracemalloc.start()
        assert rum_session_of({"baggage": f"session.id={BAGGAGE}"}, None, given_body).session_id == BAGGAGE
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 1.2 * len(body)
        start = time.thread_time()
        rum_session_of({}, None, given_body)
        assert time.thread_time() - start < 1


@pytest.mark.parametrize(
    "query",
    [
        {"session_id": QUERY},
        {"session_id": ["conversation", QUERY]},
        {"session_id": [QUERY.encode()]},
        WerkzeugMultiDict([("session_id", "conversation"), ("session_id", QUERY)]),
        MultiDict([("session_id", "conversation"), ("session_id", QUERY)]),
        QueryParams(f"session_id={QUERY}"),
        f"a=1&session%5Fid={QUERY}",
        f"a=1&session%5fid={QUERY.replace('-', '%2D')}".encode(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_query_may_have_been_parsed(query: Any) -> None:
    assert rum_session_of({}, query).session_id == QUERY


def test_the_headers_may_be_the_multi_value_ones_of_aws() -> None:
    headers = {"Host": ["a"], "Baggage": ["user.id=u", f"session.id={BAGGAGE}"]}
    assert rum_session_of(headers) == RumSession(BAGGAGE, {"usr.id": "u"})


@pytest.mark.parametrize(
    ("event", "session"),
    [
        ({"headers": {"Baggage": f"session.id={BAGGAGE}"}}, BAGGAGE),
        ({"headers": None, "multiValueHeaders": {"baggage": ["a=1", f"session.id={BAGGAGE}"]}}, BAGGAGE),
        ({"headers": {}, "rawQueryString": f"session%5Fid={QUERY}"}, QUERY),
        ({"headers": {}, "queryStringParameters": {"session_id": QUERY}}, QUERY),
        ({"headers": {}, "multiValueQueryStringParameters": {"session_id": ["a", QUERY]}}, QUERY),
        ({"headers": {}, "body": json.dumps({"session_id": BODY})}, BODY),
        ({"headers": {}, "body": base64.b64encode(multipart()).decode(), "isBase64Encoded": True}, BODY),
    ],
)
def test_an_event_of_aws_brings_all_by_itself(event: dict[str, Any], session: str) -> None:
    assert rum_session_of({"requestContext": {}, **event}).session_id == session


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
