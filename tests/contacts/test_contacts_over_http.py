"""Adding, updating, finding and deleting contacts, as an integration does it."""

from typing import Any

import pytest

from store.keys import Scope
from tests.contacts.people import a_contact, add, email_of, show
from tests.intake.access import authorization
from tests.product import Product


async def _bulk(api: Product, contacts: list[Any], **more: Any) -> dict[str, Any]:  # Any: JSON
    response = await api.http.post("/api/v1/contacts", json={"contacts": contacts, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_contact_is_shown_as_it_was_added(api: Product) -> None:
    contact_id = await add(
        api,
        externalCustomerId="C-1",
        firstName="Олена",
        lastName="Іваненко",
        languageCode="uk",
        timeZone="Europe/Kyiv",
        channels=[{"type": "email", "value": " O.Ivanenko@Example.com"}, {"type": "sms", "value": "050 123-45-67"}],
        fields=[{"id": "city", "value": "Київ"}, {"id": "points", "value": 12.5}],
    )
    found = await show(api, contact_id)
    assert found["externalCustomerId"] == "C-1"
    assert (found["firstName"], found["lastName"]) == ("Олена", "Іваненко")
    assert (found["languageCode"], found["timeZone"]) == ("uk", "Europe/Kyiv")
    assert found["channels"] == [
        {"type": "email", "value": "o.ivanenko@example.com"},
        {"type": "sms", "value": "+380501234567"},
    ]
    assert found["fields"] == [{"id": "city", "value": "Київ"}, {"id": "points", "value": 12.5}]
    assert {one["provenance"] for one in found["identities"]} == {"api"}
    assert found["identityConflict"] is False


async def test_an_update_keeps_what_is_absent_and_replaces_what_is_given(api: Product) -> None:
    first = await add(
        api, externalCustomerId="C-2", lastName="Old", fields=[{"id": "a", "value": 1}, {"id": "b", "value": 2}]
    )
    again = await add(
        api,
        externalCustomerId="C-2",
        firstName="",
        lastName="New",
        channels=[{"type": "email", "value": "new@example.com"}],
        fields=[{"id": "a", "value": None}, {"id": "c", "value": "x"}],
    )
    found = await show(api, again)
    assert again == first
    assert (found["firstName"], found["lastName"]) == ("Olena", "New")
    assert found["channels"] == [{"type": "email", "value": "new@example.com"}]
    assert {one["id"]: one["value"] for one in found["fields"]} == {"b": 2, "c": "x"}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"channels": [{"type": "email", "value": "nobody"}]}, "invalid_value", "channels[0].value"),
        ({"channels": [{"type": "sms", "value": "abc"}]}, "invalid_value", "channels[0].value"),
        ({"channels": [{"type": "fax", "value": "1"}]}, "invalid_value", "channels[0].type"),
        ({"channels": None, "externalCustomerId": None}, "missing_identity", "channels"),
        ({"externalCustomerId": "guest", "channels": None}, "invalid_value", "externalCustomerId"),
        ({"timeZone": "Mars"}, "invalid_value", "timeZone"),
        ({"languageCode": "-"}, "invalid_value", "languageCode"),
        ({"firstName": "x" * 256}, "too_long", "firstName"),
        ({"firstName": "a\0"}, "invalid_value", "firstName"),
        ({"id": "019c0000-0000-7000-8000-000000000000"}, "not_found", "id"),
    ],
)
async def test_a_wrong_contact_is_refused_with_its_field(
    api: Product, changes: dict[str, Any], code: str, field: str
) -> None:
    response = await api.http.post("/api/v1/contact", json=a_contact(**changes))
    assert response.status_code == 400, response.text
    assert (response.json()["code"], response.json()["field"]) == (code, field)


async def test_of_many_contacts_the_bad_ones_are_listed_and_the_others_stored(api: Product) -> None:
    good = [a_contact() for _ in range(3)]
    answer = await _bulk(api, [good[0], 7, good[1], a_contact(timeZone="Mars"), good[2]])
    assert (answer["accepted"], answer["created"]) == (3, 3)
    assert [one["index"] for one in answer["failedContacts"]] == [1, 3]
    assert [one is None for one in answer["ids"]] == [False, True, False, True, False]
    assert (await show(api, answer["ids"][4]))["externalCustomerId"] == good[2]["externalCustomerId"]


async def test_a_contact_that_comes_twice_in_a_request_is_one(api: Product) -> None:
    contact = a_contact()
    answer = await _bulk(api, [contact, contact | {"firstName": "Later"}])
    assert answer["ids"][0] == answer["ids"][1]
    assert answer["created"] == 1
    assert (await show(api, answer["ids"][0]))["firstName"] == "Later"


