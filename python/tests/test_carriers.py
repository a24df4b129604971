"""How a request carries the session id: what is read, and what is written."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from ddtrace.internal._tagset import TagsetDecodeError, decode_tagset_string
from hypothesis import example, given, strategies as st
from werkzeug.datastructures import MultiDict

from rum_llm_correlation.carriers.baggage import session_in_baggage, tags_in_baggage
from rum_llm_correlation.carriers.body import session_in_body
from rum_llm_correlation.carriers.query import QueryParameter
from rum_llm_correlation.carriers.trace_tags import add_session_tag, session_tag
from rum_llm_correlation.carriers.tracestate import add_session_to_tracestate, session_in_tracestate

A = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
B = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"


@pytest.mark.parametrize(
    ("header", "session"),
    [
        ("", None),
        (f"session.id={A}", A),
        (f"session.id={A.upper()}", A.upper()),
        (f"user.id=1, session.id = {A} ;ttl=3;x, account.id=2", A),
        (f"session.id={quote(A).replace('-', '%2D')}", A),
        # the last one counts, as it does for the tracers
        (f"session.id={A},session.id={B}", B),
        # malformed members, and values that are none, hide nothing
        (f",,;=;,session.id={A},session.id,=x,%,session.id=conversation", A),
        (f"session.id={A},session.id=", A),
        ("session.id=conversation-1", None),
        (f"session.id2={A},Session.Id={A},xsession.id={A}", None),
        (f'session.id="{A}"', None),
        (f"session.id={A}%0d%0ax-admin:1", None),
    ],
)
def test_the_session_of_baggage(header: str, session: str | None) -> None:
    assert session_in_baggage(header) == session


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", {}),
        ("user.id=u-1,account.id=a-1", {"usr.id": "u-1", "usr.account_id": "a-1"}),
        ("user.id=J%C3%BCrgen%20M%C3%BCller;p=1", {"usr.id": "Jürgen Müller"}),
        ("user.id=a,user.id=b", {"usr.id": "b"}),
        ("user.id=,junk,account.id=a", {"usr.account_id": "a"}),
        ("user.id=" + "u" * 200, {"usr.id": "u" * 200}),
        ("user.id=" + "u" * 201, {}),
        ("user.id=a%0Ab,account.id=%00", {}),
        ("user.id=%ff", {"usr.id": "\ufffd"}),
    ],
)
def test_the_user_and_the_account_of_baggage(header: str, tags: dict[str, str]) -> None:
    assert tags_in_baggage(header) == tags


@pytest.mark.parametrize(
    ("field", "query", "session"),
    [
        ("session_id", "", None),
        ("session_id", f"session_id={A}", A),
        ("session_id", f"q=%20x&session_id={A}&z", A),
        ("session_id", f"session_id=conversation&session_id={A}&session_id={B}", A),
        ("session_id", f"xsession_id={A}&session_idx={A}", None),
        ("session_id", f"q=session_id={A}", None),
        ("session_id", "%&=%%%zz&session_id", None),
        ("metadata.session_id", f"session_id={A}", A),
        ("rum session", f"rum%20session={A}", A),
        ("rum session", f"rum+session={A}", A),
        ("(sid)", f"(sid)={A}", A),
        ("(sid)", f"%28sid%29={A}", A),
        ("sitzung_ä", f"sitzung_%C3%A4={A}", A),
        ("", f"={A}", A),
    ],
)
def test_the_session_of_a_query(field: str, query: str, session: str | None) -> None:
    assert QueryParameter(field).session_in(query) == session


@pytest.mark.parametrize(
    ("field", "body", "session"),
    [
        ("session_id", None, None),
        ("session_id", {"session_id": A}, A),
        ("session_id", {"session_id": ["conversation", A]}, A),
        ("session_id", [{"session_id": A}], None),
        ("session_id", json.dumps({"session_id": A}), A),
        ("session_id", json.dumps({"session_id": A}).encode(), A),
        ("session_id", bytearray(json.dumps({"session_id": A}).encode()), A),
        ("session_id", f'\ufeff \n{{"session_id":"{A}"}}', A),
        ("session_id", f'{{"session_id":"{B}","session_id":"{A}"}}', A),
        ("session_id", f'{{"\\u0073ession_id":"{A}","n":{"9" * 10_000},"x":{"9" * 10_000}.5}}', A),
        ("session_id", f"session_id={A}&message=hi", A),
        ("session_id", f"session_id={A}&message=hi".encode(), A),
        ("session_id", f'[{{"session_id":"{A}"}}]', None),
        ("session_id", f'"session_id={A}"', None),
        ("session_id", MultiDict([("session_id", "conversation"), ("session_id", A)]), A),
        ("metadata.session_id", {"metadata": {"session_id": A}, "session_id": B}, A),
        ("metadata.session_id", {"session_id": B}, None),
        ("metadata.session_id", {"metadata": [{"session_id": A}]}, None),
        ("metadata.session_id", f"session_id={A}", A),
        ("metadata.session_id", MultiDict({"session_id": A}), A),
        ("session_id", object(), None),
        ("session_id", 5, None),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_the_session_of_a_body(field: str, body: object, session: str | None) -> None:
    assert session_in_body(body, field) == session


@pytest.mark.parametrize(
    ("header", "session"),
    [
        ("", None),
        (f"_dd.p.llmobs_sid={A}", A),
        (f"_dd.p.dm=-4, _dd.p.llmobs_sid={A}", A),
        ("_dd.p.llmobs_sid=any=session", "any=session"),
        (f"_dd.p.llmobs_sid={A},_dd.p.llmobs_sid={B}", B),
        (f"x_dd.p.llmobs_sid={A}", None),
        ("_dd.p.llmobs_sid=", None),
    ],
)
def test_the_session_of_the_trace_s_tags(header: str, session: str | None) -> None:
    assert session_tag(header) == session


@pytest.mark.parametrize(
    ("header", "added"),
    [
        ("", f"_dd.p.llmobs_sid={A}"),
        ("_dd.p.dm=-4", f"_dd.p.dm=-4,_dd.p.llmobs_sid={A}"),
        (" _dd.p.dm=-4, ", f"_dd.p.dm=-4,_dd.p.llmobs_sid={A}"),
        ("_dd.p.a=b c=d", f"_dd.p.a=b c=d,_dd.p.llmobs_sid={A}"),
        ("_dd.p.dm=-4, _dd.p.tid=1", f"_dd.p.dm=-4,_dd.p.tid=1,_dd.p.llmobs_sid={A}"),
        (",_dd.p.dm=-4", f"_dd.p.dm=-4,_dd.p.llmobs_sid={A}"),
        # behind what makes the tracers drop the whole header it would do nothing
        ("_dd.p.dm", None),
        ("_dd.p.dm=", None),
        ("_dd.p.dm=é", None),
        ("_dd.p.dm=a\tb", None),
    ],
)
def test_a_session_joins_the_trace_s_tags(header: str, added: str | None) -> None:
    assert add_session_tag(header, A) == added


@given(st.text(st.sampled_from("_dp.a=, ;~\té\x7f"), max_size=30))
@example("_dd.p.dm=-4")
def test_tags_are_joined_just_where_the_tracer_still_reads_them(header: str) -> None:
    added = add_session_tag(header, A)
    try:
        kept = decode_tagset_string(",".join(filter(None, map(str.strip, header.split(",")))))
    except TagsetDecodeError:
        assert added is None
    else:
        assert added is not None
        assert decode_tagset_string(added) == {**kept, "_dd.p.llmobs_sid": A}


@pytest.mark.parametrize(("length", "fits"), [(512, True), (513, False)])
def test_tags_keep_within_512_characters(length: int, fits: bool) -> None:
    own = f",_dd.p.llmobs_sid={A}"
    there = "_dd.p.x=".ljust(length - len(own), "x")
    assert add_session_tag(there, A) == (there + own if fits else None)


@pytest.mark.parametrize(
    ("header", "session"),
    [
        ("", None),
        (f"dd=t.llmobs_sid:{A}", A),
        (f"a=b , dd=s:1;o:rum;t.llmobs_sid:{A} ,c=d", A),
        (f"dd=t.llmobs_sid:{A};t.llmobs_sid:{B}", A),
        (f"xx=t.llmobs_sid:{A}", None),
        ("dd=t.llmobs_sid:", None),
    ],
)
def test_the_session_of_tracestate(header: str, session: str | None) -> None:
    assert session_in_tracestate(header) == session


@pytest.mark.parametrize(
    ("header", "added"),
    [
        ("", f"dd=t.llmobs_sid:{A}"),
        ("a=b,c=d", f"dd=t.llmobs_sid:{A},a=b,c=d"),
        ("a=b , dd=s:1;o:rum , c=d", f"dd=s:1;o:rum;t.llmobs_sid:{A},a=b,c=d"),
        ("dd=s:1,dd=s:2", None),
        (",a=b,,", f"dd=t.llmobs_sid:{A},a=b"),
        # what the tracers do not read
        ("dd=", None),
        ("dd=s:1;", None),
        ("dd=s:x", None),
        ("a=é", None),
        ("a=b\tc", None),
    ],
)
def test_a_session_joins_datadog_s_member_of_tracestate(header: str, added: str | None) -> None:
    assert add_session_to_tracestate(header, A) == added


@pytest.mark.parametrize(("length", "fits"), [(256, True), (257, False)])
def test_the_value_of_datadog_s_member_keeps_within_256_characters(length: int, fits: bool) -> None:
    own = f";t.llmobs_sid:{A}"
    there = "dd=t.x:".ljust(len("dd=") + length - len(own), "x")
    assert add_session_to_tracestate(there, A) == (there + own if fits else None)


@pytest.mark.parametrize(("others", "fits"), [(31, True), (32, False)])
def test_tracestate_keeps_within_32_members(others: int, fits: bool) -> None:
    there = ",".join(f"k{number}=v" for number in range(others))
    assert add_session_to_tracestate(there, A) == (f"dd=t.llmobs_sid:{A},{there}" if fits else None)
