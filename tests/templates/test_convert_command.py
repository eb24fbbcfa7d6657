"""`ordercue templates convert`, as people call it."""

import json
from pathlib import Path

from automation.template import parse_template
from tests.shell import Shell


async def test_a_file_becomes_a_template_file_and_the_rest_is_listed(tmp_path: Path) -> None:
    source, target = tmp_path / "old.html", tmp_path / "new.html"
    source.write_text("<p>Hello, %FIRSTNAME|there%</p>\n#if($data.get('x'))y#end\n$x.foo(1)\n", encoding="utf-8")
    code, _, err = await Shell().run(
        "templates", "convert", source, "--subject", "Order $!data.get('id')", "--out", target
    )
    assert code == 0
    assert "old.html: line 3: $x.foo(1): the method foo with 1 arguments has no counterpart" in err
    template = parse_template("new.html", target.read_text(encoding="utf-8"))
    assert template.subject == "Order {{ id }}"
    assert template.html is not None
    assert "{% if x %}y{% endif %}" in template.html


async def test_machines_get_json(tmp_path: Path) -> None:
    source = tmp_path / "old.txt"
    source.write_text("$name", encoding="utf-8")
    code, out, _ = await Shell().run("templates", "convert", source, "--json")
    assert (code, json.loads(out)) == (0, {"template": "{{ name }}", "left": []})
