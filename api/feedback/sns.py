"""Amazon SNS over HTTP: whose message it is, and the confirmation of a subscription.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. The certificate is taken from SNS's own
host over TLS, whose chain of trust vouches for it; it has to be valid today, and each further one of the file has to
have issued the one before. Anybody can own a topic, so only those of ORDERCUE_SES_TOPICS are heard.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate, load_pem_x509_certificates

from api.feedback.signature import not_set_up, require
from core.errors import OrdercueError, UnavailableError
from core.settings import Settings

# Any: JSON of a stranger

CONFIRMATION: Final = "SubscriptionConfirmation"
NOTIFICATION: Final = "Notification"
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
_SETTING = "ORDERCUE_SES_TOPICS"
_MOST_CERTIFICATES = 20
_LONGEST_FILE = 64 * 1024


@dataclass
class SnsSender:
    """Knows SNS by its signatures, and confirms subscriptions. `client` reaches public addresses alone."""

    client: httpx.AsyncClient
    settings: Settings
    _certificates: dict[str, Certificate] = field(default_factory=dict)

    async def require(self, envelope: Mapping[str, Any]) -> None:
        """Raises Problem 401 unless SNS signed it for a topic of ours, 404 without topics, UnavailableError."""
        if not self.settings.ses_topics:
            raise not_set_up(_SETTING)
        names = _SIGNED.get(str(envelope.get("Type")))
        url = _aws_address(envelope.get("SigningCertURL"))
        known = names is not None and url is not None and envelope.get("TopicArn") in self.settings.ses_topics
        require(right=known, setting=_SETTING)
        signed = "".join(f"{name}\n{envelope[name]}\n" for name in names or () if isinstance(envelope.get(name), str))
        right = _holds(await self._certificate(str(url)), envelope, signed.encode(errors="replace"))
        require(right=right, setting=_SETTING)

    async def confirm(self, envelope: Mapping[str, Any]) -> bool:
        """Visit the address that confirms a subscription, if it is one of SNS. Raises UnavailableError."""
        url = _aws_address(envelope.get("SubscribeURL"))
        if url is None:
            return False
        return (await self._get(url)) is not None

    async def _certificate(self, url: str) -> Certificate | None:
        known = self._certificates.get(url)
        if known is None:
            content = await self._get(url)
            known = _first_of_chain(content) if content else None
            if known is None:
                return None
            if len(self._certificates) >= _MOST_CERTIFICATES:
                self._certificates.clear()
            self._certificates[url] = known
        now = datetime.now(UTC)
        return known if known.not_valid_before_utc <= now <= known.not_valid_after_utc else None

    async def _get(self, url: str) -> bytes | None:
        """What stands there; None when SNS says no. Raises UnavailableError when it cannot be reached."""
        try:
            answer = await self.client.get(url)
        except (httpx.HTTPError, OrdercueError) as error:
            raise UnavailableError("Amazon SNS cannot be reached") from error
        if answer.is_server_error:
            raise UnavailableError("Amazon SNS does not answer")
        return answer.content[:_LONGEST_FILE] if answer.is_success else None


def _aws_address(value: object) -> str | None:
    """An address of SNS over HTTPS on its usual port, or None."""
    try:
        url = httpx.URL(value) if isinstance(value, str) else None
    except httpx.InvalidURL:
        return None
    if url is None or url.scheme != "https" or url.port is not None or url.userinfo:
        return None
    return str(url) if _HOST.fullmatch(url.host) else None


def _first_of_chain(content: bytes) -> Certificate | None:
    """The certificate that signs; the others of the file, if there are any, have to vouch for it one by one."""
    try:
        chain = load_pem_x509_certificates(content)
        for one, issuer in pairwise(chain):
            one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return None
    return chain[0]


def _holds(certificate: Certificate | None, envelope: Mapping[str, Any], signed: bytes) -> bool:
    key = certificate.public_key() if certificate else None
    version = {"1": SHA1(), "2": SHA256()}.get(str(envelope.get("SignatureVersion")))  # noqa: S303 (the scheme of AWS)
    if not isinstance(key, RSAPublicKey) or version is None:
        return False
    try:
        key.verify(b64decode(str(envelope.get("Signature")), validate=True), signed, PKCS1v15(), version)
    except (InvalidSignature, Base64Error, ValueError):
        return False
    return True
