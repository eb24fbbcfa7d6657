"""`ordercue messages`, `stores` and `providers`, as an operator types them."""

from core.settings import Settings
from store.audit import AuditFilter, list_audit
from tests.builders import THANKS, an_order
from tests.product import Product
from tests.servers import SmtpServer, Trouble
from tests.shell import Shell


async def test_an_operator_finds_and_settles_unknown_messages(
    product: Product, live_settings: Settings, smtp_server: SmtpServer
) -> None:
    smtp_server.fail(Trouble.DROP_AFTER_DATA, times=2)
    await product.publish(THANKS)
    arrived, lost = an_order(), an_order()
    for order in (arrived, lost):
        await product.post(order)
        await product.wait_for_run(order, "done")
    done = await Shell(live_settings).run("messages", "list", "--state", "unknown", "--json")
    listed = done.json
    assert (done.code, [one["state"] for one in listed]) == (0, ["unknown", "unknown"])
    assert "address" not in listed[0]
    second, first = (one["id"] for one in listed)  # newest first
    done = await Shell(live_settings).run("messages", "resolve", first)
    assert (done.code, "--sent or --resend" in done.said) == (2, True)
    done = await Shell(live_settings).run("messages", "resolve", first, "--sent")
    assert (done.code, "counts as sent" in done.said) == (0, True)
    done = await Shell(live_settings).run("messages", "show", first)
    assert (done.json["state"], done.json["address"]) == ("sent", arrived["email"])
    done = await Shell(live_settings).run("messages", "resolve", second, "--resend")
    assert (done.code, "goes out again" in done.said) == (0, True)
    await product.wait_for(lost, "message", lambda found: [one["state"] for one in found] == ["sent"])
    assert [len(smtp_server.sent_to(order["email"])) for order in (arrived, lost)] == [1, 2]
    async with product.database.transaction() as session:
        assert len(await list_audit(session, AuditFilter(action="message.resolve"))) == 2


async def test_an_operator_switches_a_shop_off_and_on(settings: Settings) -> None:
    assert "switched off" in (await Shell(settings).run("stores", "disable", "42", "--reason", "closed")).out
    assert "closed" in (await Shell(settings).run("stores", "list")).out
    assert "on again" in (await Shell(settings).run("stores", "enable", "42")).out
    assert "No provider" in (await Shell(settings).run("providers")).out
