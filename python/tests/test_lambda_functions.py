"""The real thing: functions as AWS Lambda runs them, below the real Datadog library, asking with a real client."""

from __future__ import annotations

import uuid
from typing import Callable, NamedTuple, Optional

import pytest

from .conftest import StartFunction
from .support.datadog import Datadog
from .support.lambda_events import (
    SOURCES,
    Call,
    Event,
    http_api,
    load_balancer_multi_value,
    other_events,
    rest_api,
    web_socket_connect,
)
from .support.lambda_function import LambdaFunction

SPANS_PER_ANSWER = 3
JSON = {"Content-Type": "application/json"}

Carry = Callable[[str], Call]

CARRIERS: dict[str, Carry] = {
    "body": lambda session: Call(headers=JSON, body=f'{{"session_id":"{session}","question":"why"}}'),
    "body in base64": lambda session: Call(headers=JSON, body=f'{{"session_id":"{session}"}}', base64=True),
    "query": lambda session: Call("GET", query=f"a=1%202&session_id={session}"),
    "baggage": lambda session: Call("GET", {"Baggage": f"a=1,session.id={session};p=1"}),
    "trace-tags": lambda session: Call(
        "GET",
        {
            "x-datadog-trace-id": "81985529216486895",
            "x-datadog-parent-id": "1234567890123456789",
            "x-datadog-tags": f"_dd.p.llmobs_sid={session}",
        },
    ),
    "tracestate": lambda session: Call(
        "GET",
        {
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "tracestate": f"dd=s:1;t.llmobs_sid:{session}",
        },
    ),
}

# Chalice has routes for REST APIs alone, and what it takes in base64 are binary types.
FUNCTIONS: dict[str, list[Callable[[Call], Event]]] = {
    "wrapped": [*SOURCES, web_socket_connect],
    "wraps_itself": [*SOURCES, web_socket_connect],
    "with_mangum": SOURCES,
    "with_powertools": SOURCES,
    "with_chalice": [rest_api],
}

each_carrier = pytest.mark.parametrize("carry", CARRIERS.values(), ids=CARRIERS)


class Invoked(NamedTuple):
    answer: dict[str, object]
    sessions: set[Optional[str]]
    users: set[Optional[str]]
    trace_ids: set[int]


def invoke(function: LambdaFunction, datadog: Datadog, make: Callable[[Call], Event], call: Call) -> Invoked:
    label = f"label-{uuid.uuid4()}"
    answer = function.invoke(make(call._replace(headers={**call.headers, "x-label": label})))
    spans = datadog.spans_of(label, SPANS_PER_ANSWER)
    assert {span.tags.get("session_id") for span in spans} == {span.session_id for span in spans}
    return Invoked(
        answer,
        {span.session_id for span in spans},
        {span.tags.get("usr.id") for span in spans},
        {span.apm_trace_id for span in spans},
    )


def start(start_function: StartFunction, name: str, **env: str) -> LambdaFunction:
    return start_function(name, layer=name != "wraps_itself", **env)


