"""Datadog RUM sessions on LLM Observability spans, for ASGI and WSGI apps and AWS Lambda functions that ddtrace traces.

A page that the Datadog Browser RUM SDK watches sends its session id along with its calls. What this package does is to take
it off the request and to hand it to ddtrace, so that every LLM Observability span of the request has it, without the handler's
own code changing::

    from rum_llm_correlation import RumSessionASGI, RumSessionLambda, RumSessionWSGI

    app = RumSessionASGI(app)                      # FastAPI, Starlette, Quart, Django ASGI
    app.wsgi_app = RumSessionWSGI(app.wsgi_app)    # Flask
    handler = RumSessionLambda(handler)            # AWS Lambda

Where only the body of the request has the id, :func:`rum_session_of` reads it.
"""

from .asgi import RumSessionASGI
from .aws_lambda import RumSessionLambda
from .rum_session import RumSession, rum_session_of
from .wsgi import RumSessionWSGI

__all__ = ["RumSession", "RumSessionASGI", "RumSessionLambda", "RumSessionWSGI", "rum_session_of"]
