"""The trial's child process: it answers, or it is stopped, and stopping is no verdict."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest

from store.documents.initial import initial_changes
from store.documents.inspect import inspect_change
from store.documents.schema import genesis_hash, genesis_ops, object_ids
from store.documents.trial import (
    ROUND_BYTES_MAX,
    TrialDoc,
    TrialLoader,
    TrialUnavailable,
    TrialVerdict,
)
from store.domain.ids import DocId, new_doc_id
from tests.documents.changes import (
    ALICE,
    ALICE_AT_NOON,
    NOTE,
    TASK,
    forged,
    opened,
    puts_of_one_key,
    raw_of,
    scalar,
    titled,
)

OK = TrialVerdict(ok=True)
GAP = "It does not follow its author's change before it."


@pytest.fixture(name="loader", scope="module")
def _loader() -> Iterator[TrialLoader]:
    with TrialLoader() as loader:
        yield loader


def chain(length: int, doc: DocId = NOTE) -> list[bytes]:
    document = opened(doc)
    raws = []
    for number in range(length):
        with document.transaction() as transaction:
            transaction.put(b"\x00", "n", *scalar(number))
        raws.append(raw_of(document))
    return raws


def long_note(characters: int) -> list[bytes]:
    return initial_changes(
        deps=(genesis_hash(NOTE),),
        start_op=genesis_ops(NOTE) + 1,
        actor=ALICE,
        objects=object_ids(NOTE),
        fields={},
        map_entries={},
        text="climbing " * (characters // 9),
        stamp=ALICE_AT_NOON,
    )


def slow_changes(count: int) -> list[bytes]:
    """Forge changes that each write to one key as often as is allowed: together they take long."""
    raws: list[bytes] = []
    deps, start_op = [genesis_hash(NOTE)], genesis_ops(NOTE) + 1
    for seq in range(1, count + 1):
        raws.append(forged(puts_of_one_key(100), deps=deps, seq=seq, start_op=start_op))
        deps, start_op = [inspect_change(raws[-1]).hash], start_op + 100
    return raws


def none_stored(doc: DocId) -> Sequence[bytes]:
    raise AssertionError(f"nobody needs the stored changes of {doc}")


def child_that(*lines: str) -> list[str]:
    """Give the command line of a child that speaks the trial's language, and then does this."""
    program = [
        "import sys",
        "from store.documents.trial_wire import *",
        "pipe, out = sys.stdin.buffer, sys.stdout.buffer",
        *lines,
    ]
    return [sys.executable, "-c", "\n".join(program)]


IS_READY = "send(out, Ready())"
SAYS_NOTHING = "while pipe.read(1): pass"


# -- verdicts ---------------------------------------------------------------------------------


def test_a_good_change_passes_and_a_bad_one_says_why(loader: TrialLoader) -> None:
    gap = forged(puts_of_one_key(1), seq=2)
    assert loader.check(NOTE, [], [titled("rope"), gap]) == (OK, TrialVerdict(False, GAP))


def test_verdicts_of_a_batch_are_found_by_the_hash_of_the_change(loader: TrialLoader) -> None:
    gap = forged(puts_of_one_key(1), seq=2)
    rope, axe = titled("rope"), titled("axe", TASK)
    docs = [TrialDoc(NOTE, [rope, gap]), TrialDoc(TASK, [axe])]
    assert loader.check_batch(docs, none_stored) == {
        inspect_change(rope).hash: None,
        inspect_change(axe).hash: None,
        inspect_change(gap).hash: GAP,
    }


def test_an_empty_batch_starts_nothing() -> None:
    with TrialLoader(arguments=["/nonexistent"]) as loader:
        assert loader.check_batch([], none_stored) == {}


def test_many_new_documents_are_judged_without_asking_for_what_is_stored(
    loader: TrialLoader,
) -> None:
    docs = [new_doc_id("task", n.to_bytes(16, "big")) for n in range(600)]
    batch = [TrialDoc(doc, [titled("rope", doc)]) for doc in docs]
    verdicts = loader.check_batch(batch, none_stored)
    assert len(verdicts) == 600
    assert set(verdicts.values()) == {None}


