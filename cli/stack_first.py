"""What the stack needs before its services: `python -m cli.stack_first KEY_FILE LINK_FILE ADMIN`.

The schema, a key unless there is one, a link that opens the console once. It is one process, because each command of
its own would load half of the product once more.
"""

import io
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path

from cli.main import leave, run
from cli.stack_ready import write_secret


def prepare(key_file: Path, link_file: Path, admin: str) -> int:
    """Exit code. Does it all with the settings of the environment."""
    code = run(["migrate"])
    if not code and not key_file.exists():
        code = _keep(key_file, "key", "keys", "create", "--name", "dev")
    return code or _keep(link_file, "link", "users", "link", admin, "--create", "admin")


def _keep(file: Path, name: str, *words: str) -> int:
    """Exit code of a command, one of whose answers is put into a file."""
    told = io.StringIO()
    with redirect_stdout(told):
        code = run([*words, "--json"])
    if not code:
        write_secret(file, json.loads(told.getvalue())[name].encode())
    return code


if __name__ == "__main__":
    leave(prepare(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
