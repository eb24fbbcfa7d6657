"""Amazon SNS: its certificate, its two signatures, its confirmation."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from api.feedback.sns import SnsSender
from api.problems import Problem
from core.settings import Settings
from tests.feedback.providers import TOPIC

_KEY = rsa.generate_private_key(65537, 2048)
_NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
_NOW = datetime.now(UTC)
_PEM = (
    x509.CertificateBuilder(_NAME, _NAME, _KEY.public_key(), 1, _NOW - timedelta(days=1), _NOW + timedelta(days=1))
    .sign(_KEY, SHA256())
    .public_bytes(Encoding.PEM)
)
_HOST = "https://sns.eu-central-1.amazonaws.com"


def _signed(version: str = "2", **changes: str) -> dict[str, str]:
    envelope = {
        "Type": "SubscriptionConfirmation",
        "MessageId": "165545c9",
        "Token": "2336412f",
        "TopicArn": TOPIC,
        "Message": "You have chosen to subscribe to the topic",
        "SubscribeURL": f"{_HOST}/?Action=ConfirmSubscription",
        "Timestamp": "2026-11-26T20:45:04.751Z",
        "SigningCertURL": f"{_HOST}/SimpleNotificationService-f3.pem",
        "SignatureVersion": version,
    } | changes
    names = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    text = "".join(f"{name}\n{envelope[name]}\n" for name in names)
    algorithm = SHA1() if version == "1" else SHA256()
    return envelope | {"Signature": b64encode(_KEY.sign(text.encode(), padding.PKCS1v15(), algorithm)).decode()}


def _sender(asked: list[str]) -> SnsSender:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=_PEM)

    return SnsSender(httpx.AsyncClient(transport=httpx.MockTransport(answer)), Settings(ses_topics=(TOPIC,)))


@pytest.mark.parametrize("version", ["1", "2"])
async def test_what_sns_signed_is_taken_and_its_subscription_confirmed(version: str) -> None:
    asked: list[str] = []
    sender, envelope = _sender(asked), _signed(version)
    await sender.require(envelope)
    assert await sender.confirm(envelope)
    assert asked == [envelope["SigningCertURL"], envelope["SubscribeURL"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"TopicArn": "arn:aws:sns:eu-central-1:210987654321:theirs"},
        {"SigningCertURL": "https://sns.eu-central-1.amazonaws.com.evil.example/x.pem"},
        {"SigningCertURL": "http://sns.eu-central-1.amazonaws.com/x.pem"},
        {"SignatureVersion": "3"},
    ],
)
async def test_a_stranger_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(Problem):
        await _sender([]).require(_signed(**changes))


async def test_a_changed_message_is_refused_and_nothing_but_sns_is_visited() -> None:
    asked: list[str] = []
    with pytest.raises(Problem):
        await _sender(asked).require(_signed() | {"Message": "other"})
    assert not await _sender(asked).confirm({"SubscribeURL": "https://169.254.169.254/"})
    assert len(asked) == 1
