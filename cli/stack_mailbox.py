"""The process of the stack's mailbox: `python -m cli.stack_mailbox SMTP_PORT HTTP_PORT FOLDER`."""

import asyncio
import sys
from pathlib import Path

from cli.mailbox import serve_mailbox
from cli.ports import LOOPBACK

if __name__ == "__main__":
    asyncio.run(
        serve_mailbox(
            smtp_host=LOOPBACK,
            smtp_port=int(sys.argv[1]),
            http_port=int(sys.argv[2]),
            folder=Path(sys.argv[3]),
            ready=lambda _addresses: None,  # the stack sees for itself that it answers
        )
    )
