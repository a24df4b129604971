from __future__ import annotations

import os
import sys

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from . import agent
from .serving import serve_uvicorn, serve_waitress, showing_what_is_left, wrapped_asgi, wrapped_wsgi

settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="test", ALLOWED_HOSTS=["*"], DEBUG=False)
django.setup()


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(agent.answer(request.GET["label"]))


async def answer_async(request: HttpRequest) -> HttpResponse:
    return HttpResponse(await agent.answer_async(request.GET["label"]))


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(agent.echo(request.body, request.GET["label"]))


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(agent.stream(request.GET["label"]))


async def stream_async(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(agent.stream_async(request.GET["label"]))


def explicit(request: HttpRequest) -> HttpResponse:
    return HttpResponse(agent.answer(request.GET["label"], session_id="explicit"))


urlpatterns = [
    path("sync", answer),
    path("async", answer_async),
    path("echo", echo),
    path("stream", stream),
    path("stream-async", stream_async),
    path("explicit", explicit),
]

if __name__ == "__main__":
    sys.modules.setdefault("tests.apps.django_app", sys.modules[__name__])
    if os.environ.get("SERVER") == "waitress":
        serve_waitress(showing_what_is_left(wrapped_wsgi(get_wsgi_application())))
    else:
        serve_uvicorn(wrapped_asgi(get_asgi_application()))
