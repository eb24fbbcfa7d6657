"""Nothing that was written is lost: not to a second tab, not to a reload, not while a text cannot be read yet."""

import json

from markupsafe import Markup
from nicegui import ui

from console.editor.work import Work
from console.shell import action
from console.text import tr


def keeping(work: Work) -> None:
    """Follows the work: the address names it as soon as it is stored, the browser keeps what cannot be stored."""
    browser = ui.context.client  # the element whose change is told may be gone by then
    box = ui.element("div").classes("w-full").props("role=alert")
    said = {"theirs": work.theirs, "id": work.automation_id, "kept": False}

    def show() -> bool:
        if work.automation_id != said["id"]:
            said["id"] = work.automation_id
            address = json.dumps(f"/builder?automation={work.automation_id}")
            browser.run_javascript(f"{_forget(None)}; history.replaceState({{}}, '', {address})")
        if work.unkept:
            browser.run_javascript(f"localStorage.setItem({_key(work)}, {json.dumps(work.history.text)})")
        elif said["kept"]:
            browser.run_javascript(_forget(work))
        said["kept"] = work.unkept
        if work.theirs != said["theirs"]:
            said["theirs"] = work.theirs
            box.clear()
            if work.theirs is not None:
                with box:
                    _choice(work)
        return True

    async def look_back() -> None:
        """What an earlier visit could not store."""
        text = await browser.run_javascript(f"return localStorage.getItem({_key(work)})", timeout=30)
        if isinstance(text, str) and text and text != work.history.text:
            with box:
                _offer(work, text)

    work.shown.append(show)
    ui.timer(0.1, look_back, once=True)


def _choice(work: Work) -> None:
    text = tr("This was changed in another tab or by somebody else. Which text to go on with? Undo brings the other.")
    ui.html(Markup('<p class="oc-note oc-warn">{}</p>').format(text), sanitize=False).classes("w-full")

    async def settle(*, mine: bool) -> str:
        await work.settle(mine=mine)
        return tr("You go on with this text.") if mine else tr("You go on with the other text.")

    with ui.element("div").classes("oc-row"):
        ui.button(tr("Keep mine"), on_click=action(lambda: settle(mine=True))).props("outline")
        ui.button(tr("Take theirs"), on_click=action(lambda: settle(mine=False))).props("outline")


def _offer(work: Work, text: str) -> None:
    said = tr("This browser has a text that could not be stored as a draft when it was written.")
    browser = ui.context.client
    row = ui.element("div").classes("oc-note oc-warn oc-row")

    async def take() -> str:
        row.delete()
        await work.write(text)
        return tr("Here it is again.")

    async def drop() -> str:
        row.delete()
        browser.run_javascript(_forget(work))
        return tr("It is gone.")

    with row:
        ui.label(said)
        ui.button(tr("Take it"), on_click=action(take)).props("outline")
        ui.button(tr("Drop it"), on_click=action(drop)).props("flat")


def _forget(work: Work | None) -> str:
    return f"localStorage.removeItem({_key(work)})"


def _key(work: Work | None) -> str:
    return json.dumps(f"oc-draft:{(work.automation_id if work else None) or 'new'}")
