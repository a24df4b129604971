"""Where the session is written, held against ddtrace's own extraction."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from ddtrace.propagation.http import HTTPPropagator
from hypothesis import given, strategies as st

from rum_llm_correlation.trace_context import headers_with_session

from .support.timing import grows_no_faster_than_its_input

SESSION = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
OTHER = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
TAG = f"_dd.p.llmobs_sid={SESSION}"
STATE = f"dd=t.llmobs_sid:{SESSION}"
TRACEPARENT = "00-0000000000000000000000000000000a-000000000000000b-01"
IDS = {"x-datadog-trace-id": "10", "x-datadog-parent-id": "11"}
W3C = {"traceparent": TRACEPARENT}


def changed(headers: dict[str, str]) -> dict[str, str]:
    merged = {**headers, **headers_with_session(headers, SESSION)}
    return {name: value for name, value in merged.items() if value is not None}


def extracted(headers: dict[str, str]) -> Any:
    return HTTPPropagator.extract(headers)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("headers", "changes"),
    [
        (IDS, {"x-datadog-tags": TAG}),
        ({**IDS, "x-datadog-parent-id": "0"}, {"x-datadog-tags": TAG}),
        ({**IDS, "x-datadog-tags": "_dd.p.dm=-4"}, {"x-datadog-tags": f"_dd.p.dm=-4,{TAG}"}),
        ({**IDS, **W3C, "tracestate": "dd=s:1"}, {"x-datadog-tags": TAG}),
        ({**IDS, "x-datadog-trace-id": f"{2**64 - 1}", "x-datadog-parent-id": f"{2**64 - 1}"}, {"x-datadog-tags": TAG}),
        (W3C, {"tracestate": STATE}),
        ({**W3C, "tracestate": "a=b,dd=s:1"}, {"tracestate": f"dd=s:1;t.llmobs_sid:{SESSION},a=b"}),
        ({**W3C, "x-datadog-tags": "_dd.p.dm=-4"}, {"tracestate": STATE}),
        # another session that is there stays
        ({**IDS, "x-datadog-tags": f"_dd.p.llmobs_sid={OTHER}"}, {}),
        ({**IDS, "x-datadog-tags": "_dd.p.llmobs_sid=conversation"}, {}),
        ({**IDS, **W3C, "tracestate": f"dd=t.llmobs_sid:{OTHER}"}, {}),
        ({**W3C, "tracestate": f"dd=t.llmobs_sid:{OTHER}"}, {}),
        ({**W3C, "x-datadog-tags": f"_dd.p.llmobs_sid={OTHER}"}, {}),
        ({"x-datadog-tags": f"_dd.p.llmobs_sid={OTHER}"}, {}),
        # the same session is brought to where the tracer reads it
        ({**IDS, "x-datadog-tags": TAG}, {}),
        ({**W3C, "tracestate": STATE}, {}),
        ({**IDS, **W3C, "tracestate": STATE}, {"x-datadog-tags": TAG}),
        ({**W3C, "x-datadog-tags": TAG}, {"tracestate": STATE}),
        ({**W3C, "tracestate": STATE, "x-datadog-tags": TAG}, {}),
        # no room, no change
        ({**IDS, "x-datadog-tags": "_dd.p.x=".ljust(500, "x")}, {}),
        ({"x-datadog-tags": "_dd.p.x=".ljust(500, "x")}, {}),
        ({**W3C, "tracestate": "dd=t.x:".ljust(250, "x")}, {}),
        ({**W3C, "tracestate": ",".join(f"k{number}=v" for number in range(32))}, {}),
        # what makes ddtrace drop the ids, goes
        ({**IDS, "x-datadog-sampling-priority": "x"}, {"x-datadog-tags": TAG, "x-datadog-sampling-priority": None}),
        ({**IDS, "x-datadog-sampling-priority": "-1"}, {"x-datadog-tags": TAG}),
        # ids that count as none give way to the trace that goes on
        ({**W3C, "x-datadog-trace-id": "10"}, {"tracestate": STATE, "x-datadog-trace-id": None}),
        (
            {**W3C, "x-datadog-trace-id": "0", "x-datadog-parent-id": "1"},
            {"tracestate": STATE, "x-datadog-trace-id": None, "x-datadog-parent-id": None},
        ),
    ],
    ids=lambda value: " ".join(f"{name}={text or ''}"[:60] for name, text in value.items()) or "nothing",
)
def test_the_session_goes_to_where_the_tracers_read_it(headers: dict[str, str], changes: dict[str, str | None]) -> None:
    assert headers_with_session(headers, SESSION) == changes


NO_CONTEXT = [
    {},
    {"x-datadog-trace-id": "10"},
    {"x-datadog-parent-id": "10"},
    {"x-datadog-trace-id": "", "x-datadog-parent-id": ""},
    {"x-datadog-trace-id": "0", "x-datadog-parent-id": "1"},
    {"x-datadog-trace-id": "-1", "x-datadog-parent-id": "1"},
    {"x-datadog-trace-id": "1e3", "x-datadog-parent-id": "1"},
    {"x-datadog-trace-id": "\u0661", "x-datadog-parent-id": "1"},
    {"x-datadog-trace-id": "10", "x-datadog-parent-id": "x"},
    {"x-datadog-trace-id": "10", "x-datadog-parent-id": f"{2**64}"},
    {"x-datadog-trace-id": f"{2**64}", "x-datadog-parent-id": "1"},
    {"x-datadog-trace-id": "9" * 100_000, "x-datadog-parent-id": "1"},
    {"traceparent": ""},
    {"traceparent": TRACEPARENT[:-1]},
    {"traceparent": TRACEPARENT.upper()},
    {"traceparent": f"{TRACEPARENT}-00"},
    {"traceparent": f"ff{TRACEPARENT[2:]}"},
    {"traceparent": f"00-{'0' * 32}-000000000000000b-01"},
    {"traceparent": f"00-0000000000000000000000000000000a-{'0' * 16}-01"},
    {"traceparent": f"{TRACEPARENT},{TRACEPARENT}"},
    {"traceparent": TRACEPARENT[:-1], "tracestate": f"dd=t.llmobs_sid:{OTHER}"},
    {"x-datadog-tags": TAG},
    {"b3": "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"},
]


@pytest.mark.parametrize("headers", NO_CONTEXT, ids=lambda headers: str(headers)[:60])
def test_where_no_trace_context_can_be_used_a_new_one_takes_the_session(headers: dict[str, str]) -> None:
    changes = headers_with_session(headers, SESSION)

    trace_id = changes.pop("x-datadog-trace-id")
    assert trace_id is not None
    assert 0 < int(trace_id) < 2**63
    assert trace_id != headers.get("x-datadog-trace-id")
    assert changes == {"x-datadog-parent-id": "0", "x-datadog-tags": TAG}
    context = extracted(changed(headers))
    assert (context.span_id, context._meta["_dd.p.llmobs_sid"]) == (None, SESSION)


def test_each_new_trace_has_an_id_of_its_own() -> None:
    assert len({headers_with_session({}, SESSION)["x-datadog-trace-id"] for _ in range(100)}) == 100


def test_a_traceparent_of_a_later_version_goes_on() -> None:
    headers = {"traceparent": f"01{TRACEPARENT[2:]}-what-comes-later"}
    assert headers_with_session(headers, SESSION) == {"tracestate": STATE}


ids = st.sampled_from(["", "0", "1", "007", "-1", "x", "18446744073709551615", "18446744073709551616", " 5 "])
tags = st.lists(st.sampled_from(["_dd.p.dm=-4", "_dd.p.tid=640cfd8d00000000", "x=y", "_dd.p.a", "b c=d", ""])).map(
    ",".join
)
state = st.lists(st.sampled_from(["a=b", "dd=s:1;o:rum", "dd=t.dm:-4", "dd=", "dd=s:x", "é=1", " "]), max_size=40).map(
    ",".join
)
traceparents = st.sampled_from(
    ["", TRACEPARENT, f" {TRACEPARENT} ", f"{TRACEPARENT}-1", f"cc{TRACEPARENT[2:]}-1", "junk"]
)
hostile = st.dictionaries(
    st.sampled_from(["x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-tags", "traceparent", "tracestate"]),
    st.text(max_size=80),
)
realistic = st.fixed_dictionaries(
    {},
    optional={
        "x-datadog-trace-id": ids,
        "x-datadog-parent-id": ids,
        "x-datadog-tags": tags,
        "traceparent": traceparents,
        "tracestate": state,
        "x-datadog-sampling-priority": st.sampled_from(["-1", "0", "1", "2", "", "x", "1.5"]),
    },
)


@given(realistic | hostile)
def test_ddtrace_reads_the_session_wherever_the_headers_are_changed_and_continues_the_same_trace(
    headers: dict[str, str],
) -> None:
    before, changes = extracted(headers), headers_with_session(headers, SESSION)
    after = extracted(changed(headers))

    if not changes:
        assert (before.trace_id, before.span_id, before._meta) == (after.trace_id, after.span_id, after._meta)
        return
    assert after._meta["_dd.p.llmobs_sid"] == SESSION
    if changes.get("x-datadog-trace-id"):
        assert after.span_id is None
    elif "x-datadog-sampling-priority" not in changes and None not in changes.values():
        assert (before.trace_id, before.span_id) == (after.trace_id, after.span_id)
    lost = {name: tag for name, tag in before._meta.items() if name.startswith("_dd.p.") and name not in after._meta}
    assert lost == {}


@given(hostile)
def test_nothing_but_the_session_and_new_ids_is_ever_written(headers: dict[str, str]) -> None:
    for name, value in headers_with_session(headers, SESSION).items():
        if value is None:
            assert name in ("x-datadog-trace-id", "x-datadog-parent-id")
        elif name in ("x-datadog-trace-id", "x-datadog-parent-id"):
            assert re.fullmatch("[0-9]{1,19}", value)
        else:
            text = value.replace(SESSION, "", 1)
            for part in re.split("[,;=:]", text):
                assert part in headers.get(name, "") or part in ("_dd.p.llmobs_sid", "dd", "t.llmobs_sid")


GROWING: dict[str, Callable[[int], dict[str, str]]] = {
    "ids": lambda size: {"x-datadog-trace-id": "1" * size, "x-datadog-parent-id": " " * size + "1"},
    "tags": lambda size: {**IDS, "x-datadog-tags": "a=b," * (size // 4)},
    "tag": lambda size: {**IDS, "x-datadog-tags": "a=" + " " * size},
    "traceparent": lambda size: {"traceparent": f"01{TRACEPARENT[2:]}-" + "-" * size},
    "members": lambda size: {**W3C, "tracestate": "a=b," * (size // 4)},
    "items": lambda size: {**W3C, "tracestate": "dd=" + "t.a:b;" * (size // 6)},
    "priority": lambda size: {**IDS, "x-datadog-sampling-priority": "-" + "1" * size},
}


@pytest.mark.parametrize("name", GROWING)
def test_the_time_it_takes_grows_with_what_is_sent_not_with_its_square(name: str) -> None:
    short, long = GROWING[name](16_000), GROWING[name](128_000)
    assert grows_no_faster_than_its_input(
        lambda: headers_with_session(short, SESSION), lambda: headers_with_session(long, SESSION)
    )
