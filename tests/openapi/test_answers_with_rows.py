"""Answers that have something to tell have just the fields that the document describes."""

from typing import Any

from pydantic import BaseModel

from api.attribution_out import AttributionReport, AttributionRow
from api.message_out import MessageDetail, MessageOut, MessagesPage
from api.report_out import AutomationsReport, AutomationsRow, FunnelReport, FunnelRow, RevenueReport, RevenueRow
from api.rfm_out import RfmCell, RfmContact, RfmContactsPage, RfmGrid, RfmScore, RfmScores
from api.segment_out import ListedSegment, SegmentMemberOut, SegmentMembersPage, SegmentsOut
from tests.builders import THANKS, an_order
from tests.product import Product

_DAYS = "from=2026-01-01&to=2099-12-31"
_ONLY_BY_OTHERS = {"version", "step", "channel", "template"}


async def test_rows_have_the_fields_of_their_schemas_and_no_others(product: Product) -> None:
    await product.publish(THANKS)
    order = an_order(date="2026-03-01T10:00:00Z", currency="EUR")
    await product.post(order)
    await product.wait_for_run(order, "done")
    contact = (await product.http.get("/api/v1/contacts")).json()["contacts"][0]["id"]
    assert (await product.http.put("/api/v1/segments/known", json={})).status_code == 200
    added = await product.http.post("/api/v1/segments/known/members", json={"contactIds": [contact]})
    assert added.json() == {"changed": 1}

    messages = await _told(product, "messages", MessagesPage, MessageOut)
    _is_as_described(await _get(product, f"messages/{messages[0]['id']}"), MessageDetail)
    await _told(product, "segments", SegmentsOut, ListedSegment)
    await _told(product, "segments/known/members", SegmentMembersPage, SegmentMemberOut)
    bought = next(one for one in await _told(product, "rfm", RfmGrid, RfmCell) if one["recency"])
    cell = f"recency={bought['recency']}&frequency={bought['frequency']}"
    await _told(product, f"rfm/contacts?{cell}", RfmContactsPage, RfmContact)
    await _told(product, "rfm/scores", RfmScores, RfmScore)
    for compared in ("", "&compare=previous"):
        await _told(product, f"reports/revenue?{_DAYS}{compared}", RevenueReport, RevenueRow)
        await _told(product, f"reports/funnel?{_DAYS}{compared}", FunnelReport, FunnelRow)
        await _told(product, f"reports/automations?{_DAYS}{compared}", AutomationsReport, AutomationsRow)
    await _told(product, f"reports/attribution?{_DAYS}", AttributionReport, AttributionRow, without=_ONLY_BY_OTHERS)


async def _told(
    product: Product, path: str, model: type[BaseModel], row: type[BaseModel], without: set[str] | None = None
) -> list[dict[str, Any]]:  # Any: JSON
    """The rows of an answer that fits its model, each with the fields of its own."""
    answer = await _get(product, path)
    rows = _rows(answer)
    assert rows, path
    left_out = set() if answer.get("previous") else {"previous"}
    _is_as_described(answer, model, left_out)
    for one in rows:
        _is_as_described(one, row, without or set())
    return rows


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:  # Any: JSON
    names = ("rows", "messages", "segments", "members", "contacts")
    return next(answer[name] for name in names if name in answer)


def _is_as_described(answer: dict[str, Any], model: type[BaseModel], left_out: set[str] | None = None) -> None:
    model.model_validate(answer)
    assert set(answer) == set(model.model_json_schema()["properties"]) - (left_out or set())


async def _get(product: Product, path: str) -> dict[str, Any]:  # Any: JSON
    answer = await product.http.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document