@each_carrier
@pytest.mark.parametrize(
    ("name", "make"),
    [(name, make) for name, makes in FUNCTIONS.items() for make in makes],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_every_llm_span_has_the_session(
    name: str, make: Callable[[Call], Event], carry: Carry, start_function: StartFunction, datadog: Datadog
) -> None:
    session = str(uuid.uuid4())
    call = carry(session)
    if call.body and (make is web_socket_connect or (call.base64 and name == "with_chalice")):
        call = call._replace(body=None, base64=False, query=f"session_id={session}")

    invoked = invoke(start(start_function, name), datadog, make, call)

    assert invoked.sessions == {session}
    assert len(invoked.trace_ids) == 1


@each_carrier
def test_without_the_wrapper_no_llm_span_has_it(carry: Carry, start_function: StartFunction, datadog: Datadog) -> None:
    assert invoke(start_function("plain"), datadog, http_api, carry(str(uuid.uuid4()))).sessions == {None}


@pytest.mark.parametrize("name", ["wrapped", "with_mangum", "with_powertools"])
def test_user_and_account_of_the_baggage_become_tags(
    name: str, start_function: StartFunction, datadog: Datadog
) -> None:
    session = str(uuid.uuid4())
    call = Call(headers={"baggage": f"session.id={session},user.id=user%201,account.id=account-2"})

    invoked = invoke(start(start_function, name), datadog, http_api, call)

    assert (invoked.sessions, invoked.users) == ({session}, {"user 1"})


@pytest.mark.parametrize("name", ["wrapped", "wraps_itself", "with_mangum"])
def test_the_trace_that_rum_begins_goes_on(name: str, start_function: StartFunction, datadog: Datadog) -> None:
    session, trace_id = str(uuid.uuid4()), uuid.uuid4().int % 2**63
    headers = {
        "baggage": f"session.id={session}",
        "x-datadog-trace-id": f"{trace_id}",
        "x-datadog-parent-id": "7",
        "x-datadog-sampling-priority": "1",
        "x-datadog-origin": "rum",
    }

    invoked = invoke(start(start_function, name), datadog, load_balancer_multi_value, Call(headers=headers))

    assert (invoked.sessions, invoked.trace_ids) == ({session}, {trace_id})


@pytest.mark.parametrize("name", ["wrapped", "wraps_itself", "with_mangum", "with_powertools", "with_chalice"])
def test_nothing_is_left_for_the_next_invocation(name: str, start_function: StartFunction, datadog: Datadog) -> None:
    # A process of its own: what Datadog's library does at the first invocation of all must leave nothing, either.
    function = start(start_function, name, FRESH=name)
    session = str(uuid.uuid4())

    first = invoke(function, datadog, rest_api, Call(headers={"baggage": f"session.id={session},user.id=somebody"}))
    second = invoke(function, datadog, rest_api, Call())

    assert (first.sessions, first.users) == ({session}, {"somebody"})
    assert (second.sessions, second.users) == ({None}, {None})
    assert first.trace_ids != second.trace_ids


def test_nothing_is_left_active(start_function: StartFunction) -> None:
    headers = {"baggage": f"session.id={uuid.uuid4()},user.id=u", "x-label": f"label-{uuid.uuid4()}"}

    answer = start_function("left_behind", layer=False).invoke(http_api(Call(headers=headers)))

    assert answer == {"result": "None, 0 annotations"}


def test_a_session_that_code_gives_wins(start_function: StartFunction, datadog: Datadog) -> None:
    session = str(uuid.uuid4())

    invoked = invoke(start_function("wrapped_explicit"), datadog, http_api, CARRIERS["body"](session))

    assert invoked.sessions == {"explicit", session}


def test_the_field_may_be_a_path_and_the_wrapper_a_decorator(start_function: StartFunction, datadog: Datadog) -> None:
    function, session = start_function("wrapped_with_field"), str(uuid.uuid4())
    body = Call(headers=JSON, body=f'{{"metadata":{{"chat":"{session}"}}}}')

    assert invoke(function, datadog, http_api, body).sessions == {session}
    assert invoke(function, datadog, http_api, Call(query=f"chat={session}")).sessions == {session}
    assert invoke(function, datadog, http_api, CARRIERS["body"](session)).sessions == {None}


def test_errors_stay_the_handler_s_own(start_function: StartFunction, datadog: Datadog) -> None:
    session = str(uuid.uuid4())

    invoked = invoke(start_function("wrapped_failing"), datadog, http_api, CARRIERS["body"](session))

    assert invoked.answer == {"error": "ValueError('The handler failed')"}
    assert invoked.sessions == {session}


def test_other_events_pass_as_they_are(start_function: StartFunction, datadog: Datadog) -> None:
    function = start_function("wrapped")
    label = f"label-{uuid.uuid4()}"
    events = other_events(label, str(uuid.uuid4()))

    seen = [function.invoke(event)["result"]["seen"] for event in events]

    assert seen == events
    assert {span.session_id for span in datadog.spans_of(label, SPANS_PER_ANSWER * len(events))} == {None}


def test_with_llm_observability_off_the_function_works(start_function: StartFunction) -> None:
    headers = {"baggage": f"session.id={uuid.uuid4()},user.id=u", "x-label": f"label-{uuid.uuid4()}"}

    answer = start_function("wrapped", DD_LLMOBS_ENABLED="false").invoke(http_api(Call(headers=headers)))

    assert answer["result"]["body"] == "An answer."
