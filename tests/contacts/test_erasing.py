"""What a person may ask of us: all that is known, and that it is forgotten."""

from sqlalchemy import text

from store.unsubscriptions import unsubscribe
from tests.builders import DELIVERED_REVIEW, an_order
from tests.contacts.people import ordering
from tests.product import Product

_SECRETS = ("Olena", "Ivanenko", "customer-secret", "secret@example.com", "+380501234567", "Khreshchatyk")


_KEPT = {"suppression", "alembic_version"}
_TABLES = text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")


async def _everything(product: Product) -> str:
    """All rows of all tables, as text; suppressions alone outlive an erasure."""
    async with product.database.transaction() as session:
        tables = sorted(set(await session.scalars(_TABLES)) - _KEPT)
        found = [
            str(row[0]) for table in tables for row in await session.execute(text(f'SELECT t::text FROM "{table}" t'))
        ]
    return "\n".join(found)


_CLICK = text("""
    INSERT INTO message_feedback (message_id, source, event_id, kind, at, url)
    SELECT id, 'test', 'click-1', 'clicked', now(), :url FROM message WHERE state = 'sent'
""")


async def _clicked(product: Product, url: str) -> None:
    """The recipient followed a link of the message, as a provider tells it."""
    async with product.database.transaction() as session:
        await session.execute(_CLICK, {"url": url})


def _personal_order() -> dict[str, object]:
    return {
        "externalCustomerId": "customer-secret",
        "email": "secret@example.com",
        "phone": "+380501234567",
        "firstName": "Olena",
        "lastName": "Ivanenko",
        "deliveryAddress": "Khreshchatyk 1",
        "additionalInfo": {"note": "Ivanenko"},
        "restoreUrl": "https://shop.example/?u=secret@example.com",
    }


_NOT_MEANT = """
name: For somebody else
start: { event: orderDELIVERED, where: { field: contact.firstName, op: eq, value: Taras } }
steps: [ { get_order: {} } ]
"""
"""Its decision keeps the name that it looked at."""


async def test_an_export_has_all_that_is_known(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    await product.publish(_NOT_MEANT)
    order, contact_id = await ordering(product, **_personal_order())
    await product.wait_for_run(order, "waiting")
    async with product.database.transaction() as session:
        await unsubscribe(
            session, "email", ["secret@example.com", "other@example.com"], topic="news", provenance="page"
        )
    known = (await product.http.get(f"/api/v1/contacts/{contact_id}/export")).json()
    assert known["contact"]["channels"][0]["value"] == "secret@example.com"
    assert [one["external_order_id"] for one in known["orders"]] == [order["externalOrderId"]]
    assert [one["event_type"] for one in known["events"]] == ["orderDELIVERED"]
    assert [one["state"] for one in known["runs"]] == ["waiting"]
    assert [(one["state"], one["address"]) for one in known["messages"]] == [("sent", "secret@example.com")]
    assert known["messages"][0]["content"]["subject"]
    assert [one["outcome"] for one in known["decisions"]] == ["started", "not_matched"]
    assert known["decisions"][1]["reason"]["because"]["actual"] == "Olena"
    said = [(one["address"], one["topic"], one["state"], one["provenance"]) for one in known["consent"]]
    assert said == [("secret@example.com", "news", "withdrawn", "page")]
    assert [(one["reason"], one["topic"]) for one in known["suppressions"]] == [("unsubscribed", "news")]


async def test_erasing_leaves_the_proof_and_nothing_personal(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    await product.publish(_NOT_MEANT)
    order, contact_id = await ordering(product, **_personal_order())
    await product.wait_for_run(order, "waiting")
    posted = {"eventTypeKey": "viewed", "params": [{"name": "email", "value": "secret@example.com"}]}
    event = (await product.http.post("/api/v1/event", json=posted)).json()
    assert event["contactId"] == contact_id
    await _clicked(product, "https://shop.example/?u=secret@example.com")
    told = (await product.http.get(f"/api/v1/contacts/{contact_id}/export")).json()["feedback"]
    assert [(one["kind"], one["url"]) for one in told] == [("clicked", "https://shop.example/?u=secret@example.com")]
    known = await _everything(product)
    assert [secret for secret in _SECRETS if secret not in known] == []
    assert (await product.http.post(f"/api/v1/contacts/{contact_id}/erase")).status_code == 204
    run = await product.wait_for_run(order, "stopped")
    assert (run["stop"]["kind"], run["stop"]["reason"]) == ("contact_erased", "the contact was erased")
    left = await _everything(product)
    assert [secret for secret in _SECRETS if secret in left] == []
    decisions = await product.entries(order, "decision")
    assert {one["outcome"] for one in decisions} == {"started", "not_matched"}
    message = (await product.entries(order, "message"))[0]
    assert (message["state"], message["subject"]) == ("sent", None)
    shown = (await product.http.get(f"/api/v1/orders/{order['externalOrderId']}")).json()
    assert shown["totalCost"] == 200
    assert (await product.http.get(f"/api/v1/contacts/{contact_id}")).status_code == 404
    assert (await product.http.get(f"/api/v1/contacts/{contact_id}/export")).status_code == 404


async def test_erasing_a_contact_forgets_those_merged_into_it(product: Product) -> None:
    _, survivor = await ordering(product)
    other_order, other = await ordering(product, **_personal_order())
    await product.http.post(f"/api/v1/contacts/{survivor}/merge", json={"contactId": other})
    await product.http.post(f"/api/v1/contacts/{survivor}/erase")
    left = await _everything(product)
    assert [secret for secret in _SECRETS if secret in left and secret != "Olena"] == []
    assert other_order["externalOrderId"] in left


async def test_deleting_ends_runs_and_leaves_orders_to_nobody(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order, contact_id = await ordering(product)
    await product.wait_for_run(order, "waiting")
    assert (await product.http.delete(f"/api/v1/contacts/{contact_id}")).status_code == 204
    run = await product.wait_for_run(order, "stopped")
    assert run["stop"]["kind"] == "contact_deleted"
    shown = (await product.http.get(f"/api/v1/orders/{order['externalOrderId']}")).json()
    assert (shown["email"], shown["contactId"]) == (order["email"], None)
    await product.post(an_order(externalCustomerId=order["externalCustomerId"], email=order["email"]))
