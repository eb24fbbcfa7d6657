"""docker-compose.yml and Dockerfile as tests read them: what would run, and with which environment."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"

# docs.docker.com/reference/compose-file/interpolation: $$, ${NAME}, ${NAME:-default}, ${NAME:?message}
_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})")


class MissingVariableError(Exception):
    """A variable that the file demands is not set."""


@dataclass(frozen=True)
class Service:
    """One service, with its variables filled in."""

    name: str
    definition: dict[str, Any]  # Any: YAML

    @property
    def environment(self) -> dict[str, str]:
        """What the container's processes see beside the image's own variables."""
        return dict(self.definition.get("environment", {}))

    @property
    def command(self) -> list[str]:
        """The image's entrypoint and the service's arguments."""
        return [*entrypoint(), *self.definition["command"]]

    @property
    def healthcheck(self) -> list[str] | None:
        """The command that asks for the service's health; None where it is switched off or absent."""
        test = self.definition.get("healthcheck", {}).get("test")
        return None if test is None else test[1:]


def services(variables: Mapping[str, str]) -> dict[str, Service]:
    """Every service as `docker compose` would run it with these variables. Raises MissingVariableError."""
    return {
        name: Service(name, _without_unset(_fill(definition, variables), variables))
        for name, definition in raw()["services"].items()
    }


def raw() -> dict[str, Any]:  # Any: YAML
    """The file as it is written."""
    found: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())  # Any: as above
    return found


def entrypoint() -> list[str]:
    """ENTRYPOINT of the Dockerfile."""
    found: list[str] = json.loads(instructions("ENTRYPOINT")[-1])
    return found


def instructions(name: str) -> list[str]:
    """The arguments of every such instruction of the Dockerfile, continued lines joined."""
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    return [line.removeprefix(f"{name} ").strip() for line in text.splitlines() if line.startswith(f"{name} ")]


def _fill(value: Any, variables: Mapping[str, str]) -> Any:  # Any: YAML
    match value:
        case dict():
            return {key: _fill(inner, variables) for key, inner in value.items()}
        case list():
            return [_fill(inner, variables) for inner in value]
        case str():
            return _VARIABLE.sub(lambda found: _value(found, variables), value)
    return value


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["escaped"]:
        return "$"
    known = variables.get(found["name"])
    if known:
        return known
    if found["kind"] == "?":
        raise MissingVariableError(found["rest"])
    return found["rest"] or ""


def _without_unset(definition: dict[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:  # Any: YAML
    """A variable without a value is passed on when it is set."""
    if "environment" not in definition:
        return definition
    environment = {
        name: variables.get(name) if value is None else value for name, value in definition["environment"].items()
    }
    return definition | {"environment": {name: value for name, value in environment.items() if value is not None}}
