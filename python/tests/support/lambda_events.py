"""Events as AWS makes them of HTTP requests, in the shapes that its documentation has; all values are made up."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple, Optional
from urllib.parse import parse_qsl

Event = dict[str, Any]

_PATH = "/chat"
_ACCOUNT = "123456789012"
_CAME = {"host": "agent.example.com", "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}
_TARGET = f"arn:aws:elasticloadbalancing:eu-west-1:{_ACCOUNT}:targetgroup/agent/50dc6c495c0c9188"


class Call(NamedTuple):
    """A page's call: names of headers as the client wrote them."""

    method: str = "POST"
    headers: Mapping[str, str] = {}
    query: str = ""
    body: Optional[str] = None
    base64: bool = False


def rest_api(call: Call) -> Event:
    headers = _capital({**_CAME, **call.headers})
    query = dict(parse_qsl(call.query))
    return {
        "resource": _PATH,
        "path": _PATH,
        "httpMethod": call.method,
        "headers": headers,
        "multiValueHeaders": _lists(headers),
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": _lists(query) or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": _ACCOUNT,
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "httpMethod": call.method,
            "path": f"/prod{_PATH}",
            "protocol": "HTTP/1.1",
            "requestId": "6f1c0c5e-0d5c-4c8e-9d7e-0d2c7a1b3e4f",
            "requestTimeEpoch": 1764000000000,
            "resourceId": "r3s0rc",
            "resourcePath": _PATH,
            "stage": "prod",
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "Mozilla/5.0"},
        },
        **_body(call),
    }


def http_api(call: Call) -> Event:
    return _payload_2(call, "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com")


def function_url(call: Call) -> Event:
    return _payload_2(call, "u7r1l2x3.lambda-url.eu-west-1.on.aws")


def load_balancer(call: Call) -> Event:
    return {
        "requestContext": {"elb": {"targetGroupArn": _TARGET}},
        "httpMethod": call.method,
        "path": _PATH,
        "queryStringParameters": _undecoded(call.query),
        "headers": _lower({**_CAME, **call.headers}),
        **_body(call),
    }


def load_balancer_multi_value(call: Call) -> Event:
    return {
        "requestContext": {"elb": {"targetGroupArn": _TARGET}},
        "httpMethod": call.method,
        "path": _PATH,
        "multiValueQueryStringParameters": _lists(_undecoded(call.query)),
        "multiValueHeaders": _lists(_lower({**_CAME, **call.headers})),
        **_body(call),
    }


def web_socket_connect(call: Call) -> Event:
    headers = _capital({**_CAME, **call.headers})
    query = dict(parse_qsl(call.query))
    parameters = {"queryStringParameters": query, "multiValueQueryStringParameters": _lists(query)} if query else {}
    return {
        "headers": headers,
        "multiValueHeaders": _lists(headers),
        **parameters,
        "requestContext": {
            "routeKey": "$connect",
            "eventType": "CONNECT",
            "messageDirection": "IN",
            "connectionId": "CnLk3eXaMpLeId=",
            "domainName": "w5s6o7c8.execute-api.eu-west-1.amazonaws.com",
            "stage": "prod",
            "apiId": "w5s6o7c8",
            "requestId": "CnLk3FSyExAmPlE=",
            "requestTimeEpoch": 1764000000000,
        },
        "isBase64Encoded": False,
    }


#: What hands HTTP requests with a body to a function.
SOURCES: list[Callable[[Call], Event]] = [rest_api, http_api, function_url, load_balancer, load_balancer_multi_value]


def other_events(text: str, session_id: str) -> list[Event]:
    """Events that no HTTP request has become, although a session id stands in each."""
    message = {"session_id": session_id, "text": text}
    return [
        {
            "Records": [
                {
                    "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
                    "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
                    "body": json.dumps(message),
                    "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1764000000000"},
                    "messageAttributes": {},
                    "eventSource": "aws:sqs",
                    "eventSourceARN": f"arn:aws:sqs:eu-west-1:{_ACCOUNT}:questions",
                    "awsRegion": "eu-west-1",
                }
            ]
        },
        {
            "version": "0",
            "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
            "detail-type": "Question asked",
            "source": "chat.example",
            "account": _ACCOUNT,
            "time": "2026-11-29T02:45:00Z",
            "region": "eu-west-1",
            "resources": [],
            "detail": message,
        },
        {**message, "body": json.dumps(message)},
        {"headers": {"baggage": f"session.id={session_id}"}, "body": json.dumps(message)},
        {
            "requestContext": {
                "routeKey": "$default",
                "eventType": "MESSAGE",
                "messageDirection": "IN",
                "connectionId": "CnLk3eXaMpLeId=",
                "domainName": "w5s6o7c8.execute-api.eu-west-1.amazonaws.com",
                "stage": "prod",
                "apiId": "w5s6o7c8",
                "requestTimeEpoch": 1764000000000,
            },
            "body": json.dumps(message),
            "isBase64Encoded": False,
        },
    ]


def _payload_2(call: Call, domain: str) -> Event:
    parameters = {"queryStringParameters": dict(parse_qsl(call.query))} if call.query else {}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": _PATH,
        "rawQueryString": call.query,
        "headers": _lower({**_CAME, **call.headers}),
        **parameters,
        "requestContext": {
            "accountId": _ACCOUNT,
            "apiId": "a1b2c3d4e5",
            "domainName": domain,
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": call.method,
                "path": _PATH,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "Mozilla/5.0",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "29/Nov/2026:02:45:00 +0000",
            "timeEpoch": 1764000000000,
        },
        **_body(call),
    }


def _body(call: Call) -> Event:
    body = call.body
    if body is not None and call.base64:
        body = base64.b64encode(body.encode()).decode()
    return {"body": body, "isBase64Encoded": call.base64}


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _capital(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.title(): value for name, value in headers.items()}


def _lists(values: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [value] for name, value in values.items()}


def _undecoded(query: str) -> dict[str, str]:
    """A load balancer leaves names and values encoded."""
    return {name: value for name, _, value in (pair.partition("=") for pair in query.split("&")) if name}
