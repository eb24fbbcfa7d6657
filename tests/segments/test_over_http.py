"""Segments, RFM and reports as an integration and a marketer see them."""

import asyncio

from tests.builders import an_order
from tests.product import Product
from tests.runs.waiting import waits_for_event


async def test_an_order_brings_its_customer_into_a_dynamic_segment_within_seconds(product: Product) -> None:
    rule = {"definition": {"orders": "count", "op": "gte", "value": 1, "of": {"category": "cups"}}}
    made = await product.http.put("/api/v1/segments/cup lovers", json=rule)
    assert made.status_code == 200, made.text
    async with asyncio.timeout(60):
        while not (await product.http.get("/api/v1/segments/cup lovers")).json()["calculatedAt"]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    item = {"externalItemId": "cup", "name": "Cup", "quantity": 1, "cost": 5, "category": "cups"}
    await product.publish(
        "name: Cups\nstart:\n  event: segmentEntered\nsteps:\n  - send: { id: hi, channel: email, template: thanks }\n"
    )
    order = an_order(items=[item])
    await product.post(order)
    async with asyncio.timeout(60):
        while not (found := (await product.http.get("/api/v1/segments/cup lovers/members")).json()["members"]):  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    assert len(found) == 1
    sent = "/api/v1/reports/automations?from=2026-01-01&to=2099-01-01"
    async with asyncio.timeout(60):
        while not [one for one in (await product.http.get(sent)).json()["rows"] if one["sent"]]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)


async def test_entering_starts_leaving_stops_and_a_move_between_cells_starts_too(product: Product) -> None:
    rule = {"definition": {"orders": "count", "op": "gte", "value": 1}}
    assert (await product.http.put("/api/v1/segments/buyers", json=rule)).status_code == 200
    async with asyncio.timeout(60):
        while not (await product.http.get("/api/v1/segments/buyers")).json()["calculatedAt"]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    left = "stop:\n  - { event: segmentLeft, match: contact, where: { field: event.segment, op: eq, value: buyers } }\n"
    wait = "steps: [ { wait: { id: pause, for: 30d } } ]\n"
    await product.publish(f"name: Entered\nstart: {{ event: segmentEntered }}\n{left}{wait}")
    moved = "{ field: event.toFrequency, op: gt, value: 0 }"
    await product.publish(f"name: Moved\nstart: {{ event: rfmMoved, where: {moved} }}\n{wait}")

    async def runs(expected: dict[str, str]) -> None:
        found: dict[str, str] = {}
        async with asyncio.timeout(60):
            while found != expected:
                await asyncio.sleep(0.05)
                listed = (await product.http.get("/api/v1/runs")).json()["runs"]
                found = {one["automation"]: one["state"] for one in listed}

    order = an_order()
    await product.post(order)
    await runs({"Entered": "waiting", "Moved": "waiting"})
    await product.post(order | {"status": "CANCELLED"})
    await runs({"Entered": "stopped", "Moved": "waiting"})


async def test_a_definition_is_previewed_and_its_errors_name_the_place(product: Product) -> None:
    good = {"definition": {"all": [{"orders": "count", "op": "eq", "value": 0}, {"message": "opened", "within": 9}]}}
    answer = (await product.http.post("/api/v1/segments/preview", json=good)).json()
    assert (answer["count"], answer["sample"], answer["cost"]) == (0, [], "cheap")
    wrong = {"definition": {"all": [{"not": {"orders": "many", "op": "eq", "value": 0}}]}}
    refused = await product.http.post("/api/v1/segments/preview", json=wrong)
    assert (refused.status_code, refused.json()["field"]) == (400, "all.0.not.orders")


async def test_segments_cannot_ask_for_each_other_in_a_circle(product: Product) -> None:
    assert (await product.http.put("/api/v1/segments/a", json={})).status_code == 200
    assert (await product.http.put("/api/v1/segments/b", json={"definition": {"segment": "a"}})).status_code == 200
    assert (await product.http.put("/api/v1/segments/c", json={"definition": {"segment": "b"}})).status_code == 200
    circle = await product.http.put("/api/v1/segments/b", json={"definition": {"segment": "c"}})
    assert (circle.status_code, "circle" in circle.json()["detail"]) == (400, True)
    assert (await product.http.delete("/api/v1/segments/a")).status_code == 409


