"""What the pages say, by language. A language is one more entry."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The texts of one language. `{address}` stands for the address, partly hidden."""

    language: str
    title: str
    ask: str
    all: str
    done: str
    again: str
    back: str
    topics: str
    save: str
    saved: str
    confirm_title: str
    confirm_ask: str
    confirm: str
    confirmed: str
    gone_title: str
    gone: str


_ENGLISH = Words(
    language="en",
    title="Messages",
    ask="Messages go to {address}. You can end them here.",
    all="Unsubscribe from everything",
    done="{address} gets no more of these messages. Notices about your orders still arrive.",
    again="That was a mistake: subscribe again",
    back="{address} gets messages again.",
    topics="Or choose what you want to get:",
    save="Save the choice",
    saved="The choice for {address} is saved.",
    confirm_title="Confirm your address",
    confirm_ask="Shall messages go to {address}?",
    confirm="Yes, I want to get messages",
    confirmed="Thank you: {address} is confirmed.",
    gone_title="Nothing here",
    gone="This link is not complete, or what it showed is no longer kept.",
)
_UKRAINIAN = Words(
    language="uk",
    title="Повідомлення",
    ask="Повідомлення надходять на {address}. Тут можна від них відмовитися.",
    all="Відписатися від усього",
    done="{address} більше не отримуватиме таких повідомлень. Повідомлення про замовлення надходитимуть і далі.",
    again="Це помилка: підписатися знову",
    back="{address} знову отримуватиме повідомлення.",
    topics="Або виберіть, що ви хочете отримувати:",
    save="Зберегти вибір",
    saved="Вибір для {address} збережено.",
    confirm_title="Підтвердьте адресу",
    confirm_ask="Надсилати повідомлення на {address}?",
    confirm="Так, я хочу отримувати повідомлення",
    confirmed="Дякуємо: адресу {address} підтверджено.",
    gone_title="Тут нічого немає",
    gone="Посилання неповне, або те, що воно показувало, більше не зберігається.",
)
_CATALOGUE = {one.language: one for one in (_ENGLISH, _UKRAINIAN)}


def words_for(language: str | None, accepted: str | None = None) -> Words:
    """The language of the contact, else the first one that the browser accepts and we have, else English."""
    wanted = [language or "", *(accepted or "").split(",")[:20]]
    for one in wanted:
        found = _CATALOGUE.get(_primary(one))
        if found is not None:
            return found
    return _ENGLISH


def title_of(topic: str, titles: Mapping[str, str], words: Words) -> str:
    """What a topic is called in the language, else in English, else its name."""
    return titles.get(words.language) or titles.get("en") or topic


def _primary(tag: str) -> str:
    return tag.partition(";")[0].strip().replace("_", "-").partition("-")[0].lower()
