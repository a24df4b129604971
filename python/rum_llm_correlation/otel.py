"""OpenTelemetry: spans of a request get the RUM session of the page that sent it.

Nothing else of this package imports OpenTelemetry. ``pip install rum-llm-correlation[otel]``
installs what is used here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Optional

from opentelemetry import baggage, context as otel_context, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor

from .carriers.baggage import SESSION_MEMBER, TAG_OF_MEMBER, is_tag_value
from .session_id import session_id_in

__all__ = ["RumSessionSpanProcessor"]

_log = logging.getLogger("rum_llm_correlation")

# What OpenLLMetry, OpenInference and the AI SDK put on spans that have no `gen_ai.` attribute yet.
_MARKS = ("traceloop.span.kind", "openinference.span.kind", "ai.operationId")

# OpenInference gives its spans their attributes only after they have started. All of its spans are of generative AI.
_SCOPE = "openinference"

_SESSION_ATTRIBUTE = "session.id"
_CONVERSATION_ATTRIBUTE = "gen_ai.conversation.id"


class RumSessionSpanProcessor(SpanProcessor):
    """Gives each span of a request the RUM session of the page that sent it, as ``session.id``.

    Spans of generative AI also get:

    - ``gen_ai.conversation.id``, which Datadog takes for the session of LLM Observability,
    - ``usr.id`` and ``usr.account_id``, if the baggage has ``user.id`` and ``account.id``.

    It reads them from the W3C baggage of the context that a span starts in. ``RumSessionASGI`` and
    ``RumSessionWSGI`` write a session there that came in the query or in the body. An attribute that
    the app or a library sets wins.

    Spans of generative AI are known by their attributes when they start, and by the name of their
    library: when a span ends, Python's SDK takes no more attributes. The place among other
    processors does not matter. It never raises.

    Example::

        provider = TracerProvider()
        provider.add_span_processor(RumSessionSpanProcessor())
        provider.add_span_processor(BatchSpanProcessor(exporter))
    """

    def on_start(self, span: Span, parent_context: Optional[Context] = None) -> None:
        """Sets what is known when a span starts."""
        try:
            session_id, tags = _in_baggage(parent_context)
            if session_id is not None:
                _set_missing(span, {_SESSION_ATTRIBUTE: session_id})
                tags[_CONVERSATION_ATTRIBUTE] = session_id
            if _is_gen_ai(span):
                _set_missing(span, tags)
        except Exception:
            _log.debug("The span got no session", exc_info=True)


@contextmanager
def request_with_session(session_id: str) -> Iterator[None]:
    """For the time of a request whose span OpenTelemetry has begun before the session was known.

    That is so if its middleware is outside of ``RumSessionASGI``, as with ``app.add_middleware``.
    """
    token = _attach(session_id)
    try:
        yield
    finally:
        if token is not None:
            otel_context.detach(token)


def _attach(session_id: str) -> Any:
    try:
        span = trace.get_current_span()
        if not span.get_span_context().is_valid or _in_baggage(None)[0] is not None:
            return None
        if isinstance(span, Span) and span.is_recording():
            _set_missing(span, {_SESSION_ATTRIBUTE: session_id})
        return otel_context.attach(baggage.set_baggage(SESSION_MEMBER, session_id))
    except Exception:
        _log.debug("OpenTelemetry got no session", exc_info=True)
        return None


def _in_baggage(context: Optional[Context]) -> tuple[Optional[str], dict[str, str]]:
    """The session in a context's baggage, and the attributes that tell user and account."""
    tags = {}
    for member, tag in TAG_OF_MEMBER.items():
        text = _member(member, context)
        if is_tag_value(text):
            tags[tag] = text
    return session_id_in(_member(SESSION_MEMBER, context)), tags


def _member(name: str, context: Optional[Context]) -> str:
    value = baggage.get_baggage(name, context)
    # OpenTelemetry for Python leaves a member's properties in its value.
    return value.partition(";")[0].strip() if isinstance(value, str) else ""


def _is_gen_ai(span: Span) -> bool:
    scope = span.instrumentation_scope
    if scope is not None and _SCOPE in scope.name:
        return True
    return any(name.startswith("gen_ai.") or name in _MARKS for name in span.attributes or ())


def _set_missing(span: Span, attributes: Mapping[str, str]) -> None:
    present = span.attributes or {}
    for name, value in attributes.items():
        if name not in present:
            span.set_attribute(name, value)
