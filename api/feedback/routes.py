"""POST /feedback/ses, /feedback/resend, /feedback/twilio, and /feedback/{channel} for providers of the file."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import BaseModel, Field

from api.conflicts import in_transaction
from api.connectors.taking import object_of
from api.deps import ServicesDep, read_bytes
from api.feedback.mapped import mapped_feedback
from api.feedback.resend import require_resend, resend_feedback
from api.feedback.ses import ses_feedback
from api.feedback.signature import not_set_up, require_mapped, require_twilio
from api.feedback.sns import CONFIRMATION, NOTIFICATION
from api.feedback.twilio import twilio_feedback
from api.feedback.values import id_of
from api.problems import Problem, problem_responses
from api.services import Services
from api.wire.body import parse_json
from core.feedback import Feedback
from core.http_providers import http_providers
from store.feedback import tally

router = APIRouter(prefix="/feedback", tags=["feedback"])

_LONGEST_BODY = 1024 * 1024
_PROBLEMS = problem_responses(
    {
        400: "Not in the provider's form, or a header is missing.",
        401: "The signature is wrong, or too old.",
        404: "The provider is not set up.",
        413: "The body is over 1 MiB.",
        503: "The database, or Amazon SNS, is away; the provider sends it again.",
    }
)


def _body(media_type: str, words: str, schema: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What FastAPI does not know of a body that is read as bytes. Any: JSON Schema, and FastAPI's own type."""
    content = {media_type: {"schema": {**(schema or {}), "description": words}}}
    return {"requestBody": {"required": True, "content": content}, "security": []}


class FeedbackAnswer(BaseModel):
    """What came of a webhook. Each of these is a 200: to send it again would change nothing."""

    recorded: int = Field(0, description="Events that are news.")
    duplicate: int = Field(0, description="Events that came before.")
    unknown: int = Field(0, description="Events of messages that we do not know, or never gave to a provider.")
    ignored: int = Field(0, description="Events that say nothing of a message.")
    confirmed: bool = Field(False, description="A subscription of SNS was confirmed.")


@router.post(
    "/ses",
    responses=_PROBLEMS,
    openapi_extra=_body("text/plain", "A message of SNS, a JSON object.", {"type": "string", "minLength": 2}),
)
async def post_ses(request: Request, services: ServicesDep) -> FeedbackAnswer:
    """Take what Amazon SES tells through SNS. Subscribe this address to the topic; it confirms by itself."""
    envelope = object_of(await read_bytes(request, _LONGEST_BODY))
    await services.sns.require(envelope)
    if envelope.get("Type") == CONFIRMATION:
        return FeedbackAnswer(confirmed=await services.sns.confirm(envelope))
    event_id = id_of(envelope.get("MessageId"))
    if envelope.get("Type") != NOTIFICATION or event_id is None:
        return await _take(services, "ses", [])
    try:
        document = object_of(str(envelope.get("Message")).encode(errors="replace"))
    except Problem:  # SNS's own words, such as those of a subscription that SES has tested
        document = {}
    return await _take(services, "ses", ses_feedback(document, event_id, datetime.now(UTC)))


@router.post("/resend", responses=_PROBLEMS, openapi_extra=_body("application/json", "As Resend sends it."))
async def post_resend(
    request: Request,
    services: ServicesDep,
    *,
    svix_id: Annotated[str, Header(max_length=300, description="The event; the same one acts once.")],
    svix_timestamp: Annotated[str, Header(max_length=300, description="Seconds since 1970.")],
    svix_signature: Annotated[str, Header(max_length=2000, description="v1,<base64>, several by blanks.")],
) -> FeedbackAnswer:
    """Take a webhook of Resend. Point it here, with the events of e-mails."""
    body = await read_bytes(request, _LONGEST_BODY)
    require_resend(services.settings, body, event_id=svix_id, timestamp=svix_timestamp, signature=svix_signature)
    told = resend_feedback(object_of(body), id_of(svix_id) or "", datetime.now(UTC))
    return await _take(services, "resend", told)


@router.post(
    "/twilio",
    responses=_PROBLEMS,
    openapi_extra=_body("application/x-www-form-urlencoded", "The parameters of a status callback."),
)
async def post_twilio(
    request: Request,
    services: ServicesDep,
    *,
    x_twilio_signature: Annotated[str, Header(max_length=300, description="base64 of the HMAC-SHA1.")],
    message: Annotated[str | None, Query(max_length=100, description="Our id of the message.")] = None,
) -> FeedbackAnswer:
    """Take a status callback of Twilio. Each SMS names this address by itself when ORDERCUE_PUBLIC_URL is https."""
    body = await read_bytes(request, _LONGEST_BODY)
    form = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
    query = f"?{request.url.query}" if request.url.query else ""
    address = f"{services.settings.public_url.rstrip('/')}{request.url.path}{query}"
    require_twilio(services.settings, address, form, x_twilio_signature)
    return await _take(services, "twilio", twilio_feedback(dict(form), message, datetime.now(UTC)))


@router.post("/{channel}", responses=_PROBLEMS, openapi_extra=_body("application/json", "As the provider sends it."))
async def post_mapped(
    request: Request,
    services: ServicesDep,
    channel: Annotated[str, Path(max_length=100, description="The channel's name in the file of providers.")],
) -> FeedbackAnswer:
    """Take a webhook of a provider that the file of ORDERCUE_HTTP_PROVIDERS describes, by its `feedback`."""
    provider = http_providers(services.settings).get(channel)
    if provider is None or provider.feedback is None:
        raise not_set_up(f"`feedback` of {channel} in the file of ORDERCUE_HTTP_PROVIDERS")
    body = await read_bytes(request, _LONGEST_BODY)
    require_mapped(services.settings, provider.feedback.signature, request.headers, body)
    told, ignored = mapped_feedback(channel, provider.feedback, parse_json(body), datetime.now(UTC))
    return await _take(services, channel, told, ignored=ignored)


async def _take(
    services: Services, source: str, feedback: list[Feedback], *, ignored: int | None = None
) -> FeedbackAnswer:
    """Record it; what says nothing of a message is counted. A click on a link of ours is one on what it leads to."""
    if any(one.url for one in feedback):
        links = await services.links.links()
        feedback = [replace(one, url=links.target(one.url)) if one.url else one for one in feedback]
    outcomes = await services.feedback.record(feedback)
    nothing = (0 if feedback else 1) if ignored is None else ignored
    if nothing:
        now = datetime.now(UTC)
        await in_transaction(services.database, lambda session: tally(session, source, "ignored", nothing, now=now))
    counts = {name: outcomes.count(name) for name in ("recorded", "duplicate", "unknown")}
    return FeedbackAnswer(**counts, ignored=nothing)
