import re

import pytest

from core.settings import Settings
from tests.deployment import compose
from tests.deployment.compose import MissingVariableError, services

PASSWORD = "0123abcd"  # not a secret: of no server
OURS = ("migrate", "api", "console", "worker")
JOBS = {"temporal-schema", "temporal-namespace", "migrate"}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_ours_is_a_setting(name: str) -> None:
    given = set(services({"POSTGRES_PASSWORD": PASSWORD})[name].environment)
    assert given
    assert given <= {f"ORDERCUE_{field.upper()}" for field in Settings.model_fields}


def test_every_variable_taken_from_outside_is_a_setting_or_of_another_product() -> None:
    taken = set(re.findall(r"\$\{(ORDERCUE_\w+)", compose.COMPOSE_FILE.read_text()))
    assert taken <= {f"ORDERCUE_{field.upper()}" for field in Settings.model_fields}


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_each_service_are_valid(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in services({"POSTGRES_PASSWORD": PASSWORD})[name].environment.items():
        monkeypatch.setenv(variable, value)
    settings = Settings()
    assert PASSWORD in settings.database_url
    assert settings.temporal_address == "temporal:7233"


def test_without_a_password_nothing_starts() -> None:
    with pytest.raises(MissingVariableError):
        services({})


def test_no_secret_stands_in_the_file() -> None:
    """Whatever is called a secret comes from outside, without a default."""
    for name, service in compose.raw()["services"].items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|PWD|SECRET|KEY|TOKEN", variable):
                assert value is None or re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{name}: {variable}"
    assert not re.search(r"://[^:/\s]+:(?!\$\{)[^@\s]+@", compose.COMPOSE_FILE.read_text())


@pytest.mark.parametrize("name", ["postgres", "temporal", "temporal-ui", "mailpit", "api"])
def test_each_service_that_listens_has_a_healthcheck(name: str) -> None:
    assert services({"POSTGRES_PASSWORD": PASSWORD})[name].healthcheck


def test_jobs_end_and_services_are_started_again() -> None:
    for name, service in services({"POSTGRES_PASSWORD": PASSWORD}).items():
        restart = service.definition["restart"]
        assert restart.startswith("on-failure:") if name in JOBS else restart == "unless-stopped", name


def test_each_condition_waits_for_something_that_can_come_true() -> None:
    known = services({"POSTGRES_PASSWORD": PASSWORD})
    for name, service in known.items():
        for other, wait in service.definition.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert known[other].healthcheck, f"{name} waits for the health of {other}"
            else:
                assert wait["condition"] == "service_completed_successfully"
                assert other in JOBS, f"{name} waits for the end of {other}"


def test_every_image_has_a_version() -> None:
    for name, service in services({"POSTGRES_PASSWORD": PASSWORD}).items():
        _, _, tag = service.definition["image"].partition(":")
        assert tag not in {"", "latest"}, name


def test_a_password_of_smtp_is_passed_on_when_it_is_set() -> None:
    variables = {"POSTGRES_PASSWORD": PASSWORD, "ORDERCUE_SMTP_PASSWORD": "given"}
    assert services(variables)["worker"].environment["ORDERCUE_SMTP_PASSWORD"] == "given"
    assert "ORDERCUE_SMTP_PASSWORD" not in services({"POSTGRES_PASSWORD": PASSWORD})["worker"].environment


def test_only_the_api_can_be_opened_to_the_world() -> None:
    for name, service in services({"POSTGRES_PASSWORD": PASSWORD, "API_ADDRESS": "0.0.0.0:80"}).items():
        for port in service.definition.get("ports", []):
            assert name == "api" or port.startswith("127.0.0.1:"), name
