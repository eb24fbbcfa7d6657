"""An import that is really killed (-9), again and again, on the way."""

import asyncio
import json
import random
import signal
from pathlib import Path

from sqlalchemy import text

from tests.builders import an_order
from tests.product import Product
from tests.shell import Shell

_ORDERS, _EVERY_BAD, _KILLS = 2000, 10, 3


async def test_a_killed_import_goes_on_and_doubles_and_loses_nothing(
    tmp_path: Path, shell: Shell, product: Product
) -> None:
    file = tmp_path / "orders.jsonl"
    orders = [an_order(totalCost=-1 if number % _EVERY_BAD == 0 else number) for number in range(_ORDERS)]
    file.write_text("".join(f"{json.dumps(order)}\n" for order in orders))
    arguments = ("orders", "import", file, "--batch", 25, "--json")
    killed = 0
    for _ in range(_KILLS):
        process = await shell.start(*arguments)
        before = await _accepted(product)
        while process.returncode is None and await _accepted(product) == before:  # noqa: ASYNC110 - in the database
            await asyncio.sleep(0.005)
        await asyncio.sleep(random.uniform(0, 0.05))
        if process.returncode is None:
            process.kill()
            killed += 1
        await process.communicate()
    assert killed == _KILLS
    last = await shell.run(*arguments)
    assert last.json["resumed"], last.err
    bad = [order["externalOrderId"] for order in orders[::_EVERY_BAD]]
    lines = file.with_name("orders.jsonl.rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["row"]["externalOrderId"] for line in lines] == bad
    assert (last.json["accepted"], last.json["rejected"]) == (_ORDERS - len(bad), len(bad))
    async with product.database.transaction() as session:
        counted = (await session.execute(text("SELECT count(*), count(DISTINCT event_key) FROM order_event"))).one()
    assert tuple(counted) == (_ORDERS - len(bad), _ORDERS - len(bad))


async def _accepted(product: Product) -> int:
    async with product.database.transaction() as session:
        return int(await session.scalar(text("SELECT coalesce(max(accepted), 0) FROM order_import")) or 0)


async def test_two_imports_of_one_file_at_once_store_each_row_once(
    tmp_path: Path, shell: Shell, product: Product
) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text("".join(f"{json.dumps(an_order())}\n" for _ in range(600)))
    both = await asyncio.gather(
        *(
            shell.run("orders", "import", file, "--batch", 20, "--rejects", tmp_path / f"rejects-{number}")
            for number in range(2)
        )
    )
    assert 0 in {done.code for done in both}
    async with product.database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM order_event")) == 600


async def test_a_second_import_leaves_the_reject_file_to_the_first(
    tmp_path: Path, shell: Shell, product: Product
) -> None:
    file = tmp_path / "orders.jsonl"
    orders = [an_order(totalCost=-1 if number % 2 else 1) for number in range(600)]
    file.write_text("".join(f"{json.dumps(order)}\n" for order in orders))
    arguments = ("orders", "import", file, "--batch", 2, "--json")
    first = await shell.start(*arguments)
    while not await _accepted(product):  # noqa: ASYNC110 - in the database
        await asyncio.sleep(0.005)
    first.send_signal(signal.SIGSTOP)
    second = await shell.run(*arguments)
    first.send_signal(signal.SIGCONT)
    out, err = await first.communicate()
    assert "let it finish" in second.err
    assert json.loads(out)["rejected"] == 300, err
    lines = file.with_name("orders.jsonl.rejects.jsonl").read_text().splitlines()
    bad = [order["externalOrderId"] for order in orders[1::2]]
    assert [json.loads(line)["row"]["externalOrderId"] for line in lines] == bad
