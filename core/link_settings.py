"""Settings of the public pages that messages link to."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from core.setting_kinds import BY_COMMAS


class LinkSettings(BaseSettings):
    """A part of `core.settings.Settings`."""

    link_secrets: Annotated[tuple[Annotated[SecretStr, Field(min_length=32)], ...], NoDecode, BY_COMMAS] = Field(
        default=(),
        description="Signs links in messages: 32 characters or more. By commas: the first signs, all are understood. "
        "Without one, a secret is made and kept in the database.",
    )
    topics: dict[str, dict[str, str]] = Field(
        default={},
        description="Topics of marketing messages with their titles, which the page to unsubscribe lists: JSON such as "
        '`{"news": {"en": "News", "uk": "Новини"}}`.',
    )
