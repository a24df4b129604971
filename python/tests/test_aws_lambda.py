from __future__ import annotations

import copy
import json
import logging
import time
from typing import Any, Callable, Optional

import pytest
from hypothesis import given, strategies as st

from rum_llm_correlation import RumSessionLambda
from rum_llm_correlation.lambda_event import headers_of, is_http_event, session_of_event
from rum_llm_correlation.session_id import session_id_in

from .support.lambda_events import SOURCES, Call, Event, http_api, other_events, rest_api, web_socket_connect
from .support.tracers import StubTracer

ID = "0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f"
OTHER = "7b6f0c52-5b0e-4f0b-8a43-3f1f4a0a2b11"

BODY = json.dumps({"session_id": ID})
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}
IDS = {"x-datadog-trace-id": "1234567890123456789", "x-datadog-parent-id": "987654321"}
PARENT = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}

each_source = pytest.mark.parametrize("make", [*SOURCES, web_socket_connect])


def session_of(event: Event, field: str = "session_id") -> Optional[str]:
    return session_of_event(event, headers_of(event), field) if is_http_event(event) else None


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (Call(headers=JSON, body=BODY), ID),
        (Call(headers=JSON, body=f' \n{{ "session_id" : "{ID}" }}'), ID),
        (Call(headers={"content-type": "application/vnd.api+json"}, body=BODY), ID),
        (Call(headers={"content-type": "text/plain;charset=UTF-8"}, body=BODY), ID),
        (Call(headers=JSON, body=f'{{"session\\u005fid":"{ID}"}}'), ID),
        (Call(body=BODY), ID),
        (Call("PUT", JSON, body=BODY), ID),
        (Call("PATCH", JSON, body=BODY), ID),
        (Call(headers=FORM, body=f"a=1&session_id={ID}"), ID),
        (Call(headers={**JSON, "content-encoding": "identity"}, body=BODY), ID),
        (Call(headers={**JSON, "content-encoding": "gzip"}, body=BODY), None),
        (Call(headers={"content-type": "multipart/form-data; boundary=x"}, body=BODY), None),
        (Call("GET", JSON, body=BODY), None),
        (Call(headers=JSON, body=f'{{"a":{BODY}}}'), None),
        (Call(headers=JSON, body=f"[{BODY}]"), None),
        (Call(headers=JSON, body='{"session_id":"mine"}'), None),
        (Call(headers=JSON, body=BODY[:-1]), None),
        (Call(headers=JSON, body=f"session_id={ID}"), None),
        (Call(body=f"session_id={ID}"), None),
        (Call(headers=JSON, body=""), None),
        (Call(headers=JSON, body='{"a":' * 100_000), None),
    ],
)
@pytest.mark.parametrize("make", SOURCES)
def test_the_session_of_a_body(make: Callable[[Call], Event], call: Call, expected: Optional[str]) -> None:
    assert session_of(make(call)) == expected
    assert session_of(make(call._replace(base64=True))) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (Call(headers={"Baggage": f"a=1;session.id=x,session.id={ID};p=1"}), ID),
        (Call(query=f"a=1&session_id={ID}"), ID),
        (Call(headers={**IDS, "X-Datadog-Tags": f"_dd.p.dm=-1,_dd.p.llmobs_sid={ID}"}), ID),
        (Call(headers={**PARENT, "tracestate": f"dd=s:1;t.llmobs_sid:{ID}"}), ID),
        (Call(headers={**IDS, "X-Datadog-Tags": "_dd.p.llmobs_sid=chat-1"}), None),
        (Call(headers={"baggage": f"session.id={ID}"}, query=f"session_id={OTHER}"), ID),
        (Call(headers={"baggage": "session.id=mine"}, query="session_id=mine"), None),
        (Call(), None),
    ],
)
@each_source
def test_the_session_of_headers_and_query(make: Callable[[Call], Event], call: Call, expected: Optional[str]) -> None:
    assert session_of(make(call)) == expected


@pytest.mark.parametrize("content_type", [" " * 100_000 + "x", "application/json" + " " * 100_000 + "x"])
def test_a_long_content_type_takes_linear_time(content_type: str) -> None:
    call = Call(headers={"content-type": content_type}, body='{"session_id":"no id"}')
    began = time.process_time()
    assert session_of(http_api(call)) is None
    assert time.process_time() - began < 1


def test_baggage_and_query_come_before_the_body() -> None:
    other = Call(headers=JSON, body=BODY.replace(ID, OTHER))
    assert session_of(http_api(other._replace(query=f"session_id={ID}"))) == ID
    assert session_of(http_api(other._replace(headers={**JSON, "baggage": f"session.id={ID}"}))) == ID


