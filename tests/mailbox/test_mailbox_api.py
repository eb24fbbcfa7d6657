"""What comes in by SMTP is there by HTTP."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtplib import SMTPDataError

from cli.mailbox import serve_mailbox
from core.errors import ConfigurationError
from tests.mailbox.running import Mailbox, running_mailbox


async def test_a_mail_that_was_sent_is_listed(mailbox: Mailbox) -> None:
    number = uuid.uuid4()
    await mailbox.send(id=number, subject="Дякуємо 🎉", html="<p>Дякуємо</p>", text="Дякуємо")
    (listed,) = await mailbox.messages()
    assert (listed["sender"], listed["to"], listed["subject"], listed["message_id"]) == (
        "orders@shop.test",
        ["anna@customer.test"],
        "Дякуємо 🎉",
        f"<{number}@shop.test>",
    )
    assert datetime.fromisoformat(listed["received_at"]).tzinfo is not None


async def test_a_message_shows_headers_text_and_html(mailbox: Mailbox) -> None:
    link = f"<https://shop.test/unsubscribe?t={'x' * 200}>"
    await mailbox.send(text="Привіт\n.\n", html="<p>Привіт</p>", headers={"List-Unsubscribe": link})
    (listed,) = await mailbox.messages()
    message = await mailbox.message(listed["id"])
    assert message["text"].splitlines() == ["Привіт", "."]
    assert message["html"].strip() == "<p>Привіт</p>"
    assert message["headers"]["List-Unsubscribe"] == link
    assert message["headers"]["To"] == "anna@customer.test"
    assert "Return-Path" not in message["headers"]


async def test_a_message_without_html_has_none(mailbox: Mailbox) -> None:
    await mailbox.send(html=None)
    (listed,) = await mailbox.messages()
    assert (await mailbox.message(listed["id"]))["html"] is None


async def test_the_newest_comes_first(mailbox: Mailbox) -> None:
    for number in range(3):
        await mailbox.send(subject=f"Mail {number}")
    assert [message["subject"] for message in await mailbox.messages()] == ["Mail 2", "Mail 1", "Mail 0"]


async def test_messages_are_found_by_address_and_subject_in_any_case(mailbox: Mailbox) -> None:
    await mailbox.send(address="Anna@customer.test", subject="Замовлення 7")
    await mailbox.send(address="boris@customer.test", subject="Замовлення 8")
    assert [m["subject"] for m in await mailbox.messages(to="anna@")] == ["Замовлення 7"]
    assert [m["subject"] for m in await mailbox.messages(subject="замовлення 8")] == ["Замовлення 8"]
    assert await mailbox.messages(to="anna", subject="8") == []


async def test_messages_are_found_by_arrival(mailbox: Mailbox) -> None:
    await mailbox.send(subject="First")
    (first,) = await mailbox.messages()
    await mailbox.send(subject="Second")
    assert [message["subject"] for message in await mailbox.messages(after=first["id"])] == ["Second"]
    assert len(await mailbox.messages(after=(datetime.now(UTC) - timedelta(hours=1)).isoformat())) == 2
    assert await mailbox.messages(after=(datetime.now(UTC) + timedelta(hours=1)).isoformat()) == []


async def test_the_list_is_bounded(mailbox: Mailbox) -> None:
    for _ in range(3):
        await mailbox.send()
    answer = (await mailbox.http.get("/api/messages", params={"limit": 2})).json()
    assert (len(answer["messages"]), answer["total"]) == (2, 3)


@pytest.mark.parametrize("query", ["after=yesterday", "after=2026-01-01T00:00:00", "limit=0", "limit=100000"])
async def test_a_bad_question_is_said_to_be_one(mailbox: Mailbox, query: str) -> None:
    assert (await mailbox.http.get(f"/api/messages?{query}")).status_code == 422


@pytest.mark.parametrize("key", ["1", "x", "..%2F..%2Fetc%2Fpasswd", "%00"])
async def test_a_message_that_is_not_there_is_not_found(mailbox: Mailbox, key: str) -> None:
    for path in (f"/api/messages/{key}", f"/messages/{key}", f"/messages/{key}/html", f"/messages/{key}/source"):
        assert (await mailbox.http.get(path)).status_code == 404


async def test_deleting_empties_the_mailbox(mailbox: Mailbox) -> None:
    await mailbox.send()
    assert (await mailbox.http.delete("/api/messages")).status_code == 204
    assert await mailbox.messages() == []


async def test_the_same_mail_twice_is_shown_twice(mailbox: Mailbox) -> None:
    number = uuid.uuid4()
    for _ in range(2):
        await mailbox.send(id=number)
    assert len({message["id"] for message in await mailbox.messages()}) == 2


async def test_one_mail_to_two_people_is_one_message(mailbox: Mailbox) -> None:
    await mailbox.send_source(b"Subject: x\r\n\r\nx", recipients=["anna@customer.test", "boris@customer.test"])
    (listed,) = await mailbox.messages(to="boris")
    assert listed["to"] == ["anna@customer.test", "boris@customer.test"]


async def test_messages_survive_a_restart(tmp_path: Path) -> None:
    async with running_mailbox(tmp_path) as mailbox:
        await mailbox.send(subject="Привіт", address="анна@customer.test")
        before = await mailbox.messages()
    (tmp_path / ".draft-x").write_bytes(b"half a mail")
    (tmp_path / "notes.eml").write_bytes(b"not of the mailbox")
    async with running_mailbox(tmp_path) as mailbox:
        assert await mailbox.messages() == before
        await mailbox.send(subject="Next")
        assert [message["subject"] for message in await mailbox.messages()] == ["Next", "Привіт"]
    assert not (tmp_path / ".draft-x").exists()


async def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    async with running_mailbox(tmp_path, keep=2) as mailbox:
        for number in range(4):
            await mailbox.send(subject=f"Mail {number}")
        assert [message["subject"] for message in await mailbox.messages()] == ["Mail 3", "Mail 2"]
    assert _count_files(tmp_path) == 2


async def test_many_at_once_are_all_there(mailbox: Mailbox) -> None:
    await asyncio.gather(*(mailbox.send(subject=f"Mail {number}") for number in range(30)))
    found = await mailbox.messages()
    assert {message["subject"] for message in found} == {f"Mail {number}" for number in range(30)}
    assert [message["id"] for message in found] == sorted((message["id"] for message in found), reverse=True)


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?utf-8?b?//8=?=\r\n\r\nx",
        b'Subject: \xd0\xbf\xff\r\nFrom: <<<>>>@@\r\nTo: "\r\n\r\n\xff',
        b"Content-Type: text/html; charset=nowhere\r\n\r\n<p>\xff</p>",
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n",
        b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
        b"Subject: a\r\n" * 50 + b"\r\nx",
        b"Message-ID: <[unclosed\r\nDate: never\r\nReferences: <a@[b\r\n\r\nx",
    ],
)
async def test_a_broken_mail_is_shown_as_well_as_can_be(mailbox: Mailbox, source: bytes) -> None:
    await mailbox.send_source(source)
    (listed,) = await mailbox.messages()
    assert (await mailbox.message(listed["id"]))["id"] == listed["id"]
    assert (await mailbox.http.get("/")).status_code == 200
    assert (await mailbox.http.get(f"/messages/{listed['id']}")).status_code == 200


async def test_a_folder_that_cannot_be_written_refuses_for_now(tmp_path: Path) -> None:
    async with running_mailbox(tmp_path / "mailbox") as mailbox:
        (tmp_path / "mailbox").rmdir()
        with pytest.raises(SMTPDataError) as caught:
            await mailbox.send()
        assert caught.value.code == 452
        assert await mailbox.messages() == []


async def test_a_port_that_is_taken_is_said_to_be(mailbox: Mailbox, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=str(mailbox.addresses.smtp_port)):
        await serve_mailbox(
            smtp_host="127.0.0.1",
            smtp_port=mailbox.addresses.smtp_port,
            http_port=0,
            folder=tmp_path / "other",
            ready=lambda _: None,
        )


def _count_files(folder: Path) -> int:
    return len(list(folder.iterdir()))
