"""`ordercue messages`, `stores` and `providers`, as an operator types them."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from core.settings import Settings
from store.audit import AuditFilter, list_audit
from tests.builders import THANKS, an_order
from tests.product import Product
from tests.servers import SmtpServer, Trouble


async def _ordercue(settings: Settings, *words: str) -> tuple[int, str]:
    names = ("database_url", "temporal_address", "temporal_namespace")
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("ordercue"),
        *words,
        env=os.environ
        | {f"ORDERCUE_{name.upper()}": str(getattr(settings, name)) for name in names}
        | {"COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_an_operator_finds_and_settles_unknown_messages(
    product: Product, live_settings: Settings, smtp_server: SmtpServer
) -> None:
    smtp_server.fail(Trouble.DROP_AFTER_DATA, times=2)
    await product.publish(THANKS)
    arrived, lost = an_order(), an_order()
    for order in (arrived, lost):
        await product.post(order)
        await product.wait_for_run(order, "done")
    code, said = await _ordercue(live_settings, "messages", "list", "--state", "unknown", "--json")
    listed: list[dict[str, Any]] = json.loads(said)
    assert (code, [one["state"] for one in listed]) == (0, ["unknown", "unknown"])
    assert "address" not in listed[0]
    second, first = (one["id"] for one in listed)  # newest first
    code, said = await _ordercue(live_settings, "messages", "resolve", first)
    assert (code, "--sent or --resend" in said) == (2, True)
    code, said = await _ordercue(live_settings, "messages", "resolve", first, "--sent")
    assert (code, "counts as sent" in said) == (0, True)
    code, said = await _ordercue(live_settings, "messages", "show", first)
    assert (json.loads(said)["state"], json.loads(said)["address"]) == ("sent", arrived["email"])
    code, said = await _ordercue(live_settings, "messages", "resolve", second, "--resend")
    assert (code, "goes out again" in said) == (0, True)
    await product.wait_for(lost, "message", lambda found: [one["state"] for one in found] == ["sent"])
    assert [len(smtp_server.sent_to(order["email"])) for order in (arrived, lost)] == [1, 2]
    async with product.database.transaction() as session:
        assert len(await list_audit(session, AuditFilter(action="message.resolve"))) == 2


async def test_an_operator_switches_a_shop_off_and_on(settings: Settings) -> None:
    assert "switched off" in (await _ordercue(settings, "stores", "disable", "42", "--reason", "closed"))[1]
    assert "closed" in (await _ordercue(settings, "stores", "list"))[1]
    assert "on again" in (await _ordercue(settings, "stores", "enable", "42"))[1]
    assert "No provider" in (await _ordercue(settings, "providers"))[1]
