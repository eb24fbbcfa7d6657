"""The header Idempotency-Key: a request that comes twice is done once."""

from hashlib import sha256
from typing import Annotated

from fastapi import Header
from pydantic import StringConstraints

from api.problems import Problem
from store.idempotency import PATIENCE_SECONDS, Claim, KeyInUseError, KeyReusedError
from store.tables import ApiKey

REPLAYED = "Idempotency-Replayed"
"""Header of an answer that was stored, not worked for."""

IdempotencyKey = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x20-\x7e]+$")] | None,
    Header(
        description="1 to 255 printable ASCII characters. The same key and request within 24 hours get the stored "
        "answer and do nothing; the same key with another request is refused.",
    ),
]


def claim_of(key: ApiKey, idempotency_key: str | None, body: bytes, *, historical: bool) -> Claim | None:
    """What the request asks to be done once, if it does."""
    if idempotency_key is None:
        return None
    digest = sha256(b"historical\n" if historical else b"orders\n")
    digest.update(body)
    return Claim(key.id, idempotency_key, digest.digest())


def once_problem(error: KeyReusedError | KeyInUseError) -> Problem:
    """The 409 that tells of a key that cannot be used now."""
    if isinstance(error, KeyReusedError):
        return Problem(
            409,
            "idempotency_conflict",
            "This Idempotency-Key came before with another request.",
            remedy="Send each new request with a new key, and a repeated one exactly as it was.",
        )
    return Problem(
        409,
        "idempotency_in_progress",
        f"A request with this Idempotency-Key has been worked on for over {PATIENCE_SECONDS} seconds.",
        remedy="Send the same request again as Retry-After says; it gets the stored answer.",
        headers={"Retry-After": str(PATIENCE_SECONDS)},
    )