@each_source
def test_the_field_may_have_another_name_and_be_a_path(make: Callable[[Call], Event]) -> None:
    assert session_of(make(Call(query=f"chat+id={ID}")), "metadata.chat id") == ID
    assert session_of(make(Call(query=f"metadata={ID}")), "metadata.chat id") is None
    event = make(Call(headers=JSON, body=json.dumps({"metadata": {"chat id": ID}, "chat id": OTHER})))
    assert session_of(event, "metadata.chat id") == (ID if event.get("body") else None)


def test_all_lines_of_headers_and_parameters_are_read() -> None:
    values = {"session_id": ["mine", ID]}
    assert session_of({**rest_api(Call()), "multiValueQueryStringParameters": values}) == ID
    assert session_of({**SOURCES[4](Call()), "multiValueQueryStringParameters": values}) == ID
    assert session_of(http_api(Call(query=f"session_id=mine&session_id={ID}"))) == ID
    lines = {"Baggage": ["a=1", f"session.id={OTHER}"], "baggage": [f"session.id={ID}", "b=2"]}
    assert session_of({**rest_api(Call()), "multiValueHeaders": lines}) == ID


_texts = st.one_of(st.text(), st.sampled_from([ID, f"session.id={ID}", BODY, f"session_id={ID}"]))
_names = st.sampled_from(["baggage", "Content-Type", "session_id", "x-datadog-tags", "tracestate"])
_values = st.dictionaries(_names, st.one_of(_texts, st.lists(_texts), st.none()))


@given(
    st.fixed_dictionaries(
        {
            "requestContext": st.sampled_from([{}, {"elb": {}}, {"http": {"method": "POST"}}, {"http": 1}]),
            "headers": st.one_of(_values, st.none(), _texts),
            "multiValueHeaders": st.one_of(_values, st.none()),
            "queryStringParameters": st.one_of(_values, st.none(), _texts),
            "multiValueQueryStringParameters": st.one_of(_values, st.none()),
            "rawQueryString": st.one_of(_texts, st.none()),
            "httpMethod": st.sampled_from(["POST", None]),
            "body": st.one_of(_texts, st.none(), st.integers()),
            "isBase64Encoded": st.booleans(),
        }
    )
)
def test_it_is_nothing_but_a_uuid_and_raises_nothing_whatever_an_event_is_made_of(event: Event) -> None:
    session = session_of(event)
    assert session is None or session_id_in(session)


def handler(event: Any, context: Any, **options: Any) -> tuple[Any, ...]:
    """Answers."""
    return event, context, options


def test_a_wrapped_handler_is_a_function_that_passes_on_what_it_gets_and_returns() -> None:
    wrapped = RumSessionLambda(handler)
    event, context = http_api(Call(headers={"baggage": f"session.id={ID}"})), object()

    assert wrapped(event, context, more=1) == (event, context, {"more": 1})
    assert wrapped(event=event, context=context) == (event, context, {})
    # ddtrace replaces the code of handlers that are functions.
    assert (type(wrapped), wrapped.__name__, wrapped.__doc__) == (type(handler), "handler", "Answers.")


def test_it_is_a_decorator_with_and_without_options() -> None:
    @RumSessionLambda
    def plain(event: Any, context: Any) -> Any:
        return event

    @RumSessionLambda(field="metadata.chat")
    def with_field(event: Any, context: Any) -> Any:
        return event

    assert (plain("event", None), with_field("event", None)) == ("event", "event")


class Unreadable(dict):  # type: ignore[type-arg]
    def get(self, *_arguments: object) -> Any:
        raise RuntimeError("None of your business")


@pytest.mark.parametrize(
    "event", [*other_events("why", ID), None, "text", [], 1, {}, Unreadable(requestContext={})], ids=repr
)
def test_all_other_events_pass_as_they_are(event: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    before = copy.copy(event)

    seen, _, _ = RumSessionLambda(handler)(event, None)

    assert seen is event
    assert event == before
    assert caplog.records == []


@pytest.mark.parametrize("breaks", [*StubTracer.WAYS, ""])
def test_errors_of_the_tracer_reach_nobody(breaks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    StubTracer(breaks).install(monkeypatch)
    event = http_api(Call(headers={"baggage": f"session.id={ID},user.id=u"}))

    assert RumSessionLambda(handler)(event, None)[0] is event


def test_the_error_of_a_handler_comes_out_as_it_is() -> None:
    error = ValueError("The handler's own")

    def failing(_event: Any, _context: Any) -> None:
        raise error

    with pytest.raises(ValueError, match="own") as raised:
        RumSessionLambda(failing)(http_api(Call(headers={"baggage": f"session.id={ID}"})), None)
    assert raised.value is error
