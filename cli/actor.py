"""Who works at the command line, as the audit log names them."""

import getpass
import os


def cli_actor() -> str:
    """`cli:<os user>`; the number of a user who has no name, as in a container."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"cli:{os.getuid()}"
