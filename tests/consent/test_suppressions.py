"""The list of suppressions over HTTP and at the command line."""

import csv
import io
from pathlib import Path

from core.settings import Settings
from tests.product import Product
from tests.shell import Shell


async def test_suppressions_are_added_listed_in_pages_exported_and_taken_away(product: Product) -> None:
    body = {"addresses": ["B@example.com", "a@example.com", "nobody"], "reason": "manual"}
    answer = await product.http.post("/api/v1/suppressions/add", json=body)
    assert answer.json() == {"added": 2, "failedAddresses": ["nobody"]}
    await product.http.post("/api/v1/emails/unsubscribed/add", json={"emails": ["a@example.com"]})
    first = (await product.http.get("/api/v1/suppressions?limit=2")).json()
    assert [(one["address"], one["reason"]) for one in first["suppressions"]] == [
        ("a@example.com", "manual"),
        ("a@example.com", "unsubscribed"),
    ]
    second = (await product.http.get(f"/api/v1/suppressions?limit=2&cursor={first['nextCursor']}")).json()
    assert [one["address"] for one in second["suppressions"]] == ["b@example.com"]
    assert second["nextCursor"] is None
    file = await product.http.get("/api/v1/suppressions?format=csv&reason=manual")
    assert [row["address"] for row in csv.DictReader(io.StringIO(file.text))] == ["a@example.com", "b@example.com"]
    gone = {"addresses": ["a@example.com"], "reason": "manual"}
    assert (await product.http.post("/api/v1/suppressions/delete", json=gone)).json()["deleted"] == 1
    left = (await product.http.get("/api/v1/suppressions?address=a@example.com")).json()["suppressions"]
    assert [one["reason"] for one in left] == ["unsubscribed"]
    assert (await product.http.get("/api/v1/suppressions?cursor=made-up")).status_code == 400


async def test_an_exported_file_can_be_imported_again(settings: Settings, tmp_path: Path) -> None:
    assert "2 added" in (await Shell(settings).run("suppressions", "add", "a@example.com", "b@example.com")).out
    code, exported, _ = await Shell(settings).run("suppressions", "export")
    assert code == 0
    assert "2 removed" in (await Shell(settings).run("suppressions", "remove", "a@example.com", "b@example.com")).out
    file = tmp_path / "suppressions.csv"
    file.write_text(exported)
    assert "2 added" in (await Shell(settings).run("suppressions", "import", str(file))).out
    assert "0 added" in (await Shell(settings).run("suppressions", "import", str(file))).out
    assert "manual" in (await Shell(settings).run("suppressions", "list")).out
    file.write_text("address,reason\nc@example.com,whim\n")
    code, _, said = await Shell(settings).run("suppressions", "import", str(file))
    assert (code, "row 2" in said) == (1, True)


async def test_an_imported_row_of_one_topic_holds_back_that_topic_alone(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "suppressions.csv"
    file.write_text("channel,address,reason,topic\nemail,a@example.com,unsubscribed,news\n")
    assert "1 added" in (await Shell(settings).run("suppressions", "import", str(file))).out
    exported = (await Shell(settings).run("suppressions", "export")).out
    row = next(csv.DictReader(io.StringIO(exported)))
    assert (row["address"], row["reason"], row["topic"]) == ("a@example.com", "unsubscribed", "news")
    file.write_text("address,reason,topic\na@example.com,bounced,news\n")
    assert (await Shell(settings).run("suppressions", "import", str(file))).code == 1


async def test_a_channel_that_does_not_exist_is_refused(settings: Settings) -> None:
    code, _, said = await Shell(settings).run("suppressions", "add", "a@example.com", "--channel", "mail")
    assert (code, "there is no channel 'mail'" in said) == (1, True)
