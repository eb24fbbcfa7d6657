"""Automations over HTTP: drafts, publishing, versions, differences, pause and archive."""

import asyncio
from typing import Any

import httpx
import pytest

from store.keys import Scope, create_key
from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.decide.deciding import Decider
from tests.product import Product

YAML = {"Content-Type": "application/yaml"}
ROOT = "/api/v1/automations"


async def _ok(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_a_draft_is_written_checked_published_and_changed(decider: Decider) -> None:
    http = decider.product.http
    draft = await _ok(await http.post(ROOT, content=THANKS, headers=YAML), 201)
    assert (draft["state"], draft["version"], draft["problems"]) == ("draft", None, [])
    again = await http.post(ROOT, content=THANKS, headers=YAML)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    posted = await decider.product.post(an_order())
    await decider.decide(posted["id"])
    assert await decider.states() == {}

    first = await _ok(await http.post(f"{ROOT}/{draft['id']}/publish"))
    assert (first["state"], first["version"], first["hasDraft"]) == ("live", 1, False)
    newer = THANKS.replace("template: thanks", "template: review")
    await _ok(await http.put(f"{ROOT}/Thanks/draft", content=newer, headers=YAML))
    preview = await _ok(await http.get(f"{ROOT}/Thanks/preview"))
    assert [one["sentence"] for one in preview["changes"]] == ["thanks.template: thanks → review"]
    assert preview["runs"]["running"] == 0
    second = await _ok(await http.post(f"{ROOT}/Thanks/publish"))
    assert (second["version"], second["changes"][0]["step"]) == (2, "thanks")
    versions = await _ok(await http.get(f"{ROOT}/Thanks/versions", params={"limit": 1}))
    assert [one["version"] for one in versions["versions"]] == [2]
    older = await _ok(await http.get(f"{ROOT}/Thanks/versions", params={"before": versions["nextBefore"]}))
    assert [(one["version"], one["live"]) for one in older["versions"]] == [(1, False)]
    diff = await _ok(await http.get(f"{ROOT}/Thanks/diff", params={"from": 2, "to": 1}))
    assert [one["sentence"] for one in diff["changes"]] == ["thanks.template: review → thanks"]
    audit = await decider.rows("SELECT action FROM audit_log ORDER BY id")
    assert [row["action"].partition(".")[2] for row in audit] == ["create", "publish", "draft", "publish"]


async def test_putting_the_same_definition_twice_changes_nothing(decider: Decider) -> None:
    http = decider.product.http
    rule = "where: { field: order.totalCost, op: gte, value: 19.99 }"
    yaml = THANKS.replace("event: orderDELIVERED", f"event: orderDELIVERED\n  {rule}")
    answers = [await _ok(await http.put(f"{ROOT}/Thanks", content=yaml, headers=YAML)) for _ in range(2)]
    assert [(one["version"], one["changed"]) for one in answers] == [(1, True), (1, False)]
    posted = await decider.product.post(an_order(totalCost=19.99, items=None), an_order(totalCost=19.98, items=None))
    await decider.decide(posted["id"])
    assert await decider.states() == {"pending": 1}


@pytest.mark.parametrize(
    ("yaml", "place", "line"),
    [
        (THANKS.replace("channel: email", "chanel: email"), "steps[1].send.chanel", 7),
        (THANKS.replace("template: thanks", "template: thank"), "steps[1].send.template", 7),
        (THANKS.replace("channel: email", "channel: mail"), "steps[1].send.channel", 7),
    ],
)
async def test_what_is_wrong_is_told_with_its_line(decider: Decider, yaml: str, place: str, line: int) -> None:
    response = await decider.product.http.put(f"{ROOT}/Thanks", content=yaml, headers=YAML)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_definition")
    assert (place, line) in {(one["place"], one["line"]) for one in response.json()["problems"]}


async def test_a_key_without_the_scope_reads_nothing(decider: Decider) -> None:
    async with decider.database.transaction() as session:
        key = await create_key(session, "shop", [Scope.ORDERS_WRITE])
    headers = {"Authorization": f"Bearer {key.text}"}
    assert (await decider.product.http.get(ROOT, headers=headers)).status_code == 403


async def test_the_list_has_pages_and_the_schema_is_published(decider: Decider) -> None:
    http = decider.product.http
    for name in ("A", "B", "C"):
        await _ok(await http.put(f"{ROOT}/{name}", content=THANKS.replace("Thanks", name, 1), headers=YAML))
    first = await _ok(await http.get(ROOT, params={"limit": 2}))
    rest = await _ok(await http.get(ROOT, params={"limit": 2, "cursor": first["nextCursor"]}))
    assert [one["name"] for one in first["automations"] + rest["automations"]] == ["A", "B", "C"]
    assert rest["nextCursor"] is None
    assert (await _ok(await http.get(f"{ROOT}/schema")))["title"] == "Ordercue automation"


async def test_the_preview_counts_what_each_choice_touches(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "waiting")
    name = "Delivered, thank you and review request"
    shorter = DELIVERED_REVIEW.replace("14d", "10d")
    await _ok(await product.http.put(f"{ROOT}/{name}/draft", content=shorter, headers=YAML))
    stays = (await _ok(await product.http.get(f"{ROOT}/{name}/preview")))["runs"]
    assert stays["atSteps"] == [{"step": "pause", "runs": 1}]
    assert stays["migrate"] == {"goOnInTheNewVersion": 1, "finishOnTheirVersion": 0}
    gone = DELIVERED_REVIEW.replace("id: pause", "id: sleep")
    await _ok(await product.http.put(f"{ROOT}/{name}/draft", content=gone, headers=YAML))
    leaves = (await _ok(await product.http.get(f"{ROOT}/{name}/preview")))["runs"]
    assert leaves["migrate"] == {"goOnInTheNewVersion": 0, "finishOnTheirVersion": 1}
    assert leaves["drain"] == {"stopBeforeTheirNextSend": 1}


async def test_archived_over_http_its_runs_end_and_it_stays_so(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "waiting")
    path = f"{ROOT}/Delivered, thank you and review request"
    assert (await _ok(await product.http.post(f"{path}/archive")))["runsTold"] is True
    assert (await product.wait_for_run(order, "stopped"))["stop"]["kind"] == "archived"
    assert (await product.http.post(f"{path}/resume")).status_code == 409


async def test_two_first_publications_of_one_name_at_the_same_moment_become_two_versions(decider: Decider) -> None:
    http = decider.product.http
    yamls = [THANKS, THANKS.replace("template: thanks", "template: review")]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(http.put(f"{ROOT}/Thanks", content=yaml, headers=YAML)) for yaml in yamls]
    answers = [await _ok(task.result()) for task in tasks]
    assert sorted(one["version"] for one in answers) == [1, 2]
    assert len({one["id"] for one in answers}) == 1