def test_what_is_stored_is_asked_for_once_and_then_kept_open(loader: TrialLoader) -> None:
    doc = new_doc_id("note", b"asked for once..")
    raws = chain(5, doc)
    asked = []

    def stored(asked_for: DocId) -> Sequence[bytes]:
        asked.append(asked_for)
        return raws[:2]

    for number in (2, 3, 4):
        verdicts = loader.check_batch([TrialDoc(doc, [raws[number]])], stored)
        assert list(verdicts.values()) == [None]
    assert asked == [doc]


def test_a_note_of_several_changes_passes(loader: TrialLoader) -> None:
    raws = long_note(120_000)
    assert len(raws) == 3
    assert loader.check(NOTE, [], raws) == (OK, OK, OK)


def test_questions_from_several_threads_wait_for_each_other(loader: TrialLoader) -> None:
    found: dict[int, Sequence[TrialVerdict]] = {}

    def ask(number: int) -> None:
        doc = new_doc_id("task", number.to_bytes(16, "big"))
        found[number] = loader.check(doc, [], [titled(f"rope {number}", doc)])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(8), (OK,))


def test_the_parent_never_loads_automerge() -> None:
    program = (
        "import sys; from store.documents.trial import TrialLoader;"
        " from store.domain.ids import new_doc_id;"
        " doc = new_doc_id('task', bytes(16));"
        " loader = TrialLoader(); loader.check(doc, [], [b'junk']); loader.close();"
        " sys.exit('automerge' in sys.modules or 'store.documents.binding' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# -- what stops the child ---------------------------------------------------------------------


def test_changes_that_take_too_long_are_no_verdict_and_the_next_question_is_answered() -> None:
    with TrialLoader(request_timeout_s=2.0) as loader:
        with pytest.raises(TrialUnavailable, match="took longer") as stopped:
            loader.check(NOTE, [], slow_changes(1000))
        assert stopped.value.docs == (NOTE,)
        assert stopped.value.outgrown == ()  # on a better day there may be time for it
        assert loader.check(TASK, [], [titled("rope", TASK)]) == (OK,)


def test_a_document_that_alone_takes_too_much_memory_is_named_and_others_pass() -> None:
    """Only Linux can limit the memory of one process; elsewhere all are tried."""
    is_limited = sys.platform == "linux"
    with TrialLoader(memory_bytes_max=200 << 20) as loader:
        assert loader.check(TASK, [], [titled("rope", TASK)]) == (OK,)
        with pytest.raises(TrialUnavailable) if is_limited else nullcontext() as stopped:
            loader.check(NOTE, [], long_note(1_000_000))
        assert stopped is None or stopped.value.outgrown == (NOTE,)
        assert loader.check(TASK, [], [titled("rope", TASK)]) == (OK,)


def test_a_document_that_alone_takes_too_much_of_the_processor_is_named_and_others_pass() -> None:
    """However busy the computer is: that is no reason to name one. Windows has no such limit."""
    is_limited = sys.platform != "win32"
    with TrialLoader(request_cpu_s=1) as loader:
        assert loader.check(TASK, [], [titled("rope", TASK)]) == (OK,)
        with pytest.raises(TrialUnavailable) if is_limited else nullcontext() as stopped:
            loader.check(NOTE, [], slow_changes(500))
        assert stopped is None or stopped.value.outgrown == (NOTE,)
        assert loader.check(TASK, [], [titled("rope", TASK)]) == (OK,)


def test_documents_asked_about_along_with_such_a_one_are_not_named() -> None:
    """Which of them was at fault, only asking about each alone can tell."""
    crashes = child_that(IS_READY, "receive(pipe, Work)", "import os; os.abort()")
    docs = [TrialDoc(NOTE, [titled("rope")]), TrialDoc(TASK, [titled("axe", TASK)])]
    with TrialLoader(arguments=crashes) as loader:
        with pytest.raises(TrialUnavailable) as stopped:
            loader.check_batch(docs, none_stored)
        assert (stopped.value.docs, stopped.value.outgrown) == ((NOTE, TASK), ())


def test_a_child_that_had_documents_open_is_not_believed_to_have_crashed_for_this_one(
    tmp_path: Path,
) -> None:
    """What it had open took memory too: another child answers, which has nothing else."""
    crashed_once = str(tmp_path / "crashed")
    answers = "send(out, Found([FoundDoc(findings=[(b'', None)])]))"
    child = child_that(
        IS_READY,
        "receive(pipe, Work)",
        answers,
        "receive(pipe, Work)",
        f"import os; os.path.exists({crashed_once!r}) or (open({crashed_once!r}, 'x'), os.abort())",
        answers,
    )
    with TrialLoader(arguments=child) as loader:
        assert loader.check(TASK, [], [titled("axe", TASK)]) == (OK,)
        first = loader.pid
        assert loader.check(NOTE, [], [titled("rope")]) == (OK,)
        assert loader.pid != first


def test_a_child_that_was_stopped_while_it_had_nothing_to_do_is_not_missed() -> None:
    with TrialLoader() as loader:
        assert loader.check(NOTE, [], [titled("rope")]) == (OK,)
        first = loader.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        assert loader.check(NOTE, [], [titled("rope")]) == (OK,)
        assert loader.pid != first


def test_what_was_found_before_the_child_stopped_is_kept() -> None:
    incompressible = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(60_000))
    large = titled(incompressible, TASK)
    assert len(large) > ROUND_BYTES_MAX // 2  # so that what follows is asked for by itself
    docs = [TrialDoc(TASK, [large]), TrialDoc(NOTE, slow_changes(800))]
    with TrialLoader(request_timeout_s=2.0) as loader:
        with pytest.raises(TrialUnavailable) as stopped:
            loader.check_batch(docs, none_stored)
        assert stopped.value.docs == (NOTE,)
        assert stopped.value.verdicts == {inspect_change(large).hash: None}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["/nonexistent/python"], "can't be started"),
        (child_that("sys.exit(3)"), "exit code 3"),
        (child_that("out.write(b'hello, world'); out.flush()"), "not ours"),
        (child_that("send(out, Found([]))"), "can't be read"),
        (child_that(IS_READY, "receive(pipe, Work)", "sys.exit(4)"), "exit code 4"),
        (
            child_that(IS_READY, "receive(pipe, Work)", "send(out, Found([]))", SAYS_NOTHING),
            "every document",
        ),
    ],
    ids=["no program", "ends", "babbles", "not ready", "ends on a question", "half an answer"],
)
def test_a_child_that_does_not_answer_as_it_should_is_no_verdict(
    arguments: list[str], why: str
) -> None:
    with TrialLoader(arguments=arguments) as loader, pytest.raises(TrialUnavailable, match=why):
        loader.check(NOTE, [], [titled("rope")])


