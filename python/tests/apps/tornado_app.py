"""Tornado is neither ASGI nor WSGI: its handler reads the session by itself."""

from __future__ import annotations

import asyncio

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from rum_llm_correlation import rum_session_of

from . import agent


class Chat(RequestHandler):
    async def post(self) -> None:
        request = self.request
        session = rum_session_of(request.headers, request.query, request.body_arguments or request.body)
        await agent.workflow_async(self.get_query_argument("label"), session.session_id)
        self.write(self.get_body_argument("message", "none"))


async def main() -> None:
    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(Application([("/chat", Chat)])).add_sockets(sockets)
    print(f"listening on {sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
