"""`ordercue automations apply | validate`: what is printed, and where in the file a problem is."""

from pathlib import Path

from automation.definition import load_definition
from automation.picture import mermaid
from tests.builders import TEMPLATES, THANKS
from tests.shell import Shell


async def test_graph_draws_and_apply_prints_what_changed_and_nothing_changes_twice(
    shell: Shell, tmp_path: Path
) -> None:
    folder, file = tmp_path / "templates", tmp_path / "thanks.yaml"
    folder.mkdir()
    for name, source in TEMPLATES.items():
        (folder / f"{name}.html").write_text(source)
    assert (await shell.run("templates", "apply", folder)).code == 0
    file.write_text(THANKS)
    assert (await shell.run("automations", "graph", file)).out.strip() == mermaid(load_definition(THANKS)).strip()
    first = await shell.run("automations", "apply", file)
    assert first.out.splitlines()[0] == "Thanks: version 1 published"
    assert (await shell.run("automations", "apply", file)).out == "Thanks: version 1, unchanged\n"
    later = THANKS.replace("template: thanks", "template: review") + "  - stop: { id: enough }\n"
    file.write_text(later.replace("event: orderDELIVERED", "event: orderDELIVERED\n  if_running: skip"))
    second = await shell.run("automations", "apply", file)
    assert second.out.splitlines() == [
        "Thanks: version 2 published",
        "  start.if_running: nothing → skip",
        "  thanks.template: thanks → review",
        "  enough added: stop",
    ]
    assert (await shell.run("automations", "diff", "Thanks", "2", "1")).out.splitlines()[-1] == "enough removed"

    twin = tmp_path / "twin.yaml"
    twin.write_text(THANKS)
    both = await shell.run("automations", "apply", file, twin)
    assert (both.code, both.err) == (1, f"ordercue: {twin}: {file} has the same name, 'Thanks'\n")


async def test_a_problem_names_file_line_and_column_with_and_without_a_database(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "thanks.yaml"
    file.write_text(THANKS + "  - update_contact: { set: { email: a@shop.example } }\n")
    place = "line 8, column 30: steps[2].update_contact.set.email: email tells who the contact is"
    offline = await shell.run("automations", "validate", "--offline", file)
    assert (offline.code, f"{file}: {place}" in offline.err) == (1, True)
    for command in ("validate", "apply"):
        done = await shell.run("automations", command, file)
        assert f"{file}: line 7, column 41: steps[1].send.template: unknown template 'thanks'" in done.err
        assert (done.code, f"{file}: {place}" in done.err) == (1, True)
