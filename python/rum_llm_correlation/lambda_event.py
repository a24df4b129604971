from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any, Optional
from urllib.parse import urlencode

from .carriers.baggage import BAGGAGE, session_in_baggage
from .carriers.body import session_in_body
from .carriers.query import QueryParameter
from .carriers.trace_tags import TRACE_TAGS, session_tag
from .carriers.tracestate import TRACESTATE, session_in_tracestate
from .session_id import session_id_in

_LIST_HEADERS = (BAGGAGE, TRACE_TAGS, TRACESTATE)

_METHODS_WITH_BODY = ("POST", "PUT", "PATCH")

# Or none: of text without a type the beginning tells.
_JSON_TYPE = re.compile(r"(?:application/(?:[^;\s]+\+)?json|text/plain)?\s*(?:;|$)", re.IGNORECASE)
_FORM_TYPE = re.compile(r"application/x-www-form-urlencoded\s*(?:;|$)", re.IGNORECASE)


def is_http_event(event: object) -> bool:
    """Whether an HTTP request has become this event: in API Gateway (REST, HTTP, a WebSocket's ``$connect``), at a function
    URL or in an Application Load Balancer.

    That of a queue, a schedule or a direct invocation is none, nor is a WebSocket's message.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
    """
    return (
        isinstance(event, Mapping)
        and isinstance(event.get("requestContext"), Mapping)
        and (
            isinstance(event.get("headers"), Mapping)
            or isinstance(event.get("multiValueHeaders"), Mapping)
            or event.get("httpMethod") is not None
        )
    )


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """The headers by lower-case name. Those that are lists may come in several lines (RFC 9110); of others the last counts."""
    lines: dict[str, list[str]] = {}
    for name, value in _pairs(event.get("multiValueHeaders") or event.get("headers")):
        lines.setdefault(name.lower(), []).append(value)
    return {name: ",".join(values) if name in _LIST_HEADERS else values[-1] for name, values in lines.items()}


def session_of_event(event: Mapping[str, Any], headers: Mapping[str, str], field: str) -> Optional[str]:
    """The session id that an event brings: in ``baggage``, else in the query, else in the body, else in its trace's headers,
    which Datadog's library does not read.
    """
    return (
        session_in_baggage(headers.get(BAGGAGE, ""))
        or QueryParameter(field).session_in(_query_of(event))
        or _session_in_body(event, headers, field)
        or session_id_in(session_tag(headers.get(TRACE_TAGS, "")))
        or session_id_in(session_in_tracestate(headers.get(TRACESTATE, "")))
    )


def _query_of(event: Mapping[str, Any]) -> str:
    raw = event.get("rawQueryString")
    if isinstance(raw, str):
        return raw
    pairs = list(_pairs(event.get("multiValueQueryStringParameters") or event.get("queryStringParameters")))
    if "elb" in event["requestContext"]:
        # A load balancer hands names and values on as they came; the others decode them.
        return "&".join(map("=".join, pairs))
    return urlencode(pairs, errors="replace")


def _session_in_body(event: Mapping[str, Any], headers: Mapping[str, str], field: str) -> Optional[str]:
    try:
        text = _text_of_body(event, headers)
        return session_in_body(text, field) if text else None
    except Exception:
        return None  # What is no JSON, or no base64, brings nothing.


def _text_of_body(event: Mapping[str, Any], headers: Mapping[str, str]) -> Optional[str]:
    body, content_type = event.get("body"), headers.get("content-type", "").strip()
    is_form = _FORM_TYPE.match(content_type) is not None
    if (
        not isinstance(body, str)
        or _method_of(event) not in _METHODS_WITH_BODY
        or not (is_form or _JSON_TYPE.match(content_type))
        or headers.get("content-encoding", "").strip().lower() not in ("", "identity")
    ):
        return None
    text = base64.b64decode(body).decode("utf-8", "replace") if event.get("isBase64Encoded") else body
    return text if is_form or text.lstrip("\ufeff \t\r\n").startswith("{") else None


def _method_of(event: Mapping[str, Any]) -> object:
    http = event["requestContext"].get("http")
    return event.get("httpMethod") or (http.get("method") if isinstance(http, Mapping) else None)


def _pairs(values: object) -> Iterator[tuple[str, str]]:
    """A pair for each value, also where a name has a list of them."""
    if isinstance(values, Mapping):
        for name, value in values.items():
            for line in value if isinstance(value, list) else [value]:
                if isinstance(name, str) and isinstance(line, str):
                    yield name, line
