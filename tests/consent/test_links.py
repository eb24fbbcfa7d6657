"""Signed links: nobody makes or changes one."""

import asyncio
import string
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from core.links import LONGEST_TOKEN, BadLinkError, Links, Purpose
from core.settings import Settings
from store.links import LinkKeeper
from store.session import open_database

_OLD, _NEW = "o" * 40, "n" * 40
_LINKS = Links("https://mail.shop.example/", [_NEW])
_PARTS = st.lists(st.text(max_size=60) | st.integers(-(2**53), 2**53), max_size=4)


@given(_PARTS, st.sampled_from(Purpose))
def test_a_token_says_what_it_was_made_of_and_fits_into_an_address(parts: list[str | int], purpose: Purpose) -> None:
    token = _LINKS.token(purpose, *parts)
    assert _LINKS.read(purpose, token) == tuple(parts)
    assert set(token) <= set(string.ascii_letters + string.digits + "-_.")
    assert _LINKS.url(purpose, *parts) == f"https://mail.shop.example/{purpose}/{token}"


def test_a_token_of_one_purpose_is_none_of_another() -> None:
    token = _LINKS.token(Purpose.VIEW, "1")
    for other in set(Purpose) - {Purpose.VIEW}:
        with pytest.raises(BadLinkError):
            _LINKS.read(other, token)


@given(st.data())
def test_a_token_that_was_changed_is_refused(data: st.DataObject) -> None:
    token = _LINKS.token(Purpose.UNSUBSCRIBE, uuid4().hex)
    place = data.draw(st.integers(0, len(token) - 2))  # the last character of base64 has bits that say nothing
    other = data.draw(st.sampled_from(string.ascii_letters + string.digits).filter(lambda one: one != token[place]))
    with pytest.raises(BadLinkError):
        _LINKS.read(Purpose.UNSUBSCRIBE, token[:place] + other + token[place + 1 :])


@given(st.text(max_size=100))
def test_any_other_text_is_no_token(text: str) -> None:
    with pytest.raises(BadLinkError):
        _LINKS.read(Purpose.UNSUBSCRIBE, text)


def test_what_does_not_fit_into_an_address_is_neither_made_nor_read() -> None:
    with pytest.raises(ValueError, match="characters long"):
        _LINKS.token(Purpose.CLICK, "".join(str(uuid4()) for _ in range(200)))
    with pytest.raises(BadLinkError):
        _LINKS.read(Purpose.CLICK, "a" * (LONGEST_TOKEN + 1))


def test_links_of_a_secret_that_was_replaced_still_work() -> None:
    before, after = Links("", [_OLD]), Links("", [_NEW, _OLD])
    assert after.read(Purpose.VIEW, before.token(Purpose.VIEW, "1")) == ("1",)
    with pytest.raises(BadLinkError):
        before.read(Purpose.VIEW, after.token(Purpose.VIEW, "1"))


async def test_all_processes_of_a_database_agree_on_a_secret(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=4)
    try:
        keepers = [LinkKeeper(database, settings) for _ in range(4)]
        first, *others = await asyncio.gather(*(keeper.links() for keeper in keepers))
        token = first.token(Purpose.UNSUBSCRIBE, "1")
        assert [one.read(Purpose.UNSUBSCRIBE, token) for one in others] == [("1",)] * 3
        given_later = settings.model_copy(update={"link_secrets": (SecretStr(_NEW),)})
        later = await LinkKeeper(database, given_later).links()
        assert later.read(Purpose.UNSUBSCRIBE, token) == ("1",)
        assert later.token(Purpose.UNSUBSCRIBE, "1") == Links("", [_NEW]).token(Purpose.UNSUBSCRIBE, "1")
    finally:
        await database.close()


def test_a_short_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERCUE_LINK_SECRETS", f"{_NEW},short")
    with pytest.raises(ValidationError, match="at least 32"):
        Settings()
    monkeypatch.setenv("ORDERCUE_LINK_SECRETS", f"{_NEW}, {_OLD}")
    assert [one.get_secret_value() for one in Settings().link_secrets] == [_NEW, _OLD]
