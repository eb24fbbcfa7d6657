"""The unsubscribe endpoints."""

from tests.builders import DELIVERED_REVIEW, an_order
from tests.contacts.people import add, email_of, show
from tests.product import Product

_ADD, _DELETE = "/api/v1/emails/unsubscribed/add", "/api/v1/emails/unsubscribed/delete"


async def test_an_unsubscribed_address_is_shown_and_can_be_taken_back(api: Product) -> None:
    found = await show(api, await add(api))
    email = email_of(found)
    answer = await api.http.post(_ADD, json={"emails": [email.upper(), "nobody"]})
    assert answer.json() == {"added": 1, "failedEmails": ["nobody"]}
    assert [one["reason"] for one in (await show(api, found["id"]))["suppressed"]] == ["unsubscribed"]
    assert (await api.http.post(_DELETE, json={"emails": [email]})).json()["deleted"] == 1
    assert (await show(api, found["id"]))["suppressed"] == []


async def test_no_list_of_addresses_is_refused(api: Product) -> None:
    for body in ({}, {"emails": []}, {"emails": "a@example.com"}, {"emails": [7]}):
        response = await api.http.post(_ADD, json=body)
        assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


async def test_unsubscribing_ends_a_sleeping_run_that_says_so_at_once(product: Product) -> None:
    await product.publish(
        DELIVERED_REVIEW.replace("stop:\n", "stop:\n  - { event: never }\n  - { unsubscribed: email }\n")
    )
    stays = DELIVERED_REVIEW.replace("Delivered, thank you and review request", "Another")
    await product.publish(stays)
    order = an_order()
    await product.post(order)
    await product.wait_for(order, "run", lambda runs: [run["state"] for run in runs] == ["waiting", "waiting"])
    await product.http.post(_ADD, json={"emails": [order["email"]]})
    runs = await product.wait_for(order, "run", lambda runs: {run["state"] for run in runs} == {"waiting", "stopped"})
    stopped = next(run for run in runs if run["state"] == "stopped")
    assert stopped["automation"] == "Delivered, thank you and review request"
    assert (stopped["stop"]["reason"], stopped["stop"]["rule"]) == ("unsubscribed from email", "stop[1]")
