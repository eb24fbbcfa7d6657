"""What the account is set to, and where each of it is changed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from babel.dates import format_date
from markupsafe import Markup

from automation.calendars import holidays_of
from console.markup import heading, nothing, put, table
from console.text import tr
from console.visit import Visit
from core.settings import Settings

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Time and money": ("account_zone", "account_currency", "account_language", "console_locale", "phone_region"),
    "When messages may go out": (
        *("account_window", "account_country", "frequency_cap_messages", "frequency_cap_days", "channel_rates"),
    ),
    "RFM and segments": ("rfm_recency", "rfm_frequency", "recalculate_hour"),
    "How long data is kept": ("order_events_kept_days", "other_events_kept_days"),
    "Signing in": ("console_url", "console_idle_minutes", "console_session_hours"),
}
_HOLIDAYS = 8


async def show(visit: Visit) -> None:
    """By subject, with the environment variable of each."""
    settings = visit.services.settings
    put(
        Markup('<p class="oc-lead">{}</p>').format(
            tr(
                "These come from the environment of the processes. To change one, set its variable where Ordercue is "
                "started (such as .env beside docker-compose.yml) and start API, worker and console again."
            )
        )
    )
    for title, names in _GROUPS.items():
        put(
            heading(tr(title)),
            Markup('<div class="oc-settings">{}</div>').format(_group(settings, names)),
        )
    put(heading(tr("The next holidays")), _holidays(settings))


def _group(settings: Settings, names: tuple[str, ...]) -> Markup:
    return table(
        [tr(name) for name in ("What it is", "Value", "Variable")],
        [
            (
                Settings.model_fields[name].description,
                Markup("<strong>{}</strong>").format(_shown(getattr(settings, name))),
                Markup("<code>ORDERCUE_{}</code>").format(name.upper()),
            )
            for name in names
        ],
        empty="",
    )


def _shown(value: object) -> str:
    if value is None or value == {}:
        return tr("not set")
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {one:g}" for name, one in value.items())
    return str(value)


def _holidays(settings: Settings) -> Markup:
    if settings.account_country is None:
        return nothing(tr("No country is set, so `holidays: account` of an automation means none."))
    today = datetime.now(UTC).astimezone(settings.zone).date()
    found = islice(_next(settings.account_country, today), _HOLIDAYS)
    lines = [(format_date(day, "full", locale=settings.console_locale.replace("-", "_")), name) for day, name in found]
    empty = tr("No holidays are known of {country}.", country=settings.account_country)
    return table([tr("Day"), tr("Holiday")], lines, empty=empty)


def _next(country: str, today: date) -> list[tuple[date, str]]:
    years = {today.year, (today + timedelta(days=365)).year}
    return [(day, name) for year in sorted(years) for day, name in holidays_of(country, year).items() if day >= today]
