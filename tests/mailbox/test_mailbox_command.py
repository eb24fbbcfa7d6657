"""`ordercue mailbox`, as people and scripts call it."""

import json

from cli.ports import free_port
from tests.mailbox.running import Mailbox
from tests.shell import Shell


async def test_it_lists_the_mails_that_came(mailbox: Mailbox) -> None:
    await mailbox.send(subject="Your order A-1")
    await mailbox.send(subject="Another")
    code, out, _ = await Shell().run("mailbox", "--url", mailbox.addresses.url)
    assert code == 0
    assert "anna@customer.test" in out
    assert out.index("Another") < out.index("Your order A-1")
    code, out, _ = await Shell().run("mailbox", "--url", mailbox.addresses.url, "--subject", "order", "--json")
    told = json.loads(out)
    assert (code, told["total"], [one["subject"] for one in told["messages"]]) == (0, 2, ["Your order A-1"])


async def test_without_a_mailbox_it_says_what_to_do() -> None:
    code, _, err = await Shell().run("mailbox", "--url", f"http://127.0.0.1:{free_port()}")
    assert code == 1
    assert "start it with ordercue dev" in err
