"""Which contact an order gets, as a client sees it: the five rules where more than one contact could be meant."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.match_contacts import MatchActivities
from core.contracts import Batches
from core.settings import Settings
from store.session import open_database
from tests.builders import an_order
from tests.contacts.people import add, show
from tests.product import Product, running_api

Json = dict[str, Any]  # Any: JSON
_PHONE = "+380671112233"


@pytest.fixture
async def phone_first(live_settings: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    """An account that looks for the phone before the e-mail."""
    settings = live_settings.model_copy(update={"match_order": ("phone", "email")})
    async with running_api(settings, temporal_env.client) as product:
        yield product


async def _order(product: Product, **changes: Any) -> Json:  # Any: JSON
    """A stored order, matched as ProcessEvents does."""
    order = an_order(externalCustomerId=None, email=None) | changes
    batch_id = UUID((await product.post(order))["id"])
    database = open_database(product.settings.database_url, pool_size=1)
    await MatchActivities(database, product.settings).match_contacts(Batches(batch_ids=(batch_id,)))
    await database.close()
    found: Json = (await product.http.get(f"/api/v1/orders/{order['externalOrderId']}")).json()
    return found


def _channels(email: str, phone: str | None = None) -> list[Json]:
    channels = [{"type": "email", "value": email}]
    return [*channels, {"type": "sms", "value": phone}] if phone else channels


async def test_of_several_holders_the_latest_updated_is_meant_and_only_gaps_are_filled(product: Product) -> None:
    first = await add(product, externalCustomerId="crm-1", firstName="Ada", channels=_channels("two@example.com"))
    other = await add(product, externalCustomerId="crm-2", firstName="Eve", channels=_channels("two@example.com"))
    assert first != other
    assert (await _order(product, email="two@example.com"))["contactId"] == other
    await product.http.post("/api/v1/contact", json={"id": first, "lastName": "Byron"})
    order = await _order(product, email="Two@Example.com ", phone=_PHONE, firstName="Zed", lastName="Zulu")
    assert (order["contactId"], order["identityConflict"]) == (first, False)
    contact = await show(product, first)
    assert (contact["firstName"], contact["lastName"]) == ("Ada", "Byron")  # an order overwrites nothing
    assert {"type": "sms", "value": _PHONE} in contact["channels"]  # and fills what was lacking


async def test_the_first_pairing_of_an_external_id_sticks(product: Product) -> None:
    paired = await _order(product, externalCustomerId="c-1", email="one@example.com")
    assert (await show(product, paired["contactId"]))["source"] == "order"  # nobody was found: a new contact
    await add(product, externalCustomerId=None, channels=_channels("new@example.com"))
    later = await _order(product, externalCustomerId="c-1", email="new@example.com")
    assert (later["contactId"], later["identityConflict"]) == (paired["contactId"], True)


async def test_the_next_holder_is_taken_when_the_first_has_another_external_id(product: Product) -> None:
    paired = await add(product, externalCustomerId="crm-9", channels=_channels("shared@example.com"))
    free = await add(product, externalCustomerId=None, channels=_channels("free@example.com"))
    for contact in ({"id": free, "channels": _channels("shared@example.com")}, {"id": paired, "lastName": "Latest"}):
        assert (await product.http.post("/api/v1/contact", json=contact)).status_code == 200
    assert (await _order(product, externalCustomerId="c-2", email="shared@example.com"))["contactId"] == free
    third = await _order(product, externalCustomerId="c-3", email="shared@example.com")
    assert third["contactId"] not in {free, paired, None}  # two contacts may hold one e-mail, and three as well


async def test_the_account_says_what_is_looked_up_first(phone_first: Product) -> None:
    by_mail = await _order(phone_first, email="m@example.com")
    by_phone = await _order(phone_first, phone=_PHONE)
    both = await _order(phone_first, email="m@example.com", phone="067 111 22 33")
    assert by_mail["contactId"] != by_phone["contactId"]
    assert (both["contactId"], both["identityConflict"]) == (by_phone["contactId"], True)


async def test_an_order_that_only_has_an_unusable_identity_stays_without_contact(product: Product) -> None:
    assert (await _order(product, email="nobody at home"))["contactId"] is None
