"""The `ordercue` command as people and scripts call it: real processes, real servers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from temporalio.testing import WorkflowEnvironment

from cli.ports import free_port
from core.settings import Settings
from tests.builders import DELIVERED_REVIEW, TEMPLATES, an_order
from tests.shell import Shell
from worker.main import running_workers


@asynccontextmanager
async def serving(shell: Shell) -> AsyncIterator[str]:
    port = free_port(0)
    process = await shell.start("api", "--port", port)
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(30):
            while True:
                try:
                    if (await http.get(f"{url}/readyz")).is_success:
                        break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
        yield url
    finally:
        process.terminate()
        await asyncio.wait_for(process.communicate(), 30)


def _write(folder: Path, automation: str = DELIVERED_REVIEW) -> tuple[Path, Path]:
    templates = folder / "templates"
    templates.mkdir(exist_ok=True)
    for name, source in TEMPLATES.items():
        (templates / f"{name}.html").write_text(source)
    file = folder / "review.yaml"
    file.write_text(automation)
    return templates, file


async def test_the_version_is_that_of_the_package(shell: Shell) -> None:
    assert (await shell.run("version", "--json")).json.keys() == {"version"}


async def test_a_key_is_made_listed_and_revoked(shell: Shell) -> None:
    made = (await shell.run("keys", "create", "--json", "--name", "shop", "--scope", "orders:write")).json
    listed = await shell.run("keys", "list", "--json")
    assert [(one["prefix"], one["scopes"]) for one in listed.json] == [(made["prefix"], ["orders:write"])]
    secret = made["key"].rpartition("_")[2]
    assert secret not in listed.out
    assert (await shell.run("keys", "revoke", made["prefix"])).code == 0
    assert (await shell.run("keys", "list", "--json")).json[0]["revoked_at"]
    unknown = await shell.run("keys", "revoke", "nobody")
    assert (unknown.code, unknown.err) == (1, "ordercue: no key 'nobody'\n")


async def test_applying_twice_changes_nothing_and_a_pause_is_shown(shell: Shell, tmp_path: Path) -> None:
    templates, file = _write(tmp_path)
    too_early = await shell.run("automations", "apply", file)
    assert too_early.code == 1
    assert "thanks" in too_early.err
    assert (await shell.run("templates", "apply", templates)).code == 0
    first = (await shell.run("automations", "apply", "--json", file)).json
    again = (await shell.run("automations", "apply", "--json", file)).json
    assert [(one["version"], one["changed"]) for one in first + again] == [(1, True), (1, False)]
    name = first[0]["name"]
    assert (await shell.run("automations", "pause", name)).code == 0
    assert (await shell.run("automations", "list", "--json")).json[0]["state"] == "paused"
    assert (await shell.run("automations", "show", name)).json["definition"]["name"] == name


async def test_a_wrong_automation_names_file_line_and_remedy(shell: Shell, tmp_path: Path) -> None:
    _, file = _write(tmp_path, DELIVERED_REVIEW.replace("channel: email", "chanel: email", 1))
    done = await shell.run("automations", "apply", file)
    assert done.code == 1
    assert f"{file}: line 11" in done.err
    assert "channel" in done.err


async def test_a_wrong_setting_and_a_missing_server_are_one_clear_line(shell: Shell) -> None:
    wrong = await shell.run("keys", "list", ORDERCUE_ACCOUNT_ZONE="Mars/Olympus")
    assert (wrong.code, wrong.err.count("\n")) == (1, 1)
    assert "ORDERCUE_ACCOUNT_ZONE" in wrong.err
    away = await shell.run("keys", "list", ORDERCUE_DATABASE_URL=f"postgresql://x@127.0.0.1:{free_port(0)}/x")
    assert (away.code, away.err.count("\n")) == (1, 1)
    assert "PostgreSQL does not answer" in away.err


async def test_an_order_posted_by_the_command_makes_a_run_that_an_operator_moves_lets_go_on_or_stops(
    shell: Shell, live_settings: Settings, temporal_env: WorkflowEnvironment, tmp_path: Path
) -> None:
    templates, automation = _write(tmp_path)
    await shell.run("templates", "apply", templates)
    await shell.run("automations", "apply", automation)
    key = (await shell.run("keys", "create", "--json")).json["key"]
    order, other, orders = an_order(), an_order(), tmp_path / "orders.json"
    orders.write_text(json.dumps({"orders": [order, other, {"externalOrderId": "bad"}]}))
    async with serving(shell) as url, running_workers(temporal_env.client, live_settings):
        posted = await shell.run("orders", "post", orders, "--url", url, "--json", ORDERCUE_API_KEY=key)
        assert (posted.code, posted.json["accepted"], len(posted.json["failedOrders"])) == (1, 2, 1)
        refused = await shell.run("orders", "post", orders, "--url", url, ORDERCUE_API_KEY="oc_no_key")
        assert (refused.code, refused.err.startswith("ordercue: 401 unauthorized")) == (1, True)
        run = await _run(shell, order, "waiting")
        moved = await shell.run("runs", "move", run["id"], "--to", "2027-01-05T10:00:00+02:00")
        assert moved.out == f"Run {run['id']} goes on at 2027-01-05 08:00:00 UTC.\n"
        assert (await _run(shell, order, "waiting"))["due_at"].startswith("2027-01-05T08:00:00")
        goes_on = await _run(shell, other, "waiting")
        assert (await shell.run("runs", "skip-wait", goes_on["id"])).code == 0
        await _run(shell, other, "done")
        assert (await shell.run("runs", "stop", run["id"], "--reason", "the customer called")).code == 0
        stopped = await _run(shell, order, "stopped")
        shown = (await shell.run("runs", "show", stopped["id"])).json
    assert shown["stop"]["reason"] == "the customer called"
    assert [message["state"] for message in shown["messages"]] == ["sent"]


async def _run(shell: Shell, order: dict[str, Any], state: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            listed = await shell.run("runs", "list", "--json", "--order", order["externalOrderId"], "--state", state)
            if listed.json:
                found: dict[str, Any] = listed.json[0]
                return found
