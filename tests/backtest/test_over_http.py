"""Simulate and backtest as their users call them."""

import asyncio
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.builders import DELIVERED_REVIEW, an_order
from tests.product import Product
from tests.servers import SmtpServer
from tests.shell import Shell

_REVIEW = "Delivered, thank you and review request"


@pytest.fixture
async def delivered(product: Product) -> list[dict[str, Any]]:
    """Three delivered orders, one of them cancelled later, and one that is too small; the automation is live."""
    await product.publish(DELIVERED_REVIEW)
    orders = [an_order(), an_order(), an_order(), an_order(totalCost=5)]
    for order in orders:
        await product.post(order)
    for order in orders[:3]:
        await product.wait_for_run(order, "waiting")
    await product.post(orders[2] | {"status": "CANCELLED"})
    await product.wait_for_run(orders[2], "stopped")
    return orders


async def _command(product: Product, *arguments: object) -> str:
    code, out, err = await Shell(product.settings).run(*arguments)
    assert code == 0, err
    return out


async def _backtest(product: Product, **body: Any) -> dict[str, Any]:
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    asked = {"automation": _REVIEW, "from": since, "to": (datetime.now(UTC) + timedelta(days=30)).isoformat()} | body
    response = await product.http.post("/api/v1/backtests", json=asked)
    assert response.status_code == 202, response.text
    async with asyncio.timeout(30):
        while (found := (await product.http.get(response.json()["url"])).json())["state"] == "running":  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    return found


async def test_a_backtest_tells_what_the_live_version_did(product: Product, delivered: list[dict[str, Any]]) -> None:
    found = await _backtest(product)
    assert found["state"] == "done", found
    report = found["report"]
    assert (report["events"], report["launches"], report["notMatched"], report["stopped"]) == (5, 3, 1, 1)
    assert report["sendsByStep"] == {"thanks": 3, "review": 2}
    assert report["prevented"] == 1
    assert report["examples"]["prevented"][0]["key"] == delivered[2]["externalOrderId"]
    assert "the rule asks for at least 20" in report["examples"]["not_matched"][0]["detail"]
    live = report["live"]
    assert (live["launches"], live["stopped"], live["sendsByStep"]) == (3, 1, {"thanks": 3})
    assert sum(sum(day["hours"]) for day in report["days"]) == 5


async def test_a_backtest_writes_nothing_but_its_report(product: Product, delivered: list[dict[str, Any]]) -> None:
    async def counts() -> list[Any]:
        async with product.database.transaction() as session:
            tables = ("run", "message", "decision", "order_event", "event_batch", "contact")
            return [await session.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables]

    before = await counts()
    draft = {
        "name": "Draft",
        "start": {"event": "orderDELIVERED", "unique": "each_time"},
        "steps": [{"send": {"channel": "email", "template": "thanks"}}],
    }
    found = await _backtest(product, automation=None, definition=draft)
    assert (found["report"]["sends"], found["report"]["live"]) == (len(delivered), None)
    assert await counts() == before


async def test_what_cannot_be_backtested_is_told_at_once(product: Product) -> None:
    now = datetime.now(UTC).isoformat()
    for body in ({}, {"automation": "x", "from": now, "to": now}, {"automation": "x", "from": "yesterday", "to": now}):
        response = await product.http.post("/api/v1/backtests", json=body)
        assert (response.status_code, response.json()["code"]) == (400, "invalid_request"), body
    assert (await product.http.get(f"/api/v1/backtests/{'0' * 8}-0000-0000-0000-{'0' * 12}")).status_code == 404


@pytest.mark.usefixtures("delivered")
async def test_the_command_prints_table_json_and_csv(product: Product, tmp_path: Path) -> None:
    file = tmp_path / "review.yaml"
    file.write_text(DELIVERED_REVIEW)
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()

    async def run(*more: str) -> str:
        return await _command(product, "backtest", file, "--from", "2026-01-01", "--to", until, *more)

    table, as_json, as_csv = await asyncio.gather(run(), run("--json"), run("--csv"))
    assert "messages that a stop prevented" in table
    assert json.loads(as_json)["prevented"] == 1
    figures = {(row["figure"], row["name"]): row["value"] for row in csv.DictReader(io.StringIO(as_csv))}
    assert (figures["sends", ""], figures["sends_by_step", "review"]) == ("5", "2")


