"""Merging two contacts and taking it back."""

from tests.builders import DELIVERED_REVIEW, an_order
from tests.contacts.people import Json, add, contact_of, ordering, show
from tests.product import Product


async def _merge(product: Product, survivor: str, other: str, *, undo: bool = False, status: int = 200) -> Json:
    path = f"/api/v1/contacts/{survivor}/{'unmerge' if undo else 'merge'}"
    response = await product.http.post(path, json={"contactId": other})
    assert response.status_code == status, response.text
    found: Json = response.json()
    return found


async def _export(product: Product, contact_id: str) -> Json:
    found: Json = (await product.http.get(f"/api/v1/contacts/{contact_id}/export")).json()
    return found


async def _figures(product: Product, *contact_ids: str) -> list[Json]:
    """All that an unmerge has to restore."""
    figures = []
    for contact_id in contact_ids:
        known = await _export(product, contact_id)
        figures.append(
            {
                "identities": known["contact"]["identities"],
                "values": [known["contact"][name] for name in ("firstName", "lastName", "languageCode", "fields")],
                "orders": [one["external_order_id"] for one in known["orders"]],
                "events": [one["id"] for one in known["events"]],
                "runs": [one["id"] for one in known["runs"]],
                "messages": [one["id"] for one in known["messages"]],
            }
        )
    return figures


async def test_a_merge_gives_everything_to_one_and_unmerge_restores_all_figures(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order, survivor = await ordering(product, firstName="Olena", lastName=None, email="shared@example.com")
    other_order, other = await ordering(
        product, firstName="Olga", lastName="Ivanenko", email="shared@example.com", phone="+380501234567"
    )
    for one in (order, other_order):
        await product.wait_for_run(one, "waiting")
    before = await _figures(product, survivor, other)
    merged = await _merge(product, survivor, other)
    assert (merged["firstName"], merged["lastName"]) == ("Olena", "Ivanenko")
    assert merged["externalCustomerId"] == order["externalCustomerId"]
    assert merged["mergedContacts"] == [other]
    assert {one["value"]: one["mergedFrom"] for one in merged["identities"]} == {
        order["externalCustomerId"]: None,
        "shared@example.com": None,
        other_order["externalCustomerId"]: other,
        "+380501234567": other,
    }
    (together,) = await _figures(product, survivor)
    assert len(together["orders"]) == len(together["runs"]) == len(together["messages"]) == 2
    assert (await show(product, other))["id"] == survivor
    await _merge(product, survivor, other, undo=True)
    assert await _figures(product, survivor, other) == before


async def test_a_stop_for_the_contact_ends_runs_that_a_merge_brought(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order, survivor = await ordering(product)
    other_order, other = await ordering(product)
    await product.wait_for_run(other_order, "waiting")
    await _merge(product, survivor, other)
    again = an_order(externalCustomerId=order["externalCustomerId"], email=order["email"], status="INITIALIZED")
    await product.post(again)
    await product.wait_for_run(other_order, "stopped")


async def test_orders_that_came_meanwhile_go_back_by_the_identity_that_goes_back(product: Product) -> None:
    order, survivor = await ordering(product)
    other_order, other = await ordering(product)
    await _merge(product, survivor, other)
    mine = an_order(externalCustomerId=order["externalCustomerId"])
    theirs = an_order(externalCustomerId=other_order["externalCustomerId"])
    await product.post(mine, theirs)
    assert await contact_of(product, mine) == await contact_of(product, theirs) == survivor
    await _merge(product, survivor, other, undo=True)
    assert await contact_of(product, mine) == survivor
    assert await contact_of(product, theirs) == other


async def test_merges_that_make_no_sense_are_refused(api: Product) -> None:
    one, other, third = [await add(api) for _ in range(3)]
    await _merge(api, one, one, status=400)
    await _merge(api, one, "019c0000-0000-7000-8000-000000000000", status=404)
    await _merge(api, one, other, undo=True, status=409)
    await _merge(api, one, other)
    await _merge(api, third, other, status=409)
    await _merge(api, third, one)
    await _merge(api, one, other, undo=True, status=409)
    await _merge(api, third, one, undo=True)
    await _merge(api, one, other, undo=True)
    assert [(await show(api, each))["id"] for each in (one, other, third)] == [one, other, third]
