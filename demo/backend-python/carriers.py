"""How each path of the agent finds the RUM session id of the page that called it: one entry per carrier.

EventSource can carry nothing but the query parameter, and a beacon no header, so where code reads the id it looks there
next.
"""

from ddtrace import tracer


def _from_body(body, query):
    return body.get("session_id") or query.get("session_id")


def _from_query(_body, query):
    return query.get("session_id")


def _from_baggage(body, query):
    return _baggage("session.id") or query.get("session_id") or body.get("session_id")


def _from_trace_tags(_body, _query):
    # No code: ddtrace takes the id from the x-datadog-tags header by itself.
    return None


SESSION_ID_FROM = {
    "body": _from_body,
    "query": _from_query,
    "baggage": _from_baggage,
    "trace-tags": _from_trace_tags,
}


def user_tags():
    """The user and account that the RUM SDK knows, under the names that Datadog gives them on spans."""
    tags = {"usr.id": _baggage("user.id"), "usr.account_id": _baggage("account.id")}
    return {name: value for name, value in tags.items() if value}


def _baggage(key):
    return tracer.current_span().context.get_baggage_item(key)
