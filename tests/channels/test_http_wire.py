"""Each provider's wire format, as its documentation has it."""

import base64
from urllib.parse import parse_qs

import pytest

from channels.base import Accepted, Later, Refused, Unknown
from tests.channels.builders import outgoing
from tests.channels.http_server import HttpServer, Said
from tests.channels.providers import RESEND, SES, TWILIO, one_channel, outcome_of


async def test_resend_gets_the_mail_with_its_key() -> None:
    message = outgoing(headers={"List-Unsubscribe": "<https://shop.test/u>"})
    async with (
        HttpServer(Said(200, {"id": "49a3999c"})).running() as server,
        one_channel("email", **RESEND, resend_url=server.url) as channel,
    ):
        assert await channel.send(message) == Accepted("49a3999c")
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/emails")
    assert asked.headers["authorization"] == "Bearer re_hushhush"
    assert asked.headers["idempotency-key"] == str(message.id)
    assert asked.json() == {
        "from": "Shop <orders@shop.test>",
        "to": ["anna@customer.test"],
        "subject": "Your order",
        "text": "Thank you",
        "html": "<p>Thank you</p>",
        "headers": {"List-Unsubscribe": "<https://shop.test/u>"},
        "tags": [{"name": "ordercue_message", "value": str(message.id)}],
    }


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        (422, "validation_error", Refused),
        (403, "validation_error", Refused),
        (403, "invalid_api_key", Later),
        (429, "rate_limit_exceeded", Later),
        (409, "concurrent_idempotent_requests", Later),
        (409, "invalid_idempotent_request", Unknown),
    ],
)
async def test_resend_says_why_not(status: int, name: str, kind: type) -> None:
    body = {"statusCode": status, "name": name, "message": "no"}
    assert isinstance(await outcome_of(RESEND, "resend_url", Said(status, body)), kind)


async def test_ses_gets_a_signed_mail() -> None:
    message = outgoing(sender="Крамниця <orders@shop.test>", headers={"List-Unsubscribe": "<https://shop.test/u>"})
    async with (
        HttpServer(Said(200, {"MessageId": "0102-000"})).running() as server,
        one_channel("email", **SES, ses_url=server.url) as channel,
    ):
        assert await channel.send(message) == Accepted("0102-000")
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/v2/email/outbound-emails")
    assert asked.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-central-1/ses/aws4_request" in asked.headers["authorization"]
    assert "host" in asked.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    body = asked.json()
    assert body["FromEmailAddress"].startswith("=?utf-8?")
    assert body["Destination"] == {"ToAddresses": ["anna@customer.test"]}
    assert body["Content"]["Simple"] == {
        "Subject": {"Data": "Your order", "Charset": "UTF-8"},
        "Body": {
            "Text": {"Data": "Thank you", "Charset": "UTF-8"},
            "Html": {"Data": "<p>Thank you</p>", "Charset": "UTF-8"},
        },
        "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://shop.test/u>"}],
    }


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, "MessageRejected", Refused),
        (400, "MailFromDomainNotVerifiedException", Refused),
        (400, "SendingPausedException", Later),
        (400, "LimitExceededException", Later),
        (403, "SignatureDoesNotMatch", Later),
        (429, "TooManyRequestsException", Later),
    ],
)
async def test_ses_says_why_not(status: int, error: str, kind: type) -> None:
    headers = (("x-amzn-ErrorType", f"{error}:http://internal.amazon.com/coral/"),)
    outcome = await outcome_of(SES, "ses_url", Said(status, {"message": "no"}, headers))
    assert isinstance(outcome, kind)
    assert outcome.code == error


async def test_twilio_gets_the_text_alone() -> None:
    message = outgoing(address="+380501234567", sender="+15005550006", subject="", text="В дорозі ✓ & далі")
    async with (
        HttpServer(Said(201, {"sid": "SM1", "status": "queued", "error_code": None})).running() as server,
        one_channel("sms", **TWILIO, twilio_url=server.url) as channel,
    ):
        assert await channel.send(message) == Accepted("SM1")
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/2010-04-01/Accounts/AC123/Messages.json")
    assert base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")) == b"AC123:twilio_hushhush"
    assert parse_qs(asked.body.decode()) == {
        "To": ["+380501234567"],
        "From": ["+15005550006"],
        "Body": ["В дорозі ✓ & далі"],
    }


async def test_twilio_says_why_not() -> None:
    said = {"code": 21211, "message": "The 'To' number +380501234567 is not valid.", "status": 400}
    outcome = await outcome_of(TWILIO, "twilio_url", Said(400, said))
    assert outcome == Refused("21211", "400 The 'To' number <address> is not valid.")


async def test_a_messaging_service_of_twilio_is_a_sender_too() -> None:
    async with (
        HttpServer(Said(201, {"sid": "SM1"})).running() as server,
        one_channel("sms", **TWILIO, twilio_url=server.url) as channel,
    ):
        await channel.send(outgoing(address="+380501234567", sender="MG42"))
    form = parse_qs(server.asked[0].body.decode())
    assert (form["MessagingServiceSid"], "From" in form) == (["MG42"], False)


@pytest.mark.parametrize(
    ("public", "callback"),
    [("https://mail.shop.test/", "https://mail.shop.test/feedback/twilio"), ("http://localhost:8080", None)],
)
async def test_twilio_is_told_where_it_can_tell_what_became_of_an_sms(public: str, callback: str | None) -> None:
    message = outgoing(address="+380501234567")
    async with (
        HttpServer(Said(201, {"sid": "SM1"})).running() as server,
        one_channel("sms", **TWILIO, twilio_url=server.url, public_url=public) as channel,
    ):
        await channel.send(message)
    asked = parse_qs(server.asked[0].body.decode()).get("StatusCallback")
    assert asked == ([f"{callback}?message={message.id}"] if callback else None)


@pytest.mark.parametrize("name", ["events", None])
async def test_ses_publishes_what_became_of_a_mail_by_its_configuration_set(name: str | None) -> None:
    message = outgoing()
    async with (
        HttpServer(Said(200, {"MessageId": "1"})).running() as server,
        one_channel("email", **SES, ses_url=server.url, ses_configuration_set=name) as channel,
    ):
        await channel.send(message)
    body = server.asked[0].json()
    assert body.get("ConfigurationSetName") == name
    assert body["EmailTags"] == [{"Name": "ordercue-message", "Value": str(message.id)}]
