"""The readers of bodies: whatever the text, and however it is cut."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from rum_llm_correlation.body_scan import BodyScan
from rum_llm_correlation.form_scan import FormOrJsonScan
from rum_llm_correlation.json_scan import JsonScan

ID = "0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f"
OTHER = "11111111-2222-4333-8444-555555555555"
ESCAPED_ID = "\\u0030" + ID[1:].replace("-", "\\u002D", 1)


def scanned(scan: BodyScan, data: bytes, cuts: Iterable[int] = ()) -> BodyScan:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in zip(places, places[1:]):
        if not scan.is_done:
            scan.read(data[start:end])
    return scan


def find(text: str, path: str = "session_id", cuts: Iterable[int] = ()) -> str | None:
    return scanned(JsonScan(path.split(".")), text.encode(), cuts).session_id


@pytest.mark.parametrize(
    "text",
    [
        f'{{"session_id":"{ID}","a":1',
        f'{{"session_id":"{ID}"}}',
        f' \t\r\n{{ "session_id"\n:\t"{ID}" ',
        f'{{"a":"x","b":-1.5e+3,"c":[],"d":{{}},"e":true,"f":false,"g":null,"session_id":"{ID}"}}',
        f'{{"a":"}}]\\"\\\\{{","session_id":"{ID}"',
        f'{{"a":{"[" * 20000}{"]" * 20000},"session_id":"{ID}"',
        f'{{"a":{"9" * 9000},"session_id":"{ID}"',
        f'{{"session\\u005fi\\u0064":"{ID}"}}',
        f'{{"session_id":"{ESCAPED_ID}"}}',
        f'{{"session_id":"chat","session_id":5,"session_id":"{ID}"}}',
        f'{{"session_id":"{ID}"]]]',
        f'{{"session_id":"{ID.upper()}"}}',
    ],
    ids=lambda text: text[:60],
)
def test_an_id_counts_as_the_value_of_its_member(text: str) -> None:
    assert (find(text) or "").lower() == ID
    assert (find(text, cuts=range(len(text))) or "").lower() == ID


@pytest.mark.parametrize(
    "text",
    [
        f'{{"a":{{"session_id":"{ID}"}}}}',
        f'{{"a":["session_id","{ID}"],"b":[{{"session_id":"{ID}"}}]}}',
        f'{{"a":"\\"session_id\\":\\"{ID}\\""}}',
        f'{{"a":"session_id","{ID}":1}}',
        f'{{"session_id2":"{ID}","ession_id":"{ID}","session_id ":"{ID}"}}',
        f'{{"session_id":"{ID[1:]}"}}',
        f'{{"session_id":"{ID}0"}}',
        f'{{"session_id":["{ID}"]}}',
        f'{{"session_id":{{"session_id":"{ID}"}}}}',
        f'{{"session_id":"{ID}',
        f'[{{"session_id":"{ID}"}}]',
        f'{{}}{{"session_id":"{ID}"}}',
        f'\ufeff{{"session_id":"{ID}"}}',
        f'{{"x":{{"metadata":{{"session_id":"{ID}"}}}}}}',
    ],
)
def test_an_id_anywhere_else_counts_for_nothing(text: str) -> None:
    assert find(text) is None
    assert find(text, cuts=range(len(text))) is None


@pytest.mark.parametrize(
    "beginning",
    [
        *("{a:1,", "{'a':1,", '{"a" 1,', '{"a":,', '{"a":1,,', "{,", '{"a":1 2,', '{"a":01,', '{"a":1.,', '{"a":.5,'),
        *('{"a":+1,', '{"a":1e,', '{"a":-,', '{"a":NaN,', '{"a":Infinity,', '{"a":tru,', '{"a":trueish,', '{"a":"\n",'),
        *(
            '{"a":"\\x",',
            '{"a":"\\u12g4",',
            '{"a":[1,],',
            '{"a":[1},',
            '{"a":{"b"},',
            '{"a":{]},',
            '{"a":[],],',
            "{}},",
        ),
        *('{"a":// 1\n1,', '{"a":1;', "true,", '"a",', '{"a":{},},'),
    ],
)
def test_after_an_error_nothing_counts(beginning: str) -> None:
    text = f'{beginning}"session_id":"{ID}"}}'
    assert find(text) is None
    assert find(text, cuts=range(len(text))) is None


unicode = st.characters(exclude_categories=["Cs"])
names = st.sampled_from(["session_id", "metadata", "a", "seßion", "😀", ""])
values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(unicode)
    )
    | st.sampled_from([ID, OTHER, f'"session_id":"{ID}"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


def value_at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value if value in (ID, OTHER) else None


@given(st.dictionaries(names, values), st.sampled_from(["session_id", "metadata.session_id", "a.a.session_id"]),
       st.booleans(), st.sampled_from([None, 1]), st.lists(st.integers(0, 4000), max_size=5))  # fmt: skip
def test_it_finds_what_json_loads_finds(
    value: dict[str, Any], path: str, is_ascii: bool, indent: int | None, cuts: list[int]
) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    assert find(text, path, cuts) == value_at(value, path)


@given(st.dictionaries(names, values, min_size=1), st.data())
def test_every_cut_gives_the_same(value: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps({**value, "session_id": ID, "end": 1}, ensure_ascii=data.draw(st.booleans())).encode()
    for cut in range(min(len(text), 200)):
        assert scanned(JsonScan(["session_id"]), text, [cut]).session_id == ID


def refuse(word: str) -> None:
    raise ValueError(word)


@given(st.text(alphabet='{}[]":,\\/ut01-.eEnl fars\n\tñ', max_size=30), st.lists(st.integers(0, 40), max_size=3))
def test_it_refuses_what_json_loads_refuses(text: str, cuts: list[int]) -> None:
    body = f'{{"a":{text},"session_id":"{ID}"}}'
    try:
        parsed = json.loads(body, parse_constant=refuse)
    except ValueError:
        parsed = None
    if parsed is not None:
        assert find(body, cuts=cuts) == value_at(parsed, "session_id")
    elif find(body, cuts=cuts):
        # The error comes behind the id: what has come before is a text that could have gone on well.
        end = body.index(ID) + len(ID) + 1
        assert any(_is_json(body[:end] + "}" * closing) for closing in range(1, 4))


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"session_id={ID}", ID),
        (f"a=1&session_id={ID}&b=2", ID),
        (f"session%5Fid={ID.replace('-', '%2D')}", ID),
        (f"session_id=chat&session_id={ID}&session_id={OTHER}", ID),
        (f"metadata.session_id={ID}", None),
        (f"a=session_id={ID}", None),
        (f"session_id={ID}0", None),
        (f"{'x' * 500}session_id={ID}", None),
        (f'{{"session_id":"{ID}"}}', ID),
        (f' \n{{"session_id":"{ID}"}}', ID),
        (f"{{&session_id={ID}", None),
        (f'["{ID}"]&session_id={ID}', ID),
        ("", None),
    ],
)
def test_text_that_is_typed_as_a_form(text: str, found: str | None) -> None:
    every: list[Iterable[int]] = [[], range(len(text))]
    for cuts in every:
        scan = scanned(FormOrJsonScan("session_id"), text.encode(), cuts)
        scan.end()
        assert scan.session_id == found


@given(st.lists(st.tuples(st.sampled_from(["session_id", "a", "ü=&"]), st.sampled_from([ID, OTHER, "x", "{", "&="]))),
       st.lists(st.integers(0, 400), max_size=5))  # fmt: skip
def test_it_finds_the_first_good_pair_of_a_form(pairs: list[tuple[str, str]], cuts: list[int]) -> None:
    scan = scanned(FormOrJsonScan("x.session_id"), urlencode(pairs).encode(), cuts)
    scan.end()
    assert scan.session_id == next((v for n, v in pairs if n == "session_id" and v in (ID, OTHER)), None)


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "a long string": lambda size: b'{"a":"' + b"x" * size,
    "escapes": lambda size: b'{"a":"' + b"\\n" * (size // 2),
    "quotes in strings": lambda size: b'{"a":"' + b'\\"' * (size // 2),
    "brackets": lambda size: b'{"a":' + b"[" * size,
    "blanks": lambda size: b" " * size,
    "digits": lambda size: b'{"a":' + b"1" * size,
    "names": lambda size: b"{" + b'"session_id":"",' * (size // 16),
    "a long name": lambda size: b'{"' + b"session_id" * (size // 10),
    "pairs": lambda size: b"session_id=&" * (size // 12),
    "a long pair": lambda size: b"session_id=" + b"%2D" * (size // 3),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("step", [1, 100_000], ids=["bytes", "parts"])
def test_time_grows_as_the_text_does(text: Callable[[int], bytes], step: int) -> None:
    def seconds(size: int) -> float:
        data, best = text(size), 9.0
        for _ in range(5):
            scan = FormOrJsonScan("session_id")
            start = time.process_time()
            for at in range(0, len(data), step):
                scan.read(data[at : at + step])
            best = min(best, time.process_time() - start)
        return best

    assert seconds(64_000) < 8 * 4 * max(seconds(8_000), 0.0005) / 2
