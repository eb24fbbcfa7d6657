"""Who changed what."""

from typing import Any

from store.keys import Scope
from tests.contacts.people import add
from tests.intake.access import authorization
from tests.product import Product


async def _entries(api: Product, **params: Any) -> list[dict[str, Any]]:  # Any: JSON
    response = await api.http.get("/api/v1/audit", params=params)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["entries"]
    return found


async def test_changes_over_http_are_in_the_log_with_their_key(api: Product) -> None:
    one, other = await add(api), await add(api)
    await api.http.post(f"/api/v1/contacts/{one}/merge", json={"contactId": other})
    await api.http.post(f"/api/v1/contacts/{one}/unmerge", json={"contactId": other})
    await api.http.post("/api/v1/emails/unsubscribed/add", json={"emails": ["a@example.com"]})
    await api.http.post(f"/api/v1/contacts/{one}/erase")
    await api.http.delete(f"/api/v1/contacts/{other}")
    entries = await _entries(api)
    assert [entry["action"] for entry in entries] == [
        "contact.delete",
        "contact.erase",
        "emails.unsubscribe",
        "contact.unmerge",
        "contact.merge",
        "contacts.write",
        "contacts.write",
    ]
    assert {entry["actor"].partition(":")[0] for entry in entries} == {"key"}
    merged = await _entries(api, action="contact.merge")
    assert (merged[0]["subject"], merged[0]["details"]) == (f"contact:{one}", {"merged": other})
    assert len(await _entries(api, subject=f"contact:{one}")) == 3


async def test_a_change_that_fails_is_not_in_the_log(api: Product) -> None:
    await api.http.delete("/api/v1/contacts/019c0000-0000-7000-8000-000000000000")
    assert await _entries(api) == []


async def test_the_log_is_for_administrators(api: Product) -> None:
    headers = await authorization(api, Scope.CONTACTS, Scope.AUTOMATIONS)
    assert (await api.http.get("/api/v1/audit", headers=headers)).status_code == 403
