"""`ordercue segments` and `ordercue rfm` as people and scripts call them."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import text

from core.settings import Settings
from store.session import open_database
from tests.shell import Shell
from tests.tracking.rows import Rows


async def _people(settings: Settings, count: int) -> list[UUID]:
    database = open_database(settings.database_url, pool_size=1)
    async with database.transaction() as session:
        made = text("INSERT INTO contact (source) SELECT 'test' FROM generate_series(1, CAST(:n AS int)) RETURNING id")
        people = list(await session.scalars(made, {"n": count}))
    await database.close()
    return people


async def test_members_are_exported_taken_out_and_imported_again(
    shell: Shell, live_settings: Settings, tmp_path: Path
) -> None:
    people = await _people(live_settings, 3)
    source, kept = tmp_path / "people.csv", tmp_path / "kept.csv"
    source.write_text("id\n" + "\n".join(map(str, people)))
    assert (await shell.run("segments", "import", "friends", source)).out == "3 contacts became members.\n"
    assert (await shell.run("segments", "export", "friends", "--output", kept)).code == 0
    with kept.open(newline="") as lines:
        assert [row["id"] for row in csv.DictReader(lines)] == [str(each) for each in sorted(people, reverse=True)]
    removed = await shell.run("segments", "remove", "friends", people[0], uuid4(), "--json")
    assert removed.json == {"changed": 1}
    assert (await shell.run("segments", "remove", "friends", "--file", kept)).out.startswith("2 contacts")
    assert (await shell.run("segments", "export", "friends")).out.splitlines() == ["id,addedAt,source"]
    nobody = await shell.run("segments", "export", "nobody")
    assert (nobody.code, nobody.err) == (1, "ordercue: no segment 'nobody'\n")


async def test_a_definition_is_tried_without_being_kept(shell: Shell, live_settings: Settings, tmp_path: Path) -> None:
    people = await _people(live_settings, 2)
    file = tmp_path / "new.json"
    file.write_text('{"orders": "count", "op": "eq", "value": 0}')
    found = (await shell.run("segments", "preview", file, "--json")).json
    assert found == {"count": 2, "sample": [str(each) for each in sorted(people)], "cost": "cheap"}
    assert (await shell.run("segments", "preview", file)).out.startswith("2 contacts; the statement is cheap.")
    file.write_text('{"all": [{"orders": "count", "op": "eq", "value": -1}]}')
    wrong = await shell.run("segments", "preview", file)
    assert wrong.code == 1
    assert "all.0" in wrong.err


async def test_scores_and_moves_are_shown_beside_the_grid(shell: Shell, live_settings: Settings) -> None:
    people = await _people(live_settings, 2)
    database = open_database(live_settings.database_url, pool_size=1)
    async with database.transaction() as session:
        for number, days in enumerate((40, 3, 2)):
            order = text("""
                INSERT INTO "order" (external_order_id, status, status_at, date, total_cost, currency, source, version,
                                     content_hash, contact_id)
                VALUES (:id, 'DELIVERED', :at, :at, 10, :currency, 'online', 1, '', :contact)
            """)
            given = {"id": str(number), "at": datetime.now(UTC) - timedelta(days=days), "contact": people[number > 0]}
            await session.execute(order, given | {"currency": live_settings.account_currency})
        move = text("""
            INSERT INTO rfm_move (contact_id, from_recency, from_frequency, to_recency, to_frequency, at)
            VALUES (:contact, 0, 0, 1, 2, now() - interval '5 days')
        """)
        await session.execute(move, {"contact": people[1]})
    await database.close()
    scores = (await shell.run("rfm", "--scores", "--json")).json
    assert [(row["r"], row["f"], row["m"], row["group"], row["contacts"]) for row in scores] == [
        (1, 1, 1, "lost", 1),
        (5, 5, 5, "champions", 1),
    ]
    assert "champions" in (await shell.run("rfm", "--scores")).out
    moved = {"from_recency": 0, "from_frequency": 0, "to_recency": 1, "to_frequency": 2, "contacts": 1}
    assert (await shell.run("rfm", "--flows", "--json")).json == [moved]
    today = datetime.now(UTC).date()
    assert (await shell.run("rfm", "--flows", "--to", today - timedelta(days=9), "--json")).json == []
    shown = (await shell.run("rfm", "--flows", "--from", today - timedelta(days=9))).out
    assert "Moves by recency" in shown
    assert "Moves by frequency" in shown
    assert "never, 0 orders" in shown
    assert "≤ 15 days, 2 orders" in shown
    assert (await shell.run("rfm", "--flows", "--scores")).code == 2
    past = (await shell.run("rfm", "--as-of", today - timedelta(days=20), "--currency", "XXX", "--json")).json
    counted = [(row["recency"], row["frequency"], row["contacts"], row["orders"]) for row in past]
    assert counted == [(0, 0, 1, 0), (2, 1, 1, 0)]
    assert "Nothing was paid in XXX" in (await shell.run("rfm", "--currency", "XXX")).out
    assert "Nothing was paid" not in (await shell.run("rfm")).out
    assert (await shell.run("rfm", "--flows", "--as-of", today)).code == 2


async def test_what_messages_led_to_is_shown_by_step_and_by_arm(shell: Shell, live_settings: Settings) -> None:
    database, now = open_database(live_settings.database_url, pool_size=1), datetime.now(UTC)
    half = {"id": "half", "arms": [{"name": "mail"}, {"name": "none", "holdout": True}]}
    async with database.transaction() as session:
        rows = Rows(session)
        people = [await rows.contact() for _ in range(2)]
        automation = await rows.automation("Split", {"name": "Split", "steps": [{"split": half}]})
        runs = [await rows.run(automation, person, now - timedelta(days=2)) for person in people]
        for run, arm in zip(runs, ("mail", "none"), strict=True):
            await rows.passed(run, "half", arm, now - timedelta(days=2))
        message = await rows.message(runs[0], now - timedelta(days=2), clicked=now - timedelta(days=1))
        await rows.feedback(message, "clicked", now - timedelta(days=1))
        await rows.order(people[0], now - timedelta(hours=1), total=70)
    await database.close()
    (step,) = (await shell.run("reports", "attribution", "--by", "step", "--json")).json
    assert (step["step"], step["clicked"], step["orders"], step["revenue"]) == ("thanks", 1, 1, 70)
    arms = (await shell.run("reports", "attribution", "--by", "arm", "--json")).json
    assert [(one["arm"], one["contacts"], one["converted"]) for one in arms] == [("mail", 1, 1), ("none", 1, 0)]
    assert (float(arms[0]["lift"]), arms[1]["lift"]) == (1, None)  # decimals are printed as text, as everywhere
    assert "Split" in (await shell.run("reports", "attribution")).out
    assert (await shell.run("reports", "attribution", "--by", "moon")).code == 2


async def test_reports_have_a_small_chart_and_stand_beside_the_days_before(
    shell: Shell, live_settings: Settings
) -> None:
    (contact,) = await _people(live_settings, 1)
    database = open_database(live_settings.database_url, pool_size=1)
    async with database.transaction() as session:
        for number, (days, total) in enumerate(((12, 40), (2, 60), (1, 30))):
            order = text("""
                INSERT INTO "order" (external_order_id, status, status_at, date, total_cost, currency, source, version,
                                     content_hash, contact_id, store_id)
                VALUES (:id, 'DELIVERED', :at, :at, :total, 'EUR', 'online', 1, '', :contact, 'kyiv')
            """)
            at = datetime.now(UTC) - timedelta(days=days)
            await session.execute(order, {"id": str(number), "at": at, "total": total, "contact": contact})
    await database.close()
    revenue = (await shell.run("reports", "revenue", "--days", 10, "--store", "kyiv", "--compare")).out
    bars = [line.count("█") for line in revenue.splitlines() if "█" in line]
    assert bars == [30, 15]
    assert "EUR: 90 now, 40 from" in revenue
    assert "(+125%)" in revenue
    told = (await shell.run("reports", "customers", "--days", 10, "--by", "day", "--json")).json
    assert sum(row["returning"] for row in told) >= 1
    assert "░" in (await shell.run("reports", "customers", "--days", 10, "--by", "day")).out
    assert "DELIVERED" in (await shell.run("reports", "funnel", "--days", 10)).out
    assert (await shell.run("reports", "transitions", "--store", "lviv")).out == "Nothing in these days.\n"
    assert (await shell.run("recalculate", "--status", "--json")).json == {"state": "none"}
    unknown = await shell.run("automations", "looks", "nobody")
    assert (unknown.code, unknown.out) == (1, "")
