"""The way of a run, told from what came of its steps."""

from automation.definition import load_definition
from automation.flow import Flow
from automation.way import way_of

FLOW = Flow(
    load_definition("""
name: Ways
start: { event: orderDELIVERED }
steps:
  - get_order: { id: look }
  - if:
      id: large
      where: { field: order.totalCost, op: gte, value: 100 }
      then:
        - send: { id: vip, channel: email, template: vip }
  - wait: { id: pause, for: 1d }
  - split:
      id: half
      arms:
        - { name: a, weight: 1, steps: [ { send: { id: last, channel: email, template: last } } ] }
        - { name: none, weight: 1, holdout: true, steps: [] }
""")
)


def test_a_run_that_waits_came_by_the_branch_that_is_kept():
    way, branches = way_of(FLOW, {"large": {"branch": "then"}}, at="pause", ended=False)
    assert (way, branches) == (["look", "large", "vip", "pause"], {"large": "then"})
    way, _ = way_of(FLOW, {"large": {"branch": "else"}}, at="pause", ended=False)
    assert way == ["look", "large", "pause"]


def test_a_run_that_is_done_came_to_the_end():
    results = {"large": {"branch": "else"}, "half": {"branch": "a"}}
    assert way_of(FLOW, results, at="last", ended=True)[0] == ["look", "large", "pause", "half", "last", None]
    results["half"] = {"branch": "none"}
    assert way_of(FLOW, results, at="half", ended=True)[0] == ["look", "large", "pause", "half", None]


def test_where_a_branch_is_not_known_the_way_breaks_off():
    assert way_of(FLOW, {}, at="pause", ended=False) == (["look", "large"], {})
    assert way_of(FLOW, {"large": {"branch": "gone"}}, at="pause", ended=False) == (["look", "large"], {})
