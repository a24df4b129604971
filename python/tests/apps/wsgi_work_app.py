"""The work of work.py, over Flask, Django or no framework: FRAMEWORK says which, SERVER what serves it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from . import work
from .serving import WSGI_SERVERS, wrapped_wsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def flask() -> Any:
    from flask import Flask, Response, request

    app = Flask(__name__)

    @app.post("/<kind>")
    def do(kind: str) -> Response:
        request.get_data()
        return Response(answer(kind, request.args["label"]))

    return app


def django() -> Any:
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
    from django.urls import path

    def do(request: HttpRequest, kind: str) -> Any:
        len(request.body)
        done = answer(kind, request.GET["label"])
        return HttpResponse(done) if isinstance(done, str) else StreamingHttpResponse(done)

    settings.configure(
        ROOT_URLCONF="tests.apps.django_urls",
        SECRET_KEY="test",
        ALLOWED_HOSTS=["*"],
        DATA_UPLOAD_MAX_MEMORY_SIZE=None,
    )
    sys.modules["tests.apps.django_urls"] = urls = type(sys)("tests.apps.django_urls")
    urls.urlpatterns = [path("<kind>", do)]  # type: ignore[attr-defined]
    django.setup()
    return get_wsgi_application()


def plain() -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        done = answer(environ["PATH_INFO"][1:], parse_qs(environ["QUERY_STRING"])["label"][0])
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [done.encode()] if isinstance(done, str) else done

    return app


def answer(kind: str, label: str) -> Any:
    if kind in work.STREAMS:
        return work.STREAMS[kind](label)
    if kind in work.SYNC:
        work.SYNC[kind](label)
    else:
        asyncio.run(work.ASYNC[kind](label))  # type: ignore[arg-type]
    return "done"


if __name__ == "__main__":
    sys.modules["tests.apps.wsgi_work_app"] = sys.modules[__name__]
    app = {"flask": flask, "django": django, "plain": plain}[os.environ.get("FRAMEWORK", "flask")]()
    WSGI_SERVERS[os.environ.get("SERVER", "waitress")](wrapped_wsgi(app))
