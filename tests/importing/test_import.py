"""`ordercue orders import` as an operator calls it: real processes, a real database."""

import gzip
import json
from pathlib import Path
from typing import Any

from temporalio.testing import WorkflowEnvironment

from core.contracts import PROCESS_WORKFLOW
from tests.builders import an_order
from tests.product import Product
from tests.shell import Shell


def _write(file: Path, *rows: object) -> Path:
    file.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return file


def _rejects(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.with_name(f"{file.name}.rejects.jsonl").read_text().splitlines()]


async def _effects(product: Product, order: dict[str, Any]) -> list[str]:
    return [entry["effect"] for entry in await product.entries(order, "event")]


async def test_json_lines_are_stored_and_handed_on(
    tmp_path: Path, shell: Shell, product: Product, temporal_env: WorkflowEnvironment
) -> None:
    orders = [an_order() for _ in range(5)]
    done = await shell.run("orders", "import", _write(tmp_path / "orders.jsonl", *orders), "--json")
    assert done.code == 0, done.err
    assert (done.json["accepted"], done.json["rejected"]) == (5, 0)
    assert [await _effects(product, order) for order in orders] == [["acts"]] * 5
    started = [one async for one in temporal_env.client.list_workflows(f"WorkflowType = '{PROCESS_WORKFLOW}'")]
    assert len(started) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["orders.jsonl"]  # noqa: ASYNC240 (a folder of one file)


async def test_bad_rows_go_to_the_reject_file_with_their_reasons(
    tmp_path: Path, shell: Shell, product: Product
) -> None:
    good, bad = an_order(), an_order(totalCost=-1)
    file = _write(tmp_path / "orders.jsonl", bad, "{not json", "", good, "[]")
    done = await shell.run("orders", "import", file, "--json")
    assert done.code == 1
    assert (done.json["accepted"], done.json["rejected"]) == (1, 3)
    rejected = [(one["line"], one["code"], one["field"]) for one in _rejects(file)]
    assert rejected == [(1, "out_of_range", "totalCost"), (2, "not_json", ""), (5, "not_an_object", "")]
    assert _rejects(file)[0]["row"] == bad
    assert await _effects(product, good) == ["acts"]


async def test_historical_orders_start_nothing(tmp_path: Path, shell: Shell, product: Product) -> None:
    order = an_order()
    await shell.run("orders", "import", _write(tmp_path / "orders.jsonl", order), "--historical")
    assert await _effects(product, order) == ["historical"]


async def test_a_file_that_was_imported_is_not_imported_twice(tmp_path: Path, shell: Shell, product: Product) -> None:
    order = an_order()
    file = _write(tmp_path / "orders.jsonl", order)
    await shell.run("orders", "import", file)
    copy = _write(tmp_path / "copy.jsonl", order)
    second = await shell.run("orders", "import", copy, "--json")
    assert (second.code, second.json["nothingNew"]) == (0, True)
    assert await _effects(product, order) == ["acts"]
    other = await shell.run("orders", "import", file, "--historical")
    assert other.code == 1
    assert "--again" in other.err
    await shell.run("orders", "import", file, "--again")
    assert await _effects(product, order) == ["acts", "unchanged"]


async def test_a_csv_of_a_shop_is_guessed_shown_and_taken_with_yes(
    tmp_path: Path, shell: Shell, product: Product
) -> None:
    file = tmp_path / "export.csv.gz"
    rows = (
        "\ufeffOrder ID;Order Date;Order Status;Total;Email;Lineitem SKU;Lineitem name;Lineitem quantity;Colour\r\n"
        'X-1;2026-05-01T10:00:00Z;DELIVERED;30;a@example.com;S1;"Cup; ""white""\nlarge";1;red\r\n'
        "X-1;;;;;S2;Bowl;2;\r\n"
        "X-2;2026-05-02T10:00:00Z;DELIVERED;5;b@example.com;S3;Spoon;1;\r\n"
    )
    file.write_bytes(gzip.compress(rows.encode()))
    asked = await shell.run("orders", "import", file)
    assert asked.code == 1
    assert "Order ID: externalOrderId" in asked.err
    assert "--yes" in asked.err
    done = await shell.run("orders", "import", file, "--yes", "--json")
    assert done.code == 0, done.err
    order = (await product.http.get("/api/v1/orders/X-1")).json()
    assert [item["externalItemId"] for item in order["items"]] == ["S1", "S2"]
    assert order["items"][0]["name"] == 'Cup; "white"\nlarge'
    assert order["extra"] == {"Colour": "red"}
    assert (await product.http.get("/api/v1/orders/X-2")).json()["totalCost"] == 5.0


