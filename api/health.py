"""Whether this process lives, and whether it can do its work."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy import text

from api.deps import ServicesDep
from core.document import dump_json
from core.errors import UnavailableError


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["ok"] = Field(description="Always `ok`.")


class Readiness(BaseModel):
    """Whether orders are accepted, and what that depends on."""

    ready: bool = Field(description="Orders are accepted.")
    database: Literal["ok", "away"] = Field(description="PostgreSQL.")
    starts: Literal["ok", "away"] = Field(description="Temporal, when something was last started.")


router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Liveness)
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "PostgreSQL is away; orders would be refused."}},
)
async def readyz(services: ServicesDep) -> Response:
    """Orders are accepted. Temporal may be away: what is accepted then is processed later."""
    try:
        async with services.database.transaction() as session:
            await session.execute(text('SELECT FROM "order" LIMIT 1'))
        ready = True
    except UnavailableError:
        ready = False
    parts = {"database": "ok" if ready else "away", "starts": services.starter.state}
    return Response(dump_json({"ready": ready, **parts}), 200 if ready else 503, media_type="application/json")
