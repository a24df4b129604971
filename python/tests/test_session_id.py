from __future__ import annotations

import uuid

import pytest
from hypothesis import given, strategies as st

from rum_llm_correlation.session_id import session_id_in

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize("value", [UUID, UUID.upper(), "00000000-0000-0000-0000-000000000000"])
def test_a_uuid_is_a_session_id(value: str) -> None:
    assert session_id_in(value) == value


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        1,
        True,
        UUID.encode(),
        [UUID],
        {"id": UUID},
        f" {UUID}",
        f"{UUID} ",
        f"{UUID}\n",
        f"{{{UUID}}}",
        f"urn:uuid:{UUID}",
        UUID.replace("-", ""),
        UUID[:-1],
        f"{UUID}0",
        UUID.replace("f", "g"),
        UUID.replace("0", "\u0660"),
        UUID.replace("-", "\u2010"),
        f"{UUID},_dd.p.dm=-4",
        f"{UUID}\r\nx-admin: 1",
    ],
)
def test_whatever_else_is_none(value: object) -> None:
    assert session_id_in(value) is None


@given(st.uuids())
def test_every_uuid_is_one(value: uuid.UUID) -> None:
    assert session_id_in(str(value)) == str(value)
