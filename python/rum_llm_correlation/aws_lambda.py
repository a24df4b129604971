"""A wrapper of AWS Lambda handlers that hands an event's RUM session to ddtrace."""

from __future__ import annotations

import logging
from functools import wraps
from typing import Any, Callable, Optional, TypeVar, cast, overload

from .carriers.baggage import BAGGAGE, tags_in_baggage
from .field import field_of
from .hand_over import HandOver
from .lambda_event import headers_of, is_http_event, session_of_event
from .running_request import Entry, RunningRequest

_log = logging.getLogger("rum_llm_correlation")

_Handler = TypeVar("_Handler", bound=Callable[..., Any])


@overload
def RumSessionLambda(handler: _Handler, field: Optional[str] = None) -> _Handler: ...


@overload
def RumSessionLambda(*, field: Optional[str] = None) -> Callable[[_Handler], _Handler]: ...


# Named as the wrappers of ASGI and WSGI apps are. It is a function, and returns one, for ddtrace replaces the code of a
# handler that is a function, and looks for the class of any other in the handler's own module.
def RumSessionLambda(handler: Optional[_Handler] = None, field: Optional[str] = None) -> Any:  # noqa: N802
    """Wraps an AWS Lambda handler: LLM Observability spans of an invocation have the RUM session id that a page sent.

    Inside of Datadog's own wrapper, where its layer puts a handler by itself (``DD_LAMBDA_HANDLER``)::

        @RumSessionLambda
        def handler(event, context): ...

        handler = RumSessionLambda(Mangum(app))

        @datadog_lambda_wrapper                   # without the layer's own handler
        @RumSessionLambda(field="metadata.session_id")
        def handler(event, context): ...

    An event that an HTTP request has become (API Gateway, a WebSocket's ``$connect`` there, a function URL, a load balancer)
    and that brings a RUM session id in ``baggage`` (``session.id``), the query parameter or body field `field`, or the trace's
    own headers names the session of the trace that Datadog's wrapper has begun; user and account of the baggage become the
    tags ``usr.id`` and ``usr.account_id``. A session that code sets explicitly wins. What is no UUID counts as none. All other
    events pass as they are.

    Without ddtrace, with LLM Observability off, or outside of Datadog's wrapper, the handler works as it does without this
    one, and no error of its own ever reaches it.

    Args:
        handler: The handler. Keyword arguments are passed to it.
        field: The page's `field`. A dotted one is a path in a JSON body, and its last part names the
            query parameter and the field of a form. It replaces the default, which is
            ``RUM_LLM_FIELD`` of the environment, or ``session_id``.
    """
    if handler is None:
        return lambda decorated: RumSessionLambda(decorated, field)

    name = field_of(field)
    wrapped = cast(Callable[..., Any], handler)

    @wraps(wrapped)
    def with_session(event: Any, context: Any, **kwargs: Any) -> Any:
        session_id, tags = _session_and_tags(event, name)
        if not session_id and not tags:
            return wrapped(event, context, **kwargs)
        # Without headers no other trace takes the place of the one that Datadog's wrapper has begun.
        with HandOver(RunningRequest(), {}, session_id, tags, Entry(own_span=True)):
            return wrapped(event, context, **kwargs)

    return with_session


def _session_and_tags(event: object, field: str) -> tuple[Optional[str], dict[str, str]]:
    try:
        if is_http_event(event):
            http_event = cast("dict[str, Any]", event)
            headers = headers_of(http_event)
            return session_of_event(http_event, headers, field), tags_in_baggage(headers.get(BAGGAGE, ""))
    except Exception:
        _log.debug("The event was left as it came", exc_info=True)
    return None, {}
