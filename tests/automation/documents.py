"""Random documents for property tests: any automation that an author might write."""

from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]  # Any: JSON-like

FIELDS = st.sampled_from(["order.totalCost", "order.status", "event.status", "contact.firstName", "run.test"])
VALUES = st.one_of(
    st.integers(-1000, 1000),
    st.booleans(),
    st.text(max_size=8).filter(lambda text: "\0" not in text),
    st.floats(-1000, 1000).map(lambda number: round(number, 2)),
    st.sampled_from(["DELIVERED", "CANCELLED", "2026-03-01", "12.50"]),
)


def _fields() -> st.SearchStrategy[Document]:
    return st.one_of(
        st.builds(lambda field, op, value: {"field": field, "op": op, "value": value},
                  FIELDS, st.sampled_from(["eq", "ne", "contains"]), VALUES),
        st.builds(lambda field, op, value: {"field": field, "op": op, "value": value},
                  FIELDS, st.sampled_from(["gt", "gte", "lt", "lte"]), st.integers(-100, 100)),
        st.builds(lambda field, op: {"field": field, "op": op}, FIELDS, st.sampled_from(["is_set", "is_empty"])),
        st.builds(lambda field, values: {"field": field, "op": "in", "value": values},
                  FIELDS, st.lists(VALUES, min_size=1, max_size=3)),
        st.builds(lambda look, value: {"items": look, "op": "gte", "value": value,
                                       **({"of": "item.cost"} if look == "sum" else {})},
                  st.sampled_from(["count", "sum"]), st.integers(0, 5)),
    )  # fmt: skip


CONDITIONS = st.recursive(
    _fields(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"all": each}),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"any": each}),
        inner.map(lambda each: {"not": each}),
        inner.map(lambda each: {"items": "any", "where": each}),
    ),
    max_leaves=4,
)

DURATIONS = st.sampled_from(["10d", "36h", "P1W", "PT30M", "1mo", "1y", "45s"])

WAITS = st.builds(
    lambda length, rest: {"wait": {"for": length, **rest}},
    DURATIONS,
    st.sampled_from([{}, {"at": "10:00"}, {"not_on": ["sat", "sun"]}, {"at": "02:30", "zone": "account"}]),
)

ACTIONS = st.one_of(
    st.just({"get_order": {}}),
    st.sampled_from(["thanks", "review"]).map(lambda name: {"send": {"channel": "email", "template": name}}),
    WAITS,
    st.just({"update_contact": {"set": {"vip": True}}}),
    st.just({"add_to_segment": {"segment": "buyers"}}),
    st.just({"emit": {"event": "asked"}}),
    st.just({"webhook": {"url": "https://shop.example/hook"}}),
)


def _branches(inner: st.SearchStrategy[list[Document]]) -> st.SearchStrategy[Document]:
    some = inner.filter(bool)
    return st.one_of(
        st.builds(lambda where, then, other: {"if": {"where": where, "then": then, "else": other}},
                  CONDITIONS, some, inner),
        st.builds(lambda wheres, then, default: {"switch": {
            "cases": [{"where": where, "then": then} for where in wheres], "default": default}},
            st.lists(CONDITIONS, min_size=1, max_size=3), inner, inner),
        st.builds(lambda weights, steps, held: {"split": {
            "arms": [{"weight": weight, "steps": steps} for weight in weights]
            + ([{"weight": 1, "name": "none", "holdout": True}] if held else [])}},
            st.lists(st.integers(1, 100), min_size=2, max_size=3), inner, st.booleans()),
        st.builds(lambda length, then, other: {"wait_for": {
            "event": "clicked", "timeout": length, "then": then, "else": other}}, DURATIONS, inner, inner),
    )  # fmt: skip


STEPS = st.recursive(
    st.lists(ACTIONS, max_size=3),
    lambda inner: st.lists(st.one_of(ACTIONS, _branches(inner)), max_size=3),
    max_leaves=6,
)

DOCUMENTS = st.builds(
    lambda steps, where, stop: {
        "name": "Random",
        "start": {"event": "orderDELIVERED", **({"where": where} if where else {})},
        "stop": stop,
        "steps": steps,
    },
    STEPS.filter(bool),
    st.none() | CONDITIONS,
    st.sampled_from([[], [{"event": "orderCANCELLED"}], [{"event": ["a", "b"], "match": "contact"}]]),
)

FACTS = st.fixed_dictionaries(
    {
        "order": st.fixed_dictionaries(
            {},
            optional={
                "totalCost": st.decimals(0, 100, places=2) | st.integers(-100, 100) | st.just("12.50"),
                "status": st.sampled_from(["DELIVERED", "CANCELLED"]),
                "items": st.lists(st.fixed_dictionaries({}, optional={"cost": st.integers(0, 9)}), max_size=3),
            },
        ),
        "event": st.fixed_dictionaries({}, optional={"status": st.just("DELIVERED")}),
        "contact": st.fixed_dictionaries({}, optional={"firstName": st.text(max_size=5)}),
        "run": st.fixed_dictionaries({}, optional={"test": st.booleans()}),
        "steps": st.just({}),
    }
)