async def test_the_grid_and_the_reports_count_delivered_orders(product: Product) -> None:
    await product.post(an_order(date="2026-03-01T10:00:00Z", totalCost=30, currency="EUR"))
    await product.post(an_order(date="2026-03-02T10:00:00Z", totalCost=50, currency="EUR", status="CANCELLED"))
    rfm = "/api/v1/rfm?asOf=2026-03-10T00:00:00Z"
    async with asyncio.timeout(60):
        while len((await product.http.get(rfm)).json()["rows"]) < 2:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    rows = (await product.http.get(rfm)).json()["rows"]
    assert [(one["recency"], one["frequency"], one["contacts"], one["revenue"]) for one in rows] == [
        (0, 0, 1, 0),
        (1, 1, 1, 30),
    ]
    cell = await product.http.get("/api/v1/rfm/contacts?recency=1&frequency=1&asOf=2026-03-10T00:00:00Z")
    assert [one["revenue"] for one in cell.json()["contacts"]] == [30]
    revenue = await product.http.get("/api/v1/reports/revenue?from=2026-03-01&to=2026-03-31&by=month")
    (month,) = revenue.json()["rows"]
    assert (month["period"], month["revenue"], month["cancelled"], month["orders"]) == ("2026-03-01", 30, 50, 1)
    customers = await product.http.get("/api/v1/reports/customers?from=2026-03-01&to=2026-03-31&by=month&format=csv")
    assert customers.text.splitlines() == ["period,new,returning", "2026-03-01,1,0"]
    beside = "/api/v1/reports/revenue?from=2026-03-01&to=2026-03-31&by=month&compare=previous"
    assert (await product.http.get(beside)).json()["previous"] == {"from": "2026-02-01", "to": "2026-02-28", "rows": []}
    lines = (await product.http.get(beside.replace("03-", "04-").replace("31", "30") + "&format=csv")).text.splitlines()
    assert [line.split(",")[:3] for line in lines] == [
        ["range", "period", "currency"],
        ["previous", "2026-03-01", "EUR"],
    ]
    funnel = await product.http.get("/api/v1/reports/funnel?from=2026-03-01&to=2026-03-31")
    assert {one["status"]: one["now"] for one in funnel.json()["rows"]}["DELIVERED"] == 1
    steps = "/api/v1/reports/transitions?from=2026-03-01&to=2026-03-31"
    assert (await product.http.get(steps)).json() == {"rows": []}
    delivered = (await product.http.get("/api/v1/orders?status=DELIVERED")).json()["orders"][0]["externalOrderId"]
    await product.post(an_order(externalOrderId=delivered, date="2026-03-01T10:00:00Z", status="CANCELLED"))
    (step,) = (await product.http.get(steps)).json()["rows"]
    assert (step["fromStatus"], step["toStatus"], step["orders"]) == ("DELIVERED", "CANCELLED", 1)
    assert (await product.http.get(f"{steps}&format=csv")).text.startswith("fromStatus,toStatus,orders,medianSeconds")


async def test_a_pass_that_is_asked_for_tells_how_it_is_getting_on(product: Product) -> None:
    address = "/api/v1/rfm/recalculate"
    assert (await product.http.get(address)).json() == {"state": "none"}
    await product.post(an_order())
    async with asyncio.timeout(60):
        while not (await product.http.get("/api/v1/rfm")).json()["rows"]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    assert (await product.http.post(address)).status_code == 202
    async with asyncio.timeout(60):
        while (told := (await product.http.get(address)).json())["state"] != "completed":
            assert told["state"] == "running"
            await asyncio.sleep(0.05)
    assert (told["contacts"], told["total"]) == (1, 1)


async def test_a_run_of_an_older_version_hears_the_move_that_it_waits_for(product: Product) -> None:
    waiting = "name: Old\nstart: { event: orderINITIALIZED }\nsteps:\n"
    await product.publish(f"{waiting}  - wait_for: {{ id: moved, event: rfmMoved, timeout: 30d, match: contact }}\n")
    order = an_order(status="INITIALIZED")
    await product.post(order)
    await waits_for_event(product, "moved")
    await product.publish(f"{waiting}  - wait: {{ id: pause, for: 30d }}\n")
    await product.post(order | {"status": "DELIVERED"})
    run = await product.wait_for_run(order, "done")
    assert run["version"] == 1
