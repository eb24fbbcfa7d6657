from core.settings import Settings
from tests.deployment.settings_table import FILE, settings_table


def test_the_table_of_settings_is_current() -> None:
    assert FILE.read_text() == settings_table(), "write it anew: python -m tests.deployment.settings_table"


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
