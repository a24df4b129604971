"""A handler of Tornado gives `rum_session_of` what Tornado itself makes of the request."""

from __future__ import annotations

import uuid

import pytest

from .conftest import StartBackend
from .support.datadog import Datadog

#: The workflow, and the model's call in it.
SPANS = 2

FORM = "message=Hello&session_id={}"
PARTS = (
    '--b\r\nContent-Disposition: form-data; name="session_id"\r\n\r\n{}\r\n'
    '--b\r\nContent-Disposition: form-data; name="message"\r\n\r\nHello\r\n--b--\r\n'
)


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("application/x-www-form-urlencoded", FORM, "Hello"),
        ("multipart/form-data; boundary=b", PARTS, "Hello"),
        ("application/json", '{{"session_id":"{}"}}', "none"),
    ],
    ids=["a form", "a multipart form", "JSON"],
)
def test_the_session_of_a_body_reaches_the_spans(
    content_type: str, body: str, message: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = str(uuid.uuid4()), str(uuid.uuid4())

    answer = start_backend("tornado_app").post("/chat", body.format(session).encode(), content_type, label=label)

    assert answer == message
    assert {span.session_id for span in datadog.spans_of(label, SPANS)} == {session}


def test_a_value_that_is_no_session_id_counts_as_none(start_backend: StartBackend, datadog: Datadog) -> None:
    label = str(uuid.uuid4())
    form = "application/x-www-form-urlencoded"

    start_backend("tornado_app").post("/chat", b"session_id=conversation&message=Hello", form, label=label)

    assert {span.session_id for span in datadog.spans_of(label, SPANS)} == {None}
