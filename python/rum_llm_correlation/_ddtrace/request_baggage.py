"""Tells whose trace a context of ddtrace's belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional

from ddtrace.llmobs._constants import ANNOTATIONS_CONTEXT_ID
from ddtrace.trace import Context, Span

from ..carriers.trace_tags import SESSION_TAG

if TYPE_CHECKING:
    from .request_trace import RequestTrace


class RequestBaggage(dict):  # type: ignore[type-arg]
    """The baggage of a request's trace, which tells whose it is."""

    def __init__(self, baggage: Mapping[str, Any], trace: RequestTrace) -> None:
        super().__init__(baggage)
        self.trace = trace


def context_of(active: Any) -> Any:
    """The context of what ddtrace holds for active: a span, a context or ``None``."""
    return active.context if isinstance(active, Span) else active


def trace_of(context: Any) -> Optional[RequestTrace]:
    """The request's trace that a context belongs to."""
    baggage = getattr(context, "_baggage", None)
    return baggage.trace if type(baggage) is RequestBaggage else None


def is_live(trace: Optional[RequestTrace]) -> bool:
    return trace is not None and not trace.ended


def isolate(context: Context, alien: bool) -> None:
    """Makes the context share nothing but ids and sampling with its trace.

    Args:
        context: The context.
        alien: Whether the session and the annotations in it are another request's.
    """
    context._meta = {key: value for key, value in context._meta.items() if not (alien and key == SESSION_TAG)}
    context._baggage = {
        key: value for key, value in context._baggage.items() if not (alien and key == ANNOTATIONS_CONTEXT_ID)
    }