async def test_three_thousand_contacts_go_and_one_more_does_not(api: Product) -> None:
    contacts = [{"externalCustomerId": f"n-{number}", "firstName": "N"} for number in range(3001)]
    assert (await _bulk(api, contacts[:3000]))["accepted"] == 3000
    response = await api.http.post("/api/v1/contacts", json={"contacts": contacts})
    assert (response.status_code, response.json()["code"]) == (400, "too_many_contacts")


async def test_dedupe_on_says_by_what_a_contact_is_found(api: Product) -> None:
    known = a_contact(externalCustomerId="D-1")
    (known_id,) = (await _bulk(api, [known]))["ids"]
    same_mail = {"channels": known["channels"], "externalCustomerId": "D-2", "firstName": "Mail"}
    (by_default,) = (await _bulk(api, [same_mail]))["ids"]
    assert by_default != known_id  # one who has another externalCustomerId is not taken
    (by_external,) = (await _bulk(api, [known], dedupeOn="externalCustomerId"))["ids"]
    assert by_external == known_id
    answer = await _bulk(api, [{"externalCustomerId": "D-9"}], dedupeOn="email")
    assert answer["failedContacts"][0]["code"] == "missing_field"


async def test_an_external_id_of_another_contact_is_a_conflict(api: Product) -> None:
    first = a_contact(externalCustomerId="E-1")
    await _bulk(api, [first, a_contact(externalCustomerId="E-2")])
    taken = {"externalCustomerId": "E-2", "channels": first["channels"]}
    answer = await _bulk(api, [taken], dedupeOn="email")
    assert (answer["failedContacts"][0]["code"], answer["failedContacts"][0]["field"]) == (
        "identity_conflict",
        "externalCustomerId",
    )


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"contacts": []}', b'{"contacts": 7}', b'{"contacts":[{}],"dedupeOn":"x"}']
)
async def test_a_body_of_another_shape_is_refused(api: Product, body: bytes) -> None:
    response = await api.http.post("/api/v1/contacts", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/problem+json"


async def test_contacts_are_listed_newest_first_in_pages(api: Product) -> None:
    ids = (await _bulk(api, [a_contact() for _ in range(5)]))["ids"]
    found: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = (await api.http.get("/api/v1/contacts", params=params)).json()
        found += [one["id"] for one in page["contacts"]]
        if page["nextCursor"] is None:
            break
        params["cursor"] = page["nextCursor"]
    assert found == sorted(ids, reverse=True)


async def test_contacts_are_found_by_what_is_known_of_them(api: Product) -> None:
    contact = a_contact(
        externalCustomerId="Find-1",
        firstName="Марія",
        lastName="Коваль",
        channels=[{"type": "email", "value": "maria@example.com"}, {"type": "sms", "value": "+380671112233"}],
    )
    wanted, _ = (await _bulk(api, [contact, a_contact()]))["ids"]
    for params in (
        {"email": "Maria@Example.com"},
        {"phone": "067 111 22 33"},
        {"externalCustomerId": "Find-1"},
        {"text": "марі"},
        {"text": "коваль мар"},
        {"text": "maria@"},
        {"text": "find-"},
        {"text": "067 111-22-33"},
    ):
        page = (await api.http.get("/api/v1/contacts", params=params)).json()
        assert [one["id"] for one in page["contacts"]] == [wanted], params


@pytest.mark.parametrize("params", [{"emial": "x"}, {"limit": 0}, {"cursor": "zz"}, {"text": "\0"}])
async def test_wrong_parameters_are_refused(api: Product, params: dict[str, str]) -> None:
    assert (await api.http.get("/api/v1/contacts", params=params)).status_code == 400


async def test_a_deleted_contact_is_gone_and_its_next_sight_is_a_new_one(api: Product) -> None:
    contact = a_contact()
    (contact_id,) = (await _bulk(api, [contact]))["ids"]
    assert (await api.http.delete(f"/api/v1/contacts/{contact_id}")).status_code == 204
    assert (await api.http.get(f"/api/v1/contacts/{contact_id}")).status_code == 404
    assert (await api.http.delete(f"/api/v1/contacts/{contact_id}")).status_code == 404
    page = (await api.http.get("/api/v1/contacts", params={"email": email_of(contact)})).json()
    assert page["contacts"] == []
    assert (await _bulk(api, [contact]))["ids"] != [contact_id]


async def test_contacts_need_their_scope(api: Product) -> None:
    headers = await authorization(api, Scope.ORDERS_WRITE, Scope.EVENTS)
    for method, path in (
        ("GET", "/api/v1/contacts"),
        ("POST", "/api/v1/contact"),
        ("POST", "/api/v1/contacts"),
        ("POST", "/api/v1/emails/unsubscribed/add"),
    ):
        response = await api.http.request(method, path, headers=headers)
        assert response.status_code == 403, path
