"""Whether this process lives, and whether it can do its work."""

from fastapi import APIRouter, Response
from sqlalchemy import text

from api.deps import ServicesDep
from core.document import dump_json
from core.errors import UnavailableError

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "PostgreSQL is away; orders would be refused."}})
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
