"""A trace that is active when the request comes goes on, and gets the session for as long as the request lasts."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from .apps.work import SPANS
from .conftest import StartBackend
from .support.datadog import Datadog
from .support.users import Call, new_id, send_at_once, send_over_one_connection


class Nesting(NamedTuple):
    outer: str
    inner: str
    outer_span: str
    env: dict[str, str] = {}  # noqa: RUF012

    def __str__(self) -> str:
        return f"{self.inner} in {self.outer} {' '.join(self.env)}"


NESTINGS = [
    Nesting("span", "flask", "outer"),
    Nesting("span", "plain-wsgi", "outer"),
    Nesting("span", "fastapi", "outer"),
    Nesting("mounted", "flask", "fastapi.request"),
    Nesting("mounted", "plain-wsgi", "fastapi.request"),
    Nesting("mounted", "fastapi", "fastapi.request"),
]

each_nesting = pytest.mark.parametrize("nesting", NESTINGS, ids=str)


@each_nesting
def test_the_trace_goes_on_with_the_session_in_it(
    nesting: Nesting, start_backend: StartBackend, datadog: Datadog
) -> None:
    backend = start_backend("nested_app", OUTER=nesting.outer, INNER=nesting.inner, **nesting.env)
    kind = "row-async" if nesting.inner == "fastapi" else "row"
    calls = [Call(kind, new_id()), Call(kind), Call(kind, new_id())]

    send_over_one_connection(backend, calls)

    for call in calls:
        spans = datadog.spans_of(call.label, SPANS)
        assert {span.session_id for span in spans} == {call.session}
        (trace,) = {span.apm_trace_id for span in spans}
        names = datadog.names_of_trace(trace)
        assert nesting.outer_span in names
        # Nothing begins a second tree in the trace: each span but the outermost has its parent there.
        assert len(datadog.roots_of_trace(trace)) == 1, names


# A span that is never over, so what is within has to be sent before.
_PARTS = {"DD_TRACE_PARTIAL_FLUSH_MIN_SPANS": "1"}
SERVERS = [
    Nesting("server", "fastapi", "outer", _PARTS),
    Nesting("server", "fastapi", "outer", {**_PARTS, "ADD_MIDDLEWARE": "1"}),
]


@pytest.mark.parametrize("nesting", [*NESTINGS, *SERVERS], ids=str)
def test_users_at_once_each_have_their_own(nesting: Nesting, start_backend: StartBackend, datadog: Datadog) -> None:
    backend = start_backend("nested_app", OUTER=nesting.outer, INNER=nesting.inner, **nesting.env)
    kind = "row-async" if nesting.inner == "fastapi" else "row"
    calls = [Call(kind, new_id() if number % 2 else None) for number in range(50)]

    send_at_once(backend, calls, connections=10)

    for call in calls:
        assert {span.session_id for span in datadog.spans_of(call.label, SPANS)} == {call.session}
