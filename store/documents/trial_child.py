"""The child process in which strangers' changes are tried. Started by `trial`, spoken to by pipes.

Only here is Automerge let loose on them: a panic, an endless loop or an allocation of all memory
stops this process and nothing else. It holds no file, no connection and no secret.
"""

import os
import signal
import sys
from typing import BinaryIO

from store.documents.judge import BaseUnreadable, Judge
from store.documents.trial_wire import (
    OUT_OF_MEMORY,
    Broken,
    Found,
    FoundDoc,
    Ready,
    Work,
    WorkDoc,
    receive,
    send,
)
from store.domain.ids import DocId


def main(memory_bytes_max: int) -> None:
    """Judge what comes in until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the pipe
    incoming, outgoing = _pipes()
    _limit_memory(memory_bytes_max)
    judge = Judge()
    send(outgoing, Ready())
    while True:
        try:
            work = receive(incoming, Work)
        except Broken:
            return
        _limit_time(work.cpu_s)
        send(outgoing, Found([_found(judge, each) for each in work.docs]))


def _found(judge: Judge, work: WorkDoc) -> FoundDoc:
    try:
        findings = judge.judge(DocId(work.doc), work.new, work.base)
    except BaseUnreadable as error:
        return FoundDoc(unreadable=str(error))
    if findings is None:
        return FoundDoc(needs_base=True)
    return FoundDoc(findings=[(each.hash, each.reason) for each in findings])


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the frames, so that nothing printed can get between these."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return incoming, outgoing


if sys.platform == "win32":

    def _limit_memory(bytes_max: int) -> None:
        """Windows has no such limits for a process of its own; the parent's clock remains."""

    def _limit_time(seconds: int) -> None:
        """See `_limit_memory`."""

else:
    import resource

    def _limit_memory(bytes_max: int) -> None:
        """Let allocations fail beyond this, and leave no core dump of a stranger's text."""
        _limit(resource.RLIMIT_CORE, 0)
        if sys.platform != "darwin":  # macOS refuses this limit
            _limit(resource.RLIMIT_AS, bytes_max)

    def _limit_time(seconds: int) -> None:
        """Let the system stop this process after so much more CPU time."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)

    def _limit(what: int, value: int) -> None:
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(what, (value, hard))


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except MemoryError:  # Automerge aborts the process instead
        os._exit(OUT_OF_MEMORY)
