"""Who sent a webhook about messages."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hmac import compare_digest, digest

from api.problems import Problem
from core.http_providers import FeedbackSignature
from core.settings import Settings


def require(*, right: bool, setting: str) -> None:
    """Raises Problem 401 for a wrong signature."""
    if not right:
        raise Problem(
            401,
            "bad_signature",
            "The signature is not one of this provider.",
            remedy=f"Compare the webhook's secret and address with {setting} and ORDERCUE_PUBLIC_URL.",
            headers={"WWW-Authenticate": "Signature"},
        )


def not_set_up(setting: str) -> Problem:
    """404: nobody said that this provider would call."""
    return Problem(404, "not_set_up", "Nothing is taken here yet.", remedy=f"Set {setting}; see docs/sending.md.")


def require_twilio(settings: Settings, address: str, form: Sequence[tuple[str, str]], signature: str) -> None:
    """Raises Problem 401 unless Twilio's auth token signed this address with these parameters, 404 without a token.

    https://www.twilio.com/docs/usage/security: HMAC-SHA1 of the address as Twilio called it, followed by the names and
    values in the order of the names.
    """
    if settings.twilio_auth_token is None:
        raise not_set_up("ORDERCUE_TWILIO_AUTH_TOKEN")
    signed = address + "".join(name + value for name, value in sorted(set(form)))
    made = digest(settings.twilio_auth_token.get_secret_value().encode(), signed.encode(errors="replace"), "sha1")
    require(right=_same(b64encode(made).decode(), signature), setting="ORDERCUE_TWILIO_AUTH_TOKEN")


def require_mapped(settings: Settings, how: FeedbackSignature, headers: Mapping[str, str], body: bytes) -> None:
    """Raises Problem 401 unless the header proves the body, 404 when the secret is not set."""
    secret = settings.http_secrets.get(how.secret)
    if secret is None:
        raise not_set_up(f"the secret {how.secret} in ORDERCUE_HTTP_SECRETS")
    key, given = secret.get_secret_value(), headers.get(how.header, "")
    if how.scheme == "equal":
        expected = how.prefix + key
    else:
        made = digest(key.encode(), body, how.scheme.removeprefix("hmac_"))
        expected = how.prefix + (b64encode(made).decode() if how.encoding == "base64" else made.hex())
    require(right=_same(expected, given), setting="the file of ORDERCUE_HTTP_PROVIDERS")


def _same(expected: str, given: str) -> bool:
    return compare_digest(expected.encode(), given.strip().encode(errors="replace"))
