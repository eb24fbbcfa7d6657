"""A message as bytes: whatever is in it, mail clients read the same again."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.mail import MailError, compose
from tests.channels.builders import outgoing

_ONE_LINE = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=200)


def _parsed(**changes: Any) -> EmailMessage:  # Any: the fields differ in type
    return message_from_bytes(compose(outgoing(**changes)).content, policy=policy.default)


@settings(deadline=None)
@given(_ONE_LINE)
def test_any_subject_comes_back(subject: str) -> None:
    assert str(_parsed(subject=subject)["Subject"]).split() == subject.split()


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=300))
def test_any_text_comes_back(text: str) -> None:
    assert _parsed(text=text, html=None).get_payload(decode=True) == f"{text}\r\n".encode()


@settings(deadline=None)
@given(_ONE_LINE.filter(lambda name: not set(name) & set('<>"\\') and "=?" not in name))
def test_any_display_name_comes_back(name: str) -> None:
    content = compose(outgoing(sender=f"{name} <orders@shop.test>")).content
    # The newer parser keeps the fold between two encoded words of a name, against RFC 2047.
    found, address = parseaddr(message_from_bytes(content, policy=policy.compat32)["From"])
    assert address == "orders@shop.test"
    assert str(make_header(decode_header(found))).split() == name.split()


@pytest.mark.parametrize("field", ["subject", "sender"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x85", "\u2028", "\x0b"])
def test_no_line_end_makes_a_header(field: str, end: str) -> None:
    value = f"Hello{end}Bcc: all@shop.test" + (" <orders@shop.test>" if field == "sender" else "")
    content = compose(outgoing(**{field: value})).content
    assert b"\nBcc" not in content
    assert message_from_bytes(content, policy=policy.default)["Bcc"] is None


def test_no_line_end_in_a_value_makes_a_header() -> None:
    parsed = _parsed(headers={"X-Order": "7\r\nBcc: all@shop.test"})
    assert parsed["Bcc"] is None
    assert parsed["X-Order"] == "7 Bcc: all@shop.test"


@pytest.mark.parametrize("name", ["Bcc", "from", "Message-ID", "Content-Type", "X Y", "X:\r\nBcc", "", "X-Ж"])
def test_a_header_that_is_not_the_messages_to_set_is_refused(name: str) -> None:
    with pytest.raises(MailError) as caught:
        compose(outgoing(headers={name: "x"}))
    assert caught.value.field == "headers"


def test_unsubscribe_headers_pass_through_in_one_line() -> None:
    link = f"<https://shop.test/unsubscribe?token={'a' * 400}>"
    content = compose(
        outgoing(headers={"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})
    ).content
    assert f"\r\nList-Unsubscribe: {link}\r\n".encode() in content
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in content


def test_the_message_id_depends_on_the_id_alone() -> None:
    message = outgoing()
    again = outgoing(id=message.id, subject="Another", text="Another")
    assert compose(message).message_id == compose(again).message_id == f"<{message.id}@shop.test>"


def test_the_date_is_that_of_sending() -> None:
    content = compose(outgoing(), now=datetime(2026, 3, 1, 12, 30, tzinfo=UTC)).content
    assert b"\r\nDate: Sun, 01 Mar 2026 12:30:00 +0000\r\n" in content


def test_a_domain_in_any_script_becomes_what_dns_knows() -> None:
    mail = compose(outgoing(address="anna@магазин.укр", sender="orders@крамниця.укр"))
    assert mail.recipient == "anna@xn--80aairftm.xn--j1amh"
    assert mail.message_id.endswith("@xn--80aqejfp0c4d.xn--j1amh>")
    assert not mail.utf8


@pytest.mark.parametrize("text", ["x" * 5000, "я" * 5000, "x\ry\nz\r\n", "From here\n.\n"])
def test_the_body_is_short_lines_of_ascii(text: str) -> None:
    content = compose(outgoing(text=text, html=f"<p>{text}</p>")).content
    assert content.isascii()
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 78


def test_a_message_without_html_has_one_part() -> None:
    assert _parsed(html=None).get_content_type() == "text/plain"


def test_a_mostly_latin_part_stays_readable_in_the_source() -> None:
    assert b"Caf=C3=A9 au lait" in compose(outgoing(text="Café au lait, s'il vous plaît")).content


@pytest.mark.parametrize("part", ["subject", "text", "html"])
def test_half_a_character_is_an_error_of_the_message(part: str) -> None:
    with pytest.raises(MailError):
        compose(outgoing(**{part: "\ud83c"}))


def test_the_error_does_not_repeat_the_address() -> None:
    with pytest.raises(MailError) as caught:
        compose(outgoing(address="anna smith@customer.test"))
    assert "smith" not in str(caught.value)
