"""A shop's JSON may hold anything: it is read or refused, and never an error of ours."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.connectors import shopify, woocommerce
from api.connectors.webhook import Meaning
from api.wire.reading import read_order
from tests.connectors.shops import payload
from tests.wire.orders import RULES
from tests.wire.test_properties import JSON


def _spoilt(name: str) -> st.SearchStrategy[dict[str, Any]]:
    whole = payload(name)
    places = [(field, None) for field in whole] + [
        (field, inner) for field, value in whole.items() if isinstance(value, dict) for inner in value
    ]
    changes = st.lists(st.tuples(st.sampled_from(places), JSON), min_size=1, max_size=6)
    return changes.map(lambda made: _with(whole, made))


def _with(whole: dict[str, Any], changes: list[tuple[tuple[str, str | None], Any]]) -> dict[str, Any]:
    spoilt = dict(whole)
    for (field, inner), value in changes:
        if inner is None:
            spoilt[field] = value
        elif isinstance(spoilt[field], dict):
            spoilt[field] = spoilt[field] | {inner: value}
    return spoilt


def _read(meaning: Meaning) -> None:
    if meaning.order is not None:
        read_order(0, {name: value for name, value in meaning.order.items() if value is not None}, RULES)


@pytest.mark.parametrize("topic", sorted(shopify.TOPICS))
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_shopify(topic: str, data: st.DataObject) -> None:
    name = "shopify_checkout" if topic.startswith("checkouts") else "shopify_order"
    _read(shopify.meaning(topic, data.draw(_spoilt(name))))


@settings(deadline=None, max_examples=200)
@given(document=_spoilt("woocommerce_order"))
def test_woocommerce(document: dict[str, Any]) -> None:
    _read(woocommerce.meaning("bowls.example", "order.updated", document))


@settings(deadline=None)
@given(document=st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_what_is_nothing_like_an_order(document: dict[str, Any]) -> None:
    _read(shopify.meaning("orders/create", document))
    _read(woocommerce.meaning("bowls.example", "order.created", document))
