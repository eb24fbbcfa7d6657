"""The header Idempotency-Key as a client sees it."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from store.idempotency import Claim, claim
from store.keys import Scope
from tests.builders import an_order
from tests.intake.access import authorization
from tests.product import Product


async def _post(product: Product, key: str, *orders: Any, **options: Any) -> httpx.Response:  # Any: JSON, httpx's own
    headers = {"Idempotency-Key": key} | options.pop("headers", {})
    return await product.http.post("/api/v1/orders", json={"orders": orders}, headers=headers, **options)


async def _count(product: Product, table: str) -> int:
    async with product.database.transaction() as session:
        return int(await session.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0)


async def _age(product: Product, hours: int) -> None:
    async with product.database.transaction() as session:
        await session.execute(text(f"UPDATE stored_answer SET created_at = now() - interval '{hours} hours'"))


async def test_the_same_request_again_gets_the_stored_answer_and_does_nothing(product: Product) -> None:
    order = an_order(items=[{"externalItemId": "cup", "quantity": 1}])
    first = await _post(product, "k", order, {"externalOrderId": "bad"})
    again = await _post(product, "k", order, {"externalOrderId": "bad"})
    assert first.json()["accepted"] == 1
    assert first.json()["failedOrders"]
    assert first.json()["warnings"]
    assert (again.status_code, again.content) == (200, first.content)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await product.entries(order, "event")) == 1
    assert await _count(product, "event_batch") == 1


async def test_a_request_of_which_every_order_failed_is_answered_the_same_again(product: Product) -> None:
    first = await _post(product, "k", {})
    again = await _post(product, "k", {})
    assert first.json()["accepted"] == 0
    assert again.content == first.content


@pytest.mark.parametrize("odd", [r"\ud800", r"a\u0000b", "🍵"])
async def test_an_answer_with_odd_text_is_kept_as_it_was(product: Product, odd: str) -> None:
    body = f'{{"orders": [{{"externalOrderId": "{odd}"}}]}}'.encode()
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    first = await product.http.post("/api/v1/orders", content=body, headers=headers)
    again = await product.http.post("/api/v1/orders", content=body, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content


async def test_the_same_key_with_another_body_is_a_conflict_and_stores_nothing(product: Product) -> None:
    await _post(product, "k", an_order())
    response = await _post(product, "k", an_order())
    assert (response.status_code, response.json()["code"]) == (409, "idempotency_conflict")
    assert response.headers["content-type"] == "application/problem+json"
    assert await _count(product, "order") == 1


async def test_the_same_body_as_orders_of_the_past_is_another_request(product: Product) -> None:
    order = an_order()
    await _post(product, "k", order)
    assert (await _post(product, "k", order, params={"historical": "true"})).status_code == 409


async def test_keys_of_two_callers_are_apart(product: Product) -> None:
    await _post(product, "k", an_order())
    other = await authorization(product, Scope.ORDERS_WRITE)
    assert (await _post(product, "k", an_order(), headers=other)).json()["accepted"] == 1


async def test_a_request_that_was_refused_leaves_its_key_free(product: Product) -> None:
    assert (await _post(product, "k")).json()["code"] == "empty_orders"
    assert (await _post(product, "k", an_order())).json()["accepted"] == 1


async def test_a_legacy_key_gets_its_empty_body_again(product: Product) -> None:
    legacy = await authorization(product, Scope.ORDERS_WRITE, legacy_empty_body=True)
    order = an_order()
    for replayed in (None, "true"):
        response = await _post(product, "k", order, headers=legacy)
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers.get("idempotency-replayed") == replayed


async def test_of_many_at_once_one_does_the_work_and_the_others_get_its_answer(product: Product) -> None:
    order = an_order()
    responses = await asyncio.gather(*(_post(product, "k", order) for _ in range(12)))
    assert {response.status_code for response in responses} == {200}
    assert len({response.content for response in responses}) == 1
    assert [response.headers.get("idempotency-replayed") for response in responses].count(None) == 1
    assert len(await product.entries(order, "event")) == 1


async def test_of_two_bodies_at_once_one_is_stored_and_the_other_refused(product: Product) -> None:
    responses = await asyncio.gather(_post(product, "k", an_order()), _post(product, "k", an_order()))
    assert sorted(response.status_code for response in responses) == [200, 409]
    assert await _count(product, "order") == 1


async def test_who_waits_takes_over_when_the_first_one_fails(product: Product) -> None:
    async with product.database.transaction() as session:
        await claim(session, await _own_claim(product, "k"), await session.scalar(text("SELECT now()")))
        waiting = asyncio.create_task(_post(product, "k", an_order()))
        await _until_someone_waits(product)
        await session.rollback()
    assert (await waiting).json()["accepted"] == 1


async def test_who_waits_too_long_is_told_to_come_again(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.idempotency.PATIENCE_SECONDS", 1)
    order = an_order()
    async with product.database.transaction() as session:
        await claim(session, await _own_claim(product, "k"), await session.scalar(text("SELECT now()")))
        response = await _post(product, "k", order)
        assert (response.status_code, response.json()["code"]) == (409, "idempotency_in_progress")
        assert int(response.headers["retry-after"]) > 0
        await session.rollback()
    assert (await _post(product, "k", order)).json()["accepted"] == 1


async def test_after_a_day_a_key_is_new(product: Product) -> None:
    order = an_order()
    first = await _post(product, "k", order)
    await _age(product, 23)
    assert (await _post(product, "k", order)).content == first.content
    await _age(product, 24)
    assert (await _post(product, "k", an_order())).json()["accepted"] == 1


async def test_old_answers_go_a_few_with_each_new_one(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        await _post(product, f"old-{number}", an_order())
    await _age(product, 25)
    monkeypatch.setattr("store.idempotency._MOST_FORGOTTEN", 3)
    await _post(product, "new", an_order())
    assert await _count(product, "stored_answer") == 3
    await _post(product, "newer", an_order())
    assert await _count(product, "stored_answer") == 2


@pytest.mark.parametrize("key", ["", "a" * 256, "a\tb", "ключ".encode()])
async def test_a_key_that_is_empty_long_or_not_printable_is_refused(product: Product, key: str) -> None:
    response = await _post(product, key, an_order())
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert await _count(product, "order") == 0


async def _own_claim(product: Product, key: str) -> Claim:
    async with product.database.transaction() as session:
        api_key_id = await session.scalar(text("SELECT id FROM api_key"))
    assert api_key_id is not None
    return Claim(api_key_id, key, b"another process, still at it")


async def _until_someone_waits(product: Product) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(4):
        while True:
            async with product.database.transaction() as session:
                if await session.scalar(waiting):
                    return
            await asyncio.sleep(0.01)
