"""Changes of a definition in the editor, without a browser."""

from itertools import pairwise

from automation.steps import STEPS
from console.editor.document import Slot, dropped, inserted, moved, read, removed, slots, value_at, with_value, write
from console.editor.fields import Kind, fields_of
from console.editor.history import History

TEXT = """
name: x
start: { event: orderDELIVERED }
steps:
  - get_order:
  - if:
      id: big
      where: { field: order.totalCost, op: gte, value: 100 }
      then:
        - send: { id: vip, channel: email, template: vip }
  - wait: 10d
"""


def document():
    found = read(TEXT)
    assert found is not None
    return found


def test_short_forms_are_written_out_and_every_step_has_an_id():
    assert document()["steps"][2] == {"wait": {"for": "10d", "id": "wait-1"}}
    assert read(write(document())) == document()


def test_keys_stand_in_the_order_of_people_whatever_order_the_database_gives():
    large = {"else": [], "then": [], "id": "large", "where": {"op": "gte", "field": "order.totalCost", "value": 5}}
    jumbled = {"stop": [], "steps": [{"if": large}], "start": {"where": {}, "event": "orderDELIVERED"}, "name": "Any"}
    keys = [line.strip("- ").split(":")[0] for line in write(jumbled).splitlines()]
    assert keys == [
        "name",
        "start",
        "event",
        "where",
        "stop",
        "steps",
        "if",
        "id",
        "where",
        "field",
        "op",
        "value",
        "then",
        "else",
    ]


def test_a_step_goes_through_every_place_of_the_tree_by_up_and_down_alone():
    now, place = document(), ("steps", 0)
    places = [place]
    while (step := moved(now, place, 1)) != (now, place):
        now, place = step
        places.append(place)
    assert places == [
        ("steps", 0),
        ("steps", 0, "if", "then", 0),
        ("steps", 0, "if", "then", 1),
        ("steps", 0, "if", "else", 0),
        ("steps", 1),
        ("steps", 2),
    ]
    for here, there in pairwise(reversed(places)):
        now, place = moved(now, here, -1)
        assert place == there
        assert value_at(now, place) == {"get_order": {"id": "get-order-1"}}
    assert [next(iter(step)) for step in now["steps"]] == ["get_order", "if", "wait"]


def test_a_step_is_dropped_at_any_place_but_not_into_itself():
    for slot in slots(document()):
        now, place = dropped(document(), ("steps", 2), slot)
        assert value_at(now, place) == {"wait": {"for": "10d", "id": "wait-1"}}
        assert len(list(slots(now))) == len(list(slots(document())))
    inside = Slot(("steps", 1, "if", "then"), 0)
    assert dropped(document(), ("steps", 1), inside) == (document(), ("steps", 1))
    now, place = dropped(document(), ("steps", 0), inside)
    assert place == ("steps", 0, "if", "then", 0)
    assert value_at(now, place) == {"get_order": {"id": "get-order-1"}}


def test_a_new_step_has_an_id_of_its_own_and_one_that_is_taken_away_leaves_the_others():
    now = inserted(document(), Slot(("steps", 1, "if", "else"), 0), {"wait": {"for": "1d"}})
    assert value_at(now, ("steps", 1, "if", "else", 0)) == {"wait": {"for": "1d", "id": "wait-2"}}
    assert removed(now, ("steps", 1, "if", "else", 0))["steps"][1]["if"]["else"] == []


def test_a_setting_is_set_and_taken_away():
    place = ("steps", 2, "wait", "at")
    now = with_value(document(), place, "10:00")
    assert value_at(now, place) == "10:00"
    assert with_value(now, place, None) == document()


def test_every_setting_of_every_step_has_help():
    for model in STEPS.values():
        assert [field.name for field in fields_of(model) if not field.help] == []
    kinds = {field.name: field.kind for field in fields_of(STEPS["wait"])}
    assert (kinds["on"], kinds["for"]) == (Kind.DAYS, Kind.TEXT)


def test_undo_and_redo():
    history = History("a")
    assert history.change("b")
    assert not history.change("b")
    assert history.undo() == "a"
    assert not history.can_undo
    assert history.redo() == "b"
    history.undo()
    history.change("c")
    assert not history.can_redo
