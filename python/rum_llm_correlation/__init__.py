"""Datadog RUM sessions on LLM Observability spans, for ASGI and WSGI apps and AWS Lambda functions that ddtrace traces.

A page with the Datadog Browser RUM SDK sends its session id along with its calls. This package reads the id from the
request and hands it to ddtrace. Every LLM Observability span of the request then has it. Handlers stay as they are::

    from rum_llm_correlation import RumSessionASGI, RumSessionLambda, RumSessionWSGI

    app.add_middleware(RumSessionASGI)             # FastAPI, Starlette
    app = RumSessionASGI(app)                      # Quart, Django ASGI and all others
    app.wsgi_app = RumSessionWSGI(app.wsgi_app)    # Flask
    handler = RumSessionLambda(handler)            # AWS Lambda

:func:`rum_session_of` reads the session for code of your own.
"""

from .asgi import RumSessionASGI
from .aws_lambda import RumSessionLambda
from .rum_session import RumSession, rum_session_of
from .wsgi import RumSessionWSGI

__all__ = ["RumSession", "RumSessionASGI", "RumSessionLambda", "RumSessionWSGI", "rum_session_of"]
