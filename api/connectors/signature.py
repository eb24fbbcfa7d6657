"""Who sent a webhook: both platforms send the base64 of the HMAC-SHA256 of the raw body."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest, new

from pydantic import SecretStr

from api.problems import Problem


def require_signature(
    secrets: Mapping[str, tuple[SecretStr, ...]], shop: str, signature: str, body: bytes, *, setting: str
) -> None:
    """Raises Problem 401 for a shop that is not known and for a signature that none of its secrets makes."""
    # an unknown shop costs the same work as a known one
    known = secrets.get(shop.lower(), (SecretStr(""),))
    made = [_signature(secret.get_secret_value(), body) for secret in known]
    right = [compare_digest(one, signature.strip().encode(errors="replace")) for one in made]
    if shop.lower() not in secrets or not any(right):
        raise Problem(
            401,
            "bad_signature",
            "The body is not signed with a secret of this shop.",
            remedy=f"Compare the webhook's secret with what {setting} says for the shop's host name.",
            headers={"WWW-Authenticate": "Signature"},
        )


def _signature(secret: str, body: bytes) -> bytes:
    return b64encode(new(secret.encode(), body, sha256).digest())