def test_a_child_that_is_never_ready_is_stopped() -> None:
    with (
        TrialLoader(arguments=child_that(SAYS_NOTHING), start_timeout_s=0.2) as loader,
        pytest.raises(TrialUnavailable, match="took longer"),
    ):
        loader.check(NOTE, [], [titled("rope")])


def test_stored_changes_that_do_not_load_are_no_verdict_on_new_ones(loader: TrialLoader) -> None:
    doc = new_doc_id("note", b"broken in store.")
    raws = chain(3, doc)
    with pytest.raises(TrialUnavailable, match=doc):
        loader.check(doc, [b"junk"], raws[2:])
    assert loader.check(NOTE, [], [titled("rope")]) == (OK,)


# -- the end ----------------------------------------------------------------------------------


def test_closing_ends_a_question_under_way() -> None:
    loader = TrialLoader(arguments=child_that(IS_READY, SAYS_NOTHING))
    failed: list[TrialUnavailable] = []

    def ask() -> None:
        try:
            loader.check(NOTE, [], [titled("rope")])
        except TrialUnavailable as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while loader.pid is None:
        threading.Event().wait(0.01)
    loader.close()
    thread.join(5)
    assert len(failed) == 1


def test_a_closed_loader_has_no_child_and_answers_nothing_any_more() -> None:
    loader = TrialLoader()
    loader.check(NOTE, [], [titled("rope")])
    loader.close()
    loader.close()
    assert loader.pid is None
    with pytest.raises(TrialUnavailable, match="closed"):
        loader.check(NOTE, [], [titled("rope")])
