"""Reads the RUM session off a request, for code of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field as dataclass_field
from typing import Any, Callable, NamedTuple, Optional, Protocol, Union

from .carriers.baggage import BAGGAGE, session_in_baggage, tags_in_baggage
from .carriers.body import session_in_body
from .carriers.query import QueryParameter
from .carriers.trace_tags import TRACE_TAGS, session_tag
from .carriers.tracestate import TRACESTATE, session_in_tracestate
from .lambda_event import body_of, headers_of, is_http_event, query_of
from .session_id import session_id_in


class Items(Protocol):
    """Names and values that need not be a mapping, such as the headers of ``http.server``."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Gives the pairs."""


#: A mapping (a WSGI environ or an event of AWS Lambda, too), anything else with ``items()``, or
#: pairs. Names and values are str or bytes. A value may also be a list of these.
Headers = Union[Mapping[Any, Any], Items, Iterable[tuple[Any, Any]]]

_CONTENT_TYPE = "content-type"

_READ_HEADERS = (BAGGAGE, TRACE_TAGS, TRACESTATE, _CONTENT_TYPE)


@dataclass(frozen=True)
class RumSession:
    """What a request says of the RUM session of the page that sent it."""

    #: The RUM session id, a UUID.
    session_id: Optional[str] = None

    #: ``usr.id`` and ``usr.account_id``, for LLM Observability spans, where the request's baggage has user and account. They
    #: are the client's words: good for tags, not for decisions.
    tags: dict[str, str] = dataclass_field(default_factory=dict)


def rum_session_of(
    headers: Headers,
    query_string: object = None,
    body: object = None,
    field: str = "session_id",
) -> RumSession:
    """Reads the RUM session, user and account off a request.

    For code of your own: WebSockets, and servers without ASGI or WSGI::

        session = rum_session_of(request.headers, request.url.query, await request.json())
        with LLMObs.workflow(session_id=session.session_id):
            ...

    The session id is looked for in the body, then in ``baggage`` (``session.id``), the query,
    ``x-datadog-tags`` and ``tracestate``. What is no UUID counts as none. It never raises, whatever
    the client sent.

    Args:
        headers: A mapping, a list of pairs (str or bytes), or AWS's ``multiValueHeaders``. A WSGI
            environ brings its query string itself, and an event of AWS Lambda its body, too.
        query_string: The part of the URL behind the question mark as text or bytes, or what the
            framework has made of it: a dict or a multi-dict.
        body: What the framework has made of the body: a dict, a pydantic model, a dataclass or a
            form (also Tornado's ``body_arguments``). Or its text or bytes: JSON, urlencoded or
            multipart. What cannot have the field is not parsed.
        field: Name of the body's field and of the query parameter. A dotted one
            (``metadata.session_id``) is a path in a JSON body, and its last part names the query
            parameter and the field of a form.

    Returns:
        The session and the tags. Both may be empty.
    """
    request = _attempt(lambda: _request_of(headers, query_string, body), _Request({}, query_string, body))
    texts = _attempt(lambda: _joined(request.headers), {})
    baggage = texts.get(BAGGAGE, "")

    sources: tuple[Callable[[], Optional[str]], ...] = (
        lambda: session_in_body(request.body, field, texts.get(_CONTENT_TYPE, "")),
        lambda: session_in_baggage(baggage),
        lambda: _session_in_query(request.query, QueryParameter(field)),
        lambda: session_id_in(session_tag(texts.get(TRACE_TAGS, ""))),
        lambda: session_id_in(session_in_tracestate(texts.get(TRACESTATE, ""))),
    )
    session_id = next(filter(None, (_attempt(source, None) for source in sources)), None)
    return RumSession(session_id, _attempt(lambda: tags_in_baggage(baggage), {}))


class _Request(NamedTuple):
    headers: Any
    query: object
    body: object


def _request_of(headers: Any, query: object, body: object) -> _Request:
    """Adds what an event of AWS, or a WSGI environ, brings besides headers."""
    if is_http_event(headers):
        return _Request(
            headers_of(headers),
            query_of(headers) if query is None else query,
            body_of(headers) if body is None else body,
        )
    if query is None and isinstance(headers, Mapping):
        query = headers.get("QUERY_STRING")
    return _Request(headers, query, body)


def _session_in_query(query: object, parameter: QueryParameter) -> Optional[str]:
    if isinstance(query, (str, bytes)):
        return parameter.session_in(_text(query).lstrip("?"))
    return parameter.session_in_values(query)


def _attempt(read: Callable[[], Any], otherwise: Any) -> Any:
    """Reads a source. One that cannot be read must not hide the next, nor trouble the handler."""
    try:
        return read()
    except Exception:
        return otherwise


def _joined(headers: Any) -> dict[str, str]:
    lines: dict[str, list[str]] = {}
    for name, value in headers.items() if hasattr(headers, "items") else headers:
        key = _text(name).lower().replace("_", "-")
        if key.startswith("http-"):
            key = key[len("http-") :]  # a WSGI environ's HTTP_BAGGAGE
        if key in _READ_HEADERS:
            values = value if isinstance(value, (list, tuple)) else [value]
            lines.setdefault(key, []).extend(map(_text, values))
    return {key: ",".join(values) for key, values in lines.items()}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else ""
