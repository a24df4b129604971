"""The cases of test/wire, which run for Node.js, too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Optional

import pytest

from rum_llm_correlation import rum_session_of
from rum_llm_correlation.carriers.baggage import baggage_with_session, session_in_baggage
from rum_llm_correlation.carriers.query import QueryParameter
from rum_llm_correlation.carriers.trace_tags import add_session_tag, session_tag
from rum_llm_correlation.carriers.tracestate import add_session_to_tracestate, session_in_tracestate
from rum_llm_correlation.scanned_body import BodyRule, RequestHead
from rum_llm_correlation.session_id import session_id_in
from rum_llm_correlation.trace_context import headers_with_session

WIRE = Path(__file__).parents[2] / "test" / "wire"
A = "0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f"
WORDS = {
    "$A": A,
    "$B": "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
    "$UPPER": A.upper(),
    "$ENCODED": A.replace("-", "%2D").replace("0", "%30", 1),
}

Case = dict[str, Any]


def cases_of(file: str, kind: str) -> list[Case]:
    """Gives the cases, the words in them filled in: `$x(3)` is `xxx`, and `$m(2)` is `k0=v,k1=v`."""
    text = (WIRE / f"{file}.json").read_text("utf-8")
    text = re.sub(r"\$x\((\d+)\)", lambda match: "x" * int(match[1]), text)
    text = re.sub(r"\$m\((\d+)\)", lambda match: ",".join(f"k{at}=v" for at in range(int(match[1]))), text)
    cases: list[Case] = json.loads(re.sub(r"\$[A-Z]+", lambda match: WORDS[match[0]], text))[kind]
    return cases


def each(file: str, kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases_of(file, kind), ids=lambda case: case["name"])


def field_of(case: Case) -> str:
    field: str = case.get("field", "session_id")
    return field


@each("baggage", "read")
def test_baggage_is_read(case: Case) -> None:
    assert session_in_baggage(case["header"]) == case["sessionId"]
    assert rum_session_of({"baggage": case["header"]}).session_id == case["sessionId"]


@each("baggage", "tags")
def test_baggage_gives_user_and_account(case: Case) -> None:
    assert rum_session_of({"baggage": case["header"]}).tags == case["tags"]


@each("baggage", "add")
def test_baggage_is_added(case: Case) -> None:
    assert baggage_with_session(case["header"], A) == case["added"]


@each("query", "read")
def test_the_query_is_read(case: Case) -> None:
    assert rum_session_of({}, case["query"], None, field_of(case)).session_id == case["sessionId"]
    encoded = case["query"].encode()
    assert rum_session_of({}, encoded, None, field_of(case)).session_id == case["sessionId"]
    assert QueryParameter(field_of(case)).may_be_in_bytes(encoded) or case["sessionId"] is None


@each("query", "add")
def test_the_page_s_query_is_read(case: Case) -> None:
    expected = A if case["added"] is not None else None
    assert rum_session_of({}, case["added"] or case["query"]).session_id == expected


@each("body", "read")
def test_the_body_is_read(case: Case) -> None:
    head = {"content-type": case["type"]}
    for body in (case["body"], case["body"].encode()):
        assert rum_session_of(head, None, body, field_of(case)).session_id == case["sessionId"]
    for part in (1, 1000):
        assert scanned(case, head, part) == case["sessionId"]


def scanned(case: Case, headers: dict[str, str], part: int) -> Optional[str]:
    data = case["body"].encode()
    body = BodyRule(field_of(case), True).body_of(RequestHead("POST", "/", headers))
    assert body is not None
    for at in range(0, len(data), part):
        body.scan.read(data[at : at + part])
    body.scan.end()
    return body.scan.session_id


@each("body", "add")
def test_the_page_s_body_is_read(case: Case) -> None:
    expected = A if case["added"] is not None else None
    text = case["added"] or case["body"]
    assert rum_session_of({"content-type": case["type"]}, None, text, field_of(case)).session_id == expected


@each("trace", "tags")
def test_the_tags_are_read_and_joined(case: Case) -> None:
    assert session_id_in(session_tag(case["header"])) == case["sessionId"]
    if "added" in case:
        assert add_session_tag(case["header"], A) == case["added"]


@each("trace", "tracestate")
def test_tracestate_is_read_and_joined(case: Case) -> None:
    assert session_id_in(session_in_tracestate(case["header"])) == case["sessionId"]
    if "added" in case:
        assert add_session_to_tracestate(case["header"], A) == case["added"]


@each("trace", "handOver")
def test_the_trace_takes_the_session(case: Case) -> None:
    headers = {**case["headers"], **headers_with_session(case["headers"], A)}
    assert headers.get("x-datadog-tags") == case.get("tags")
    assert headers.get("tracestate") == case.get("tracestate")
    is_new = headers.get("x-datadog-trace-id") != case["headers"].get("x-datadog-trace-id")
    assert (is_new and headers["x-datadog-parent-id"] == "0") == case["newTrace"]
