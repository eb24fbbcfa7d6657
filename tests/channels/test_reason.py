import pytest

from channels.reason import scrub


@pytest.mark.parametrize(
    ("answer", "scrubbed"),
    [
        ("550 5.1.1 <Anna.K@Shop.example>: user unknown", "550 5.1.1 <address>: user unknown"),
        ("550 other.person@shop.example is over quota", "550 <address> is over quota"),
        ("550 no mailbox for anna.k here", "550 no mailbox for <address> here"),
        ("550 see https://x.example/?a=anna.k%40shop.example", "550 see https:<address>"),
        ("550 call +380 44 123-45-67 now", "550 call <number> now"),
        ("451 4.7.1 greylisted\r\nfor\x00 300 seconds", "451 4.7.1 greylisted for 300 seconds"),
        ("450 \udcff", "450 ?"),
    ],
)
def test_answers_lose_what_is_personal(answer: str, scrubbed: str) -> None:
    assert scrub(answer, "anna.k@shop.example") == scrubbed


@pytest.mark.parametrize(
    ("address", "answer", "scrubbed"),
    [
        ("anna_k-7", "400 no chat anna_k-7 here", "400 no chat <address> here"),
        ("10482077", "400 chat 10482077 not found", "400 chat <address> not found"),
        ("https://hook.example/a1", "410 https://hook.example/a1 is gone", "410 <address> is gone"),
        ("7", "400 7 chats", "400 7 chats"),
    ],
)
def test_of_a_channel_without_mail_addresses_the_id_is_personal(address: str, answer: str, scrubbed: str) -> None:
    assert scrub(answer, address) == scrubbed


def test_long_answers_are_cut() -> None:
    assert len(scrub("550 " + "no " * 1000)) == 200


def test_a_short_local_part_does_not_eat_words() -> None:
    assert scrub("550 no user", "no@shop.example") == "550 no user"


def test_of_a_word_without_an_end_nothing_is_told() -> None:
    assert scrub("550 " + "a" * 100_000, "anna.k@shop.example") == "550 …"
