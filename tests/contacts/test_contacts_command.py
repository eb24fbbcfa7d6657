"""`ordercue contacts` and `ordercue audit`, as an operator calls them."""

from core.settings import Settings
from tests.contacts.people import add, show
from tests.product import Product
from tests.shell import Shell


async def test_a_merge_at_the_command_line_is_done_undone_and_audited(api: Product, live_settings: Settings) -> None:
    shell = Shell(live_settings)
    one, other = await add(api), await add(api)
    assert (await shell.run("contacts", "merge", one, other)).code == 0
    assert (await show(api, other))["id"] == one
    wrong = await shell.run("contacts", "unmerge", other, one)
    assert (wrong.code, wrong.out) == (1, "")
    assert f"contact {other} was itself merged into {one}" in wrong.err
    audit = (await shell.run("audit", "--action", "contact.merge", "--json")).json
    assert audit[0]["actor"].startswith("cli:")
    assert audit[0]["details"] == {"merged": other}


async def test_a_person_is_shown_exported_and_erased(api: Product, live_settings: Settings) -> None:
    shell = Shell(live_settings)
    contact = await add(api)
    assert (await shell.run("contacts", "export", contact)).json["contact"]["id"] == contact
    assert (await shell.run("contacts", "erase", contact, "--yes")).code == 0
    gone = await shell.run("contacts", "show", contact)
    assert (gone.code, gone.err.strip()) == (1, f"ordercue: no contact '{contact}'")
