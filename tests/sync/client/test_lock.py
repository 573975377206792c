"""One engine per home, by a lock that ends with its process."""

import subprocess
import sys
from pathlib import Path

from sync.client.lock import EngineLock

HOLD = """
import sys
from pathlib import Path
from sync.client.lock import EngineLock

lock = EngineLock(Path(sys.argv[1]))
print("held" if lock.acquire() else "refused", flush=True)
sys.stdin.read()
"""


def _holder(home: Path) -> "subprocess.Popen[str]":
    root = Path(__file__).parents[3]
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    )


def test_a_second_lock_in_the_same_process_is_refused(tmp_path: Path) -> None:
    first, second = EngineLock(tmp_path), EngineLock(tmp_path)

    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_taking_and_giving_back_twice_is_harmless(tmp_path: Path) -> None:
    lock = EngineLock(tmp_path)

    with lock:
        assert lock.acquire()
        assert lock.acquire()
    lock.release()

    assert not lock.is_held
    assert EngineLock(tmp_path).acquire()


def test_homes_do_not_lock_each_other(tmp_path: Path) -> None:
    (tmp_path / "alice").mkdir()
    (tmp_path / "bob").mkdir()

    with EngineLock(tmp_path / "alice") as alice, EngineLock(tmp_path / "bob") as bob:
        assert alice.acquire()
        assert bob.acquire()


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    with _holder(tmp_path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        lock = EngineLock(tmp_path)
        assert not lock.acquire()

        holder.kill()
        holder.wait(10)

    assert lock.acquire()
    lock.release()
