"""The Mermaid picture of an automation."""

import re

from hypothesis import HealthCheck, given, settings

from automation.definition import build_definition, load_definition
from automation.picture import Marks, mermaid
from tests.automation.documents import DOCUMENTS
from tests.automation.test_definition import WHOLE


def test_a_story_is_drawn_from_its_start_to_its_end():
    where = {"field": "order.totalCost", "op": "gte", "value": 100}
    steps = [
        {"wait": {"id": "pause", "for": "10d", "at": "10:00"}},
        {"if": {"id": "big", "where": where, "then": [{"send": {"id": "vip", "channel": "email", "template": "vip"}}]}},
    ]
    stop = [{"event": "orderCANCELLED"}]
    definition = build_definition({"name": "x", "start": {"event": "orderDELIVERED"}, "stop": stop, "steps": steps})
    assert mermaid(definition).splitlines() == [
        "flowchart TD",
        '    start(["orderDELIVERED"]) --> s1',
        '    s1(["pause: wait 10d at 10:00"])',
        "    s1 --> s2",
        '    s2{"big: totalCost: at least 100"}',
        '    s2 -- "then" --> s3',
        '    s2 -- "else" --> done',
        '    s3["vip: email vip"]',
        "    s3 --> done",
        '    done(["end"])',
        '    stops>"Stops on: orderCANCELLED of the same order"]',
    ]


def test_the_way_of_a_run_is_lit_and_those_who_stand_at_a_step_are_counted():
    where = {"field": "order.totalCost", "op": "gte", "value": 100}
    big = {"id": "big", "where": where, "then": [{"send": {"id": "vip", "channel": "email", "template": "vip"}}]}
    steps = [{"if": big}, {"wait": {"id": "pause", "for": "10d"}}]
    definition = build_definition({"name": "x", "start": {"event": "orderDELIVERED"}, "steps": steps})
    marks = Marks(standing={"pause": 12, None: 3}, way=["big", "pause", None], branches={"big": "else"})
    lines = mermaid(definition, marks).splitlines()
    assert lines[1] == '    start(["orderDELIVERED (3 not begun)"]) --> s1'
    assert '    s3(["pause: wait 10d (12 here)"])' in lines
    assert lines[-3:] == [
        "    class s3 standing",
        "    class start,s1,s3,done taken",
        "    linkStyle 0,2,4 stroke:#1b8a42,stroke-width:3px",
    ]


def test_every_kind_of_step_is_drawn():
    picture = mermaid(load_definition(WHOLE))
    for text in ("get order", "until order.additionalInfo.pickup -2d", "wait 3d for reviewLeft", "a 90, none 10",
                 "thanks opened?", "emit fanFound", "call https", "add to segment fans", "stop: read"):  # fmt: skip
        assert text in picture


def test_the_text_of_an_author_cannot_break_the_picture():
    start = {"event": 'a"] --> b; <script>', "where": {"field": "order.status", "op": "eq", "value": '"]}}`|'}}
    lines = mermaid(build_definition({"name": "x", "start": start, "steps": [{"wait": "1d"}]})).splitlines()
    assert lines[1].count('"') == 2
    assert "<" not in lines[1]


@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(DOCUMENTS)
def test_any_automation_can_be_drawn(document):
    picture = mermaid(build_definition(document))
    drawn = set(re.findall(r"^    (\w+)[\[({]", picture, re.MULTILINE))
    assert drawn >= set(re.findall(r"--> (\w+)$", picture, re.MULTILINE))
