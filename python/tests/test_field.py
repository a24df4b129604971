"""Which field the wrappers look for."""

from __future__ import annotations

import asyncio
import io
from typing import Any, Optional

import pytest

from rum_llm_correlation import RumSessionASGI, RumSessionLambda, RumSessionWSGI
from rum_llm_correlation.field import field_of

from .support.asgi_ends import no_receive, no_send

RUM = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
CONVERSATION = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
QUERY = f"session_id={CONVERSATION}&rum_session_id={RUM}"


def in_asgi(field: Optional[str]) -> str:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(dict(scope["headers"]))

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": QUERY.encode()}
    asyncio.run(RumSessionASGI(app, field)(scope, no_receive, no_send))
    return str(seen[0][b"x-datadog-tags"])


def in_wsgi(field: Optional[str]) -> str:
    seen: list[Any] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(environ)
        return []

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": QUERY, "wsgi.input": io.BytesIO()}
    RumSessionWSGI(app, field)(environ, lambda *_: lambda _: None)
    return str(seen[0]["HTTP_X_DATADOG_TAGS"])


@pytest.mark.parametrize("read", [in_asgi, in_wsgi])
@pytest.mark.parametrize(
    ("given", "environment", "session"),
    [
        (None, None, CONVERSATION),
        ("rum_session_id", None, RUM),
        ("metadata.rum_session_id", None, RUM),
        (None, "rum_session_id", RUM),
        (None, " ", CONVERSATION),
        ("session_id", "rum_session_id", CONVERSATION),
    ],
)
def test_a_field_that_is_given_replaces_the_default(
    read: Any, given: Optional[str], environment: Optional[str], session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if environment is not None:
        monkeypatch.setenv("RUM_LLM_FIELD", environment)
    assert session in read(given)


def test_lambda_takes_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUM_LLM_FIELD", "rum_session_id")
    assert field_of(None) == "rum_session_id"
    assert RumSessionLambda(lambda event, context: event)({}, None) == {}