async def test_a_simulation_shows_the_way_the_due_moment_and_the_message(
    product: Product, delivered: list[dict[str, Any]]
) -> None:
    response = await product.http.post(
        f"/api/v1/automations/{_REVIEW}/simulate", json={"order": delivered[0]["externalOrderId"]}
    )
    assert response.status_code == 200, response.text
    told = response.json()
    assert told["sentence"] == "Started: totalCost is 200, the rule asks for at least 20"
    steps = {entry["step"]: entry for entry in told["steps"]}
    assert steps["thanks"]["message"]["subject"] == "Дякуємо, Olena"
    assert steps["pause"]["dueAt"].endswith("T10:00:00+00:00")
    assert steps["review"]["at"] == steps["pause"]["dueAt"]
    stopped = await product.http.post(
        f"/api/v1/automations/{_REVIEW}/simulate", json={"order": delivered[2]["externalOrderId"]}
    )
    assert stopped.json()["steps"][-1]["sentence"] == "Stopped: orderCANCELLED came"
    small = await product.http.post(
        f"/api/v1/automations/{_REVIEW}/simulate", json={"order": delivered[3]["externalOrderId"]}
    )
    assert small.json()["sentence"] == "Not matched: totalCost is 5, the rule asks for at least 20"
    assert small.json()["steps"] == []


async def test_a_simulation_of_a_draft_supposes_what_only_time_can_tell(product: Product) -> None:
    send = {"send": {"id": "sorry", "channel": "email", "template": "thanks"}}
    draft = {
        "name": "Draft",
        "start": {"event": "asked"},
        "steps": [
            {"wait_for": {"id": "answer", "event": "answered", "timeout": "2d", "else": [send]}},
            {"if": {"id": "big", "where": {"field": "event.size", "op": "gt", "value": 3}, "then": [send | {}]}},
        ],
    }
    draft["steps"][1]["if"]["then"] = [{"send": {"id": "big-one", "channel": "email", "template": "review"}}]
    event = {"type": "asked", "params": {"size": 5}, "order": {"externalOrderId": "A-1"}}
    body = {"definition": draft, "event": event, "at": "2026-11-02T09:00:00Z"}
    told = (await product.http.post("/api/v1/automations/draft/simulate", json=body)).json()
    assert [entry["kind"] for entry in told["steps"]] == ["wait_for", "send", "if", "send", "end"], told
    assert told["steps"][1]["at"] == "2026-11-04T09:00:00+00:00"
    assert told["steps"][2]["because"]["actual"] == 5
    body["assume"] = {"answer": "then"}
    told = (await product.http.post("/api/v1/automations/draft/simulate", json=body)).json()
    assert [entry["step"] for entry in told["steps"]] == ["answer", "big", "big-one", None]
    body["assume"] = {"big": "then"}
    response = await product.http.post("/api/v1/automations/draft/simulate", json=body)
    assert (response.status_code, response.json()["field"]) == (400, "assume")


async def test_the_commands_simulate_a_file_and_launch_a_test(
    product: Product, delivered: list[dict[str, Any]], smtp_server: SmtpServer, tmp_path: Path
) -> None:
    file = tmp_path / "review.yaml"
    file.write_text(DELIVERED_REVIEW)
    key = delivered[0]["externalOrderId"]
    told = await _command(product, "automations", "simulate", file, "--order", key)
    assert "Started: totalCost is 200, the rule asks for at least 20" in told
    assert "Sends review by email" in told
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"type": "orderDELIVERED", "order": {"externalOrderId": "A-1", "totalCost": 5}}))
    told = await _command(product, "automations", "simulate", _REVIEW, "--event", event)
    assert "Not matched: totalCost is 5, the rule asks for at least 20" in told
    before = len(smtp_server.messages)
    options = ("--to", "me@shop.example", "--skip-waits", "--json")
    launched = json.loads(await _command(product, "automations", "test", _REVIEW, "--order", key, *options))
    assert launched["test"] is True
    mails = await smtp_server.wait_for(before + 2)
    assert [mail["To"] for mail in mails[-2:]] == ["me@shop.example"] * 2
