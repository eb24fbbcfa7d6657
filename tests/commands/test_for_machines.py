"""Every command can be read by a machine, and what people are told of a change is in the audit log too."""

import inspect
from importlib import import_module
from pathlib import Path

import typer

from cli.main import _COMMANDS
from tests.shell import Shell

_ONLY_JSON = {"automations show", "contacts export", "contacts show", "messages show", "runs show"}
_ONLY_A_FILE = {"suppressions export", "segments export", "automations graph", "templates show", "replay"}
_SERVERS = {"dev", "demo", "api", "worker", "console", "migrate"}


def test_every_command_that_does_or_tells_something_has_json() -> None:
    assert {name for name, has_json in _commands() if not has_json} <= _ONLY_JSON | _ONLY_A_FILE | _SERVERS


def _commands() -> list[tuple[str, bool]]:
    found = []
    for word, place in _COMMANDS.items():
        module, _, attribute = place.partition(":")
        target = getattr(import_module(module), attribute)
        if isinstance(target, typer.Typer):
            for one in target.registered_commands:
                assert one.callback is not None
                found.append((f"{word} {one.name or one.callback.__name__.strip('_')}", _has_json(one.callback)))
        else:
            found.append((word, _has_json(target)))
    return found


def _has_json(command: object) -> bool:
    assert callable(command)
    return "json" in inspect.signature(command).parameters


async def test_what_is_changed_is_one_json_object(shell: Shell, tmp_path: Path) -> None:
    added = await shell.run("suppressions", "add", "a@example.com", "b@example.com", "--json")
    assert added.json == {"added": 2}
    assert (await shell.run("suppressions", "remove", "a@example.com", "--json")).json == {"removed": 1}
    listed = tmp_path / "listed.csv"
    listed.write_text("address\nc@example.com\n")
    assert (await shell.run("suppressions", "import", listed, "--json")).json == {"added": 1}
    switched = {"store": "kyiv [1]", "disabled": True, "changed": True}
    assert (await shell.run("stores", "disable", "kyiv [1]", "--json")).json == switched
    assert (await shell.run("stores", "disable", "kyiv [1]")).out == "Store kyiv [1] was switched off already.\n"
    assert (await shell.run("segments", "put", "friends", "--json")).json == {"segment": "friends", "kind": "static"}
    made = (await shell.run("keys", "create", "--json")).json
    revoked = (await shell.run("keys", "revoke", made["prefix"], "--json")).json
    assert (revoked["prefix"], revoked["revoked_at"] is not None) == (made["prefix"], True)


async def test_what_is_changed_about_users_is_in_the_audit_log(shell: Shell) -> None:
    await shell.run("users", "create", "ann@example.com", "--role", "marketer", "--link")
    await shell.run("users", "link", "bob@example.com", "--create", "admin")
    changed = await shell.run("users", "change", "ann@example.com", "--role", "viewer", "--disable", "--json")
    assert (changed.json["role"], changed.json["disabled_at"] is not None) == ("viewer", True)
    told = [
        (one["action"], one["subject"], (one["details"] or {}).get("new_role"))
        for one in (await shell.run("audit", "--json")).json
    ]
    assert sorted(told) == [
        ("user.create", "user:ann@example.com", "marketer"),
        ("user.create", "user:bob@example.com", "admin"),
        ("user.disable", "user:ann@example.com", None),
        ("user.link", "user:bob@example.com", None),
        ("user.role", "user:ann@example.com", "viewer"),
    ]
