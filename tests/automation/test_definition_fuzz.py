"""No text and no body makes the loader fail in another way than with problems."""

from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automation.definition import Definition, DefinitionError, build_definition, load_definition
from tests.automation.documents import DOCUMENTS
from tests.automation.test_definition import WHOLE

bounded = settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}), st.just([[]]),
    st.just({"send": None}), st.just("order.totalCost"), st.binary(max_size=3), st.just({1: 2}),
)  # fmt: skip


def _loads(load: Any, document: Any) -> None:
    with suppress(DefinitionError):
        assert isinstance(load(document), Definition)


@bounded
@given(st.text(max_size=200))
def test_any_text(text):
    _loads(load_definition, text)


@bounded
@given(st.integers(0, len(WHOLE)), st.integers(0, 12), st.text("{}[]:-,'\"&*!|>#%@` \n\t\\ab0", max_size=4))
def test_a_document_with_a_slip_of_the_hand(at, length, typed):
    _loads(load_definition, WHOLE[:at] + typed + WHOLE[at + length :])


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in _places(each, (*path, key)))]


def _replaced(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(copy[path[0]], path[1:], odd)
    return copy


@bounded
@given(DOCUMENTS, ODD, st.data())
def test_a_body_with_anything_in_any_place(document, odd, data):
    path = data.draw(st.sampled_from(_places(document)))
    _loads(build_definition, _replaced(document, path, odd))
