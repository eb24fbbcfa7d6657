"""For any automation: it ends, never visits a step twice, and goes the same way on every replay."""

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automation.definition import build_definition, definition_json, load_definition
from automation.interpreter import Choose, Cursor, End, Flow, WaitFor, choose
from tests.automation.documents import DOCUMENTS, FACTS, Document

bounded = settings(
    max_examples=80,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def _walk(flow: Flow, facts: Document, contact_key: str, events: list[bool]) -> list[str]:
    """Every step that a run passes; `events` says of each wait_for whether its event came."""
    cursor, visited, came = Cursor.start(flow), [], iter(events)
    while not isinstance(effect := cursor.effect, End):
        if isinstance(effect, Choose):
            path = choose(flow, effect.step_id, facts, contact_key=contact_key)
            visited += [step_id for step_id, _ in path.pairs]
            cursor = cursor.follow(path.pairs)
        elif isinstance(effect, WaitFor):
            visited.append(effect.step_id)
            cursor = cursor.taken("then" if next(came, False) else "else")
        else:
            visited.append(effect.step_id)
            cursor = cursor.passed()
        assert len(visited) <= len(flow.steps)
    return visited


@bounded
@given(DOCUMENTS, FACTS, st.text(max_size=10), st.lists(st.booleans(), max_size=5))
def test_a_run_ends_and_visits_no_step_twice(document, facts, contact_key, events):
    flow = Flow(build_definition(document))
    visited = _walk(flow, facts, contact_key, events)
    assert len(visited) == len(set(visited))
    order = list(flow.steps)
    assert visited == sorted(visited, key=order.index)


@bounded
@given(DOCUMENTS, FACTS, st.text(max_size=10), st.lists(st.booleans(), max_size=5))
def test_a_replay_from_the_stored_definition_goes_the_same_way(document, facts, contact_key, events):
    definition = build_definition(document)
    stored = orjson.loads(orjson.dumps(definition_json(definition)))
    again = Flow(build_definition(stored))
    assert _walk(Flow(definition), facts, contact_key, events) == _walk(again, facts, contact_key, events)


@bounded
@given(DOCUMENTS)
def test_a_stored_definition_is_read_back_equal(document):
    definition = build_definition(document)
    stored = orjson.dumps(definition_json(definition)).decode()
    assert build_definition(orjson.loads(stored)) == definition
    assert load_definition(stored) == definition
    assert definition_json(build_definition(orjson.loads(stored))) == orjson.loads(stored)


@bounded
@given(DOCUMENTS, st.data())
def test_a_run_goes_on_from_the_id_of_any_step(document, data):
    flow = Flow(build_definition(document))
    at = data.draw(st.sampled_from(sorted(flow.steps)))
    assert Cursor(flow, at).effect.step_id == at
