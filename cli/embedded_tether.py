"""Turns into another command whose life is tied to its parent's.

`cli.embedded_process` runs this file with a bare interpreter, so it imports nothing of ours. The kernel then signals
the command when the parent dies, however it dies; where the kernel cannot (macOS), the next start ends what was left.

Arguments: the parent's pid, the signal at its death, the uid and gid to run as (or -1), the command and its arguments.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(parent: int, death_signal: int, uid: int, gid: int, command: list[str]) -> None:
    """Replace this process by the command."""
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # the interpreter ignores it, and that would outlive the exec
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal)  # after setuid, which would clear it
    if os.getppid() != parent:
        sys.exit("the parent died first")
    os.execv(command[0], command)  # noqa: S606  the command comes from our own code


if __name__ == "__main__":
    parent, death_signal, uid, gid = map(int, sys.argv[1:5])
    main(parent, death_signal, uid, gid, sys.argv[5:])
