"""/api/v1/segments: groups of contacts, given by hand or found by a definition."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.csv_answer import CSV, rows_answer
from api.deps import ContactsKey, ServicesDep
from api.openapi import JSON
from api.paging import PageQuery, page
from api.problems import problem_responses
from api.segment_out import MOST_MEMBERS, MembersChanged, SegmentMembersPage, SegmentOut, SegmentPreview, SegmentsOut
from api.segment_work import drop_segment, find_members, keep_segment
from core.document import dump_json
from core.segments.definition import condition_schema, read_condition
from store import segments
from store.account import Account
from store.audit import record_audit
from store.segment_preview import preview
from store.tables import Segment

router = APIRouter(prefix="/api/v1/segments", tags=["segments"])

_PROBLEMS = problem_responses(
    {
        400: "The body or a parameter is wrong; `field` is the place in the definition.",
        401: "No key, or one that is not known.",
        403: "The key lacks the scope `contacts`.",
        404: "No such segment.",
        409: "The segment is of the other kind, or another one asks for it.",
        503: "PostgreSQL or Temporal is away.",
    }
)
Name = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[^\x00/]*$", description="The segment's name.")]


class SegmentIn(BaseModel):
    """A segment: dynamic with a definition, else static."""

    model_config = ConfigDict(extra="forbid")

    definition: dict[str, Any] | None = Field(None, description="See /api/v1/segments/schema.")  # Any: JSON


class PreviewIn(BaseModel):
    """A definition to be tried."""

    model_config = ConfigDict(extra="forbid")

    definition: dict[str, Any]  # Any: JSON, read by core.segments.definition


class MembersIn(BaseModel):
    """Contacts, by their ids."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    contact_ids: list[UUID] = Field(min_length=1, max_length=MOST_MEMBERS)


class MembersQuery(PageQuery):
    """Parameters of the members."""

    limit: int = Field(50, ge=1, le=MOST_MEMBERS, description="How many a page has at most.")
    format: Literal["json", "csv"] = "json"


@router.get("", response_model=SegmentsOut, responses=_PROBLEMS)
async def get_segments(services: ServicesDep, _key: ContactsKey) -> Response:
    """Every segment with how many members it has."""
    async with services.database.transaction() as session:
        found = await segments.list_segments(session)
    return Response(dump_json({"segments": [_document(one) | {"members": n} for one, n in found]}), media_type=JSON)


@router.get("/schema", response_model=dict[str, Any], responses=_PROBLEMS)
async def get_schema(_key: ContactsKey) -> Response:
    """JSON Schema of a definition."""
    return Response(dump_json(condition_schema()), media_type=JSON)


@router.post("/preview", response_model=SegmentPreview, responses=_PROBLEMS)
async def post_preview(services: ServicesDep, _key: ContactsKey, wanted: PreviewIn) -> Response:
    """How many contacts a definition finds now, ten of them, and how dear the statement is."""
    condition = read_condition(wanted.definition)
    async with services.database.transaction() as session:
        now = await segments.database_now(session)
        found = await preview(session, condition, Account.at(services.settings, now))
    return Response(dump_json({"count": found.count, "sample": found.sample, "cost": found.cost}), media_type=JSON)


@router.get("/{name}", response_model=SegmentOut, responses=_PROBLEMS)
async def get_segment(services: ServicesDep, _key: ContactsKey, name: Name) -> Response:
    """One segment."""
    async with services.database.transaction() as session:
        found = await segments.find_segment(session, name)
    return Response(dump_json(_document(found)), media_type=JSON)


@router.put("/{name}", response_model=SegmentOut, responses=_PROBLEMS)
async def put_segment(services: ServicesDep, key: ContactsKey, name: Name, wanted: SegmentIn) -> Response:
    """Make a segment, or give a dynamic one another definition; its members are found in the background."""
    condition = None if wanted.definition is None else read_condition(wanted.definition)
    async with services.database.transaction() as session:
        row = await keep_segment(session, name, condition, actor=f"key:{key.prefix}")
    await find_members(services.client, row)
    return Response(dump_json(_document(row)), media_type=JSON)


@router.delete("/{name}", status_code=204, responses=_PROBLEMS)
async def delete_segment(services: ServicesDep, key: ContactsKey, name: Name) -> None:
    """Take a segment away; nobody's automation is told. One that another segment asks for stays."""
    async with services.database.transaction() as session:
        await drop_segment(session, name, actor=f"key:{key.prefix}")


@router.get(
    "/{name}/members",
    response_model=SegmentMembersPage,
    responses=_PROBLEMS | {200: {"description": "The members.", "content": {CSV: {}}}},
)
async def get_members(
    services: ServicesDep, _key: ContactsKey, name: Name, query: Annotated[MembersQuery, Query()]
) -> Response:
    """Members, a page at a time; as CSV for an export."""
    after = query.before
    async with services.database.transaction() as session:
        found = await segments.find_segment(session, name)
        rows = await segments.members(session, found.id, after=after, limit=query.limit + 1)
    named = [{"id": contact, "addedAt": at, "source": source} for contact, at, source in rows]
    if query.format == "csv":
        return rows_answer(named[: query.limit], ("id", "addedAt", "source"), as_csv=True)
    return Response(dump_json(page("members", named, query.limit)), media_type=JSON)


@router.post("/{name}/members", response_model=MembersChanged, responses=_PROBLEMS)
async def post_members(services: ServicesDep, key: ContactsKey, name: Name, wanted: MembersIn) -> Response:
    """Add contacts to a static segment. Answers how many became members."""
    actor = f"key:{key.prefix}"
    async with services.database.transaction() as session:
        await segments.find_segment(session, name)
        changed = await segments.add_members(session, name, wanted.contact_ids, source=actor)
        await record_audit(session, actor=actor, action="segment.add", subject=f"segment:{name}")
    return Response(dump_json({"changed": len(changed)}), media_type=JSON)


@router.post("/{name}/members/remove", response_model=MembersChanged, responses=_PROBLEMS)
async def remove_members(services: ServicesDep, key: ContactsKey, name: Name, wanted: MembersIn) -> Response:
    """Take contacts out of a static segment. Answers how many were members."""
    async with services.database.transaction() as session:
        changed = await segments.remove_members(session, name, wanted.contact_ids)
        await record_audit(session, actor=f"key:{key.prefix}", action="segment.remove", subject=f"segment:{name}")
    return Response(dump_json({"changed": len(changed)}), media_type=JSON)


def _document(row: Segment) -> dict[str, Any]:  # Any: JSON
    return {
        "name": row.name,
        "kind": row.kind,
        "definition": row.definition,
        "updatedAt": row.updated_at,
        "calculatedAt": row.calculated_at,
    }