async def test_a_mapping_file_says_what_the_columns_and_their_words_mean(
    tmp_path: Path, shell: Shell, product: Product
) -> None:
    file = tmp_path / "export.csv"
    file.write_text('Номер,Коли,Стан,Сума,Пошта,Внутрішнє\n7,01.05.2026 10:00,виконано,"1 299,50",a@example.com,x\n')
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "columns: {Номер: externalOrderId, Коли: date, Стан: status, Сума: totalCost, Пошта: email, Внутрішнє: null}\n"
        "constants: {currency: UAH}\nstatuses: {виконано: DELIVERED}\n"
        "date_format: '%d.%m.%Y %H:%M'\ndecimal_comma: true\n"
    )
    done = await shell.run("orders", "import", file, "--mapping", mapping)
    assert done.code == 0, done.err
    order = (await product.http.get("/api/v1/orders/7")).json()
    assert (order["status"], order["totalCost"], order["currency"]) == ("DELIVERED", 1299.5, "UAH")
    assert order["date"] == "2026-05-01T10:00:00+00:00"
    assert "extra" not in order


async def test_columns_of_one_heading_or_of_a_field_s_name_are_all_kept(
    tmp_path: Path, shell: Shell, product: Product
) -> None:
    file = tmp_path / "export.csv"
    file.write_text(
        "status,Order Status,Order ID,Total,Date,Email,Note,Note,additionalInfo.gift,additionalInfo\n"
        'paid,DELIVERED,N-1,5,2026-05-01,a@example.com,first,second,yes,"{""ribbon"": true}"\n'
        "paid,DELIVERED,N-2,5,2026-05-01,a@example.com,,,yes,no object\n"
    )
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "columns: {Order Status: status, Order ID: externalOrderId, Total: totalCost, Date: date, Email: email}\n"
    )
    done = await shell.run("orders", "import", file, "--mapping", mapping, "--json")
    assert (done.json["accepted"], done.json["rejected"]) == (1, 1), done.err
    assert [(one["code"], one["field"]) for one in _rejects(file)] == [("not_an_object", "additionalInfo")]
    order = (await product.http.get("/api/v1/orders/N-1")).json()
    assert order["status"] == "DELIVERED"
    assert order["additionalInfo"] == {"status": "paid", "gift": "yes", "ribbon": True}
    assert order["extra"] == {"Note": "first", "Note 2": "second"}


async def test_the_file_that_is_imported_is_no_reject_file(tmp_path: Path, shell: Shell) -> None:
    file = _write(tmp_path / "orders.jsonl", an_order(totalCost=-1))
    before = file.read_bytes()
    done = await shell.run("orders", "import", file, "--rejects", file)
    assert done.code == 1
    assert "--rejects" in done.err
    assert file.read_bytes() == before


async def test_a_mapping_that_cannot_work_is_told_before_anything_is_stored(tmp_path: Path, shell: Shell) -> None:
    file = tmp_path / "export.csv"
    file.write_text("a,b\n1,2\n")
    mapping = tmp_path / "mapping.yaml"
    for text, said in [
        ("columns: {a: totalPrice}", "totalPrice"),
        ("columns: {a: externalOrderId}", "totalCost, status, date"),
        ("columns: {z: externalOrderId}", "no column 'z'"),
        ("colums: {}", "colums"),
    ]:
        mapping.write_text(text)
        done = await shell.run("orders", "import", file, "--mapping", mapping)
        assert done.code == 1
        assert said in done.err


async def test_a_broken_csv_row_costs_itself_alone(tmp_path: Path, shell: Shell, product: Product) -> None:
    file = tmp_path / "export.csv"
    head = "externalOrderId,totalCost,status,date,email\n"
    good = "{},5,DELIVERED,2026-05-01,a@example.com\n"
    file.write_bytes(
        (
            head + good.format("B-1") + "B-2,5,DELIVERED\n" + 'B-3,"5,DELIVERED,2026-05-01,x\n' + good.format("B-4")
        ).encode()
        + b"B-5,5,DELIVERED,2026-05-01,\xff@example.com\n"
    )
    done = await shell.run("orders", "import", file, "--yes", "--json")
    assert (done.json["accepted"], done.json["rejected"]) == (2, 3), done.err
    codes = [(one["line"], one["code"]) for one in _rejects(file)]
    assert codes == [(3, "not_csv"), (4, "not_csv"), (6, "invalid_text")]
    assert (await product.http.get("/api/v1/orders/B-4")).status_code == 200
