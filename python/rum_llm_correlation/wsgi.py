"""WSGI middleware that hands a request's RUM session to ddtrace."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sized
from typing import TYPE_CHECKING, Optional

from .carriers.query import QueryParameter
from .field import field_of
from .hand_over import HandOver, is_traced
from .request import MARKS_IN_TEXT, brings_session, correlate
from .running_request import Entry, RunningRequest
from .scanned_body import BodyOption, BodyRule, RequestHead
from .wsgi_input import InputAhead

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger("rum_llm_correlation")


def _key_of(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


_MARKS = tuple((_key_of(name), has_mark) for name, has_mark in MARKS_IN_TEXT.items())


class RumSessionWSGI:
    """WSGI middleware: LLM Observability spans of a request have the RUM session id that its page sent.

    Wrap the app with it, outermost::

        app = Flask(__name__)
        app.wsgi_app = RumSessionWSGI(app.wsgi_app)

        application = RumSessionWSGI(get_wsgi_application())  # Django

    A request that brings a RUM session id in ``baggage`` (``session.id``) or in the query parameter `field` hands it to
    ddtrace as the session of its trace; user and account of the baggage become the tags ``usr.id`` and ``usr.account_id``.
    Streamed answers are covered. A session that code sets explicitly wins. What is no UUID counts as none.

    Without ddtrace, or with LLM Observability off, the app works as it does without the middleware, and no error of the
    middleware's own ever reaches it.

    Args:
        app: The app. Lists and files that it answers with are handed to the server as they are.
        field: The page's `field`. A dotted one is a path in a JSON body, and its last part names the
            query parameter and the field of a form. It replaces the default, which is
            ``RUM_LLM_FIELD`` of the environment, or ``session_id``.
        body: Whether bodies are looked at; or prefixes of the paths whose bodies are.
    """

    def __init__(self, app: WSGIApplication, field: Optional[str] = None, body: BodyOption = True) -> None:
        """Takes the app, and what is looked for."""
        self._app = app
        name = field_of(field)
        self._parameter = QueryParameter(name)
        self._bodies = BodyRule(name, body)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serves one request."""
        hand_over = None
        try:
            in_body = self._session_in_body(environ)
            if in_body or self._may_bring_session(environ):
                hand_over = self._correlate(environ, in_body)
        except Exception:
            _log.debug("The request was left as it came", exc_info=True)
        if hand_over is None:
            return self._app(environ, start_response)

        try:
            with hand_over.step():
                answer = self._app(environ, start_response)
        except BaseException:
            hand_over.end()
            raise
        if _is_finished(answer, environ):
            hand_over.end()
            return answer
        size = _size_of(answer)
        return _Answer(answer, hand_over) if size is None else _SizedAnswer(answer, hand_over, size)

    def _may_bring_session(self, environ: WSGIEnvironment) -> bool:
        for key, has_mark in _MARKS:
            if key in environ and has_mark(environ[key]):
                return True
        return self._parameter.may_be_in(environ.get("QUERY_STRING") or "")

    def _session_in_body(self, environ: WSGIEnvironment) -> Optional[str]:
        """Looks at the body, if that may bring a session that nothing before it brings."""
        method = environ.get("REQUEST_METHOD", "")
        path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
        if not self._bodies.takes(method, path):
            return None
        headers = _headers_of(environ)
        body = self._bodies.body_of(RequestHead(method, path, headers))
        # Without a length, nothing says how far to read: many servers wait for more then.
        if body is None or body.length is None or brings_session(headers, _query_of(environ), self._parameter):
            return None
        ahead = InputAhead(environ["wsgi.input"])
        environ["wsgi.input"] = ahead
        return ahead.look(body)

    def _correlate(self, environ: WSGIEnvironment, in_body: Optional[str]) -> Optional[HandOver]:
        headers = _headers_of(environ)
        correlation = correlate(headers, _query_of(environ), self._parameter, in_body=in_body, traced=is_traced())
        if correlation is None:
            return None
        changes, headers, session_id, tags = correlation
        for name, value in changes.items():
            key = _key_of(name)
            if value is None:
                environ.pop(key, None)
            else:
                environ[key] = value
        return HandOver(RunningRequest(), headers, session_id, tags, Entry())


def _headers_of(environ: WSGIEnvironment) -> dict[str, str]:
    headers = {
        key[len("HTTP_") :].replace("_", "-").lower(): value
        for key, value in environ.items()
        if key.startswith("HTTP_") and isinstance(value, str)
    }
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            headers[key.replace("_", "-").lower()] = str(environ[key])
    return headers


def _query_of(environ: WSGIEnvironment) -> str:
    return environ.get("QUERY_STRING") or ""


def _is_finished(answer: object, environ: WSGIEnvironment) -> bool:
    """Whether nothing of the app runs any more while the server sends its answer.

    Such an answer stays the object that it is: servers send the files of their own ``wsgi.file_wrapper``, which may return
    the file itself, by faster ways.
    """
    # The type itself: ddtrace's proxy around a list calls itself a list, but ends the request's spans while it is read.
    if issubclass(type(answer), (list, tuple)):
        return True
    file_wrapper = environ.get("wsgi.file_wrapper")
    return (isinstance(file_wrapper, type) and isinstance(answer, file_wrapper)) or hasattr(answer, "read")


def _size_of(answer: object) -> Optional[int]:
    try:
        return len(answer) if isinstance(answer, Sized) else None
    except Exception:
        return None


class _Answer:
    """An answer that the app still works on while the server sends it: each step runs where the trace is active."""

    def __init__(self, answer: Iterable[bytes], hand_over: HandOver) -> None:
        self._answer = answer
        self._hand_over = hand_over
        self._parts: Optional[Iterator[bytes]] = None

    def __iter__(self) -> Iterator[bytes]:
        with self._hand_over.step():
            self._parts = iter(self._answer)
        return self

    def __next__(self) -> bytes:
        try:
            with self._hand_over.step():
                if self._parts is None:
                    self._parts = iter(self._answer)
                return next(self._parts)
        except BaseException:
            if not hasattr(self._answer, "close"):
                self._hand_over.end()
            raise

    def close(self) -> None:
        try:
            close = getattr(self._answer, "close", None)
            if close is not None:
                with self._hand_over.step():
                    close()
        finally:
            self._hand_over.end()


class _SizedAnswer(_Answer):
    """Servers set the content length of an answer that says that it has one part."""

    def __init__(self, answer: Iterable[bytes], hand_over: HandOver, size: int) -> None:
        super().__init__(answer, hand_over)
        self._size = size

    def __len__(self) -> int:
        return self._size
