from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field as dataclass_field
from typing import Any, Callable, Optional, Union

from .carriers.baggage import BAGGAGE, session_in_baggage, tags_in_baggage
from .carriers.body import session_in_body
from .carriers.query import QueryParameter
from .carriers.trace_tags import TRACE_TAGS, session_tag
from .carriers.tracestate import TRACESTATE, session_in_tracestate
from .session_id import session_id_in

#: A mapping (a WSGI environ, too), anything else with ``items()``, or pairs; names and values are str or bytes.
Headers = Union[Mapping[Any, Any], Iterable[tuple[Any, Any]]]

_LIST_HEADERS = (BAGGAGE, TRACE_TAGS, TRACESTATE)


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
    query_string: Union[str, bytes, None] = None,
    body: object = None,
    field: str = "session_id",
) -> RumSession:
    """Reads the RUM session, user and account off a request. For code of your own: the ``body`` carrier, WebSockets, servers
    without ASGI or WSGI::

        session = rum_session_of(request.headers, request.url.query, await request.json())
        with LLMObs.workflow(session_id=session.session_id):
            ...

    The session id is looked for in the body, then in ``baggage`` (``session.id``), the query, ``x-datadog-tags`` and
    ``tracestate``. What is no UUID counts as none. It never raises, whatever the client sent.

    :param headers: A mapping, a list of pairs (str or bytes), or a WSGI environ, which brings its query string itself.
    :param query_string: The part of the URL behind the question mark, as it came.
    :param body: A dict, JSON as text or bytes, or urlencoded text; a framework's own form will do.
    :param field: Name of the body's field and of the query parameter. A dotted one (``metadata.session_id``) is a path in a
        JSON body, and its last part names the query parameter and the field of a form.
    """
    texts = _attempt(lambda: _list_headers(headers), {})
    baggage = texts.get(BAGGAGE, "")
    query = query_string
    if query is None:
        query = _attempt(lambda: headers.get("QUERY_STRING") if isinstance(headers, Mapping) else None, None)

    sources: tuple[Callable[[], Optional[str]], ...] = (
        lambda: session_in_body(body, field),
        lambda: session_in_baggage(baggage),
        lambda: QueryParameter(field).session_in(_text(query).lstrip("?")),
        lambda: session_id_in(session_tag(texts.get(TRACE_TAGS, ""))),
        lambda: session_id_in(session_in_tracestate(texts.get(TRACESTATE, ""))),
    )
    session_id = next(filter(None, (_attempt(source, None) for source in sources)), None)
    return RumSession(session_id, _attempt(lambda: tags_in_baggage(baggage), {}))


def _attempt(read: Callable[[], Any], otherwise: Any) -> Any:
    """A source that cannot be read must not hide the next one, nor trouble the handler."""
    try:
        return read()
    except Exception:
        return otherwise


def _list_headers(headers: Any) -> dict[str, str]:
    lines: dict[str, list[str]] = {}
    for name, value in headers.items() if hasattr(headers, "items") else headers:
        key = _text(name).lower().replace("_", "-")
        if key.startswith("http-"):
            key = key[len("http-") :]  # a WSGI environ's HTTP_BAGGAGE
        if key in _LIST_HEADERS:
            lines.setdefault(key, []).append(_text(value))
    return {key: ",".join(values) for key, values in lines.items()}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else ""
