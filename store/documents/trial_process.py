"""The parent's end of the trial: a child process that answers in time or is stopped."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from store.documents.trial_wire import OUT_OF_MEMORY, Broken, Found, Ready, Work, receive, send

_ROOT: Final = Path(__file__).resolve().parents[2]  # where the package `store` is found
# How a child ends that gets no more memory: Rust aborts, a stack that can't grow is a bad address.
_CRASHES: Final = (-signal.SIGABRT, -signal.SIGSEGV, OUT_OF_MEMORY)
# How the system ends one that has used up the processor's time. Windows has no such limit.
_SPENT: Final = () if sys.platform == "win32" else (-signal.SIGXCPU,)
_STOP_S_MAX: Final = 2.0  # for a child that was told to end; it has nothing to lose


class ChildStopped(Exception):
    """The child ended, was stopped for taking too long, or answered with something else.

    Attributes:
        has_crashed: it ended by itself, as it does at its limit of memory.
        is_spent: it was ended at its limit of the processor's time, which has nothing to do with
            how busy the computer is.
    """

    def __init__(self, why: str, *, has_crashed: bool = False, is_spent: bool = False) -> None:
        """Say how the child ended."""
        super().__init__(why)
        self.has_crashed = has_crashed
        self.is_spent = is_spent


def command(memory_bytes_max: int) -> list[str]:
    """Give the command line of the child.

    `-P`: what is found first is not the folder that the server happens to be started in.
    """
    return [sys.executable, "-P", "-m", "store.documents.trial_child", str(memory_bytes_max)]


class TrialProcess:
    """One child process. Not thread-safe, but `kill` may be called from any thread.

    Attributes:
        holds_documents: it may have some open, of those that it was asked about before.
    """

    def __init__(self, arguments: Sequence[str], *, start_timeout_s: float) -> None:
        """Start the child and wait until it is ready.

        Raises:
            ChildStopped: it can't be started, or isn't ready in time.
        """
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        try:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a panic's message may hold a person's text
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )
        except OSError as error:
            raise ChildStopped(f"it can't be started: {error.strerror}") from error
        self.holds_documents = False
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to_child = self._process.stdin
        self._from_child = self._process.stdout
        with self._limited(start_timeout_s):
            receive(self._from_child, Ready)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the child is gone, for a reason of its own or of the system's."""
        return self._process.poll() is not None

    def ask(self, work: Work, *, timeout_s: float) -> Found:
        """Have documents judged.

        Raises:
            ChildStopped: there is no answer; the child is gone.
        """
        with self._limited(timeout_s):
            send(self._to_child, work)
            found = receive(self._from_child, Found)
            if len(found.docs) != len(work.docs):
                raise Broken("it did not answer for every document")
        self.holds_documents = self.holds_documents or any(each.findings for each in found.docs)
        return found

    def kill(self) -> None:
        """Stop the child at once; an `ask` under way in another thread ends with ChildStopped."""
        self._process.kill()

    def close(self) -> None:
        """Let the child end, or stop it if it doesn't, and release its pipes."""
        try:
            self._to_child.close()
        except OSError:
            self.kill()  # what was not written yet has no reader: it is gone
        try:
            self._process.wait(_STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._from_child.close()

    @contextmanager
    def _limited(self, timeout_s: float) -> Iterator[None]:
        """Stop the child if the block takes longer, or fails."""
        is_late = threading.Event()

        def stop() -> None:
            is_late.set()
            self.kill()

        timer = threading.Timer(timeout_s, stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (Broken, OSError) as error:
            self.kill()
            self.close()
            why = f"it took longer than {timeout_s:g} s" if is_late.is_set() else str(error)
            code = self._process.returncode
            raise ChildStopped(
                f"{why}, exit code {code}",
                has_crashed=code in _CRASHES and not is_late.is_set(),
                is_spent=code in _SPENT,
            ) from error
        finally:
            timer.cancel()
