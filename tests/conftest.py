"""What all tests share: where their files lie.

Homes are synced to the disk at every commit, which is what the product promises and what makes a
thousand of them slow. Tests that are not about the disk keep theirs in memory where the system has
such a place.
"""

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")

if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and "CAIRN_TEST_TEMP" not in os.environ:
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)
    tempfile.tempdir = str(_MEMORY)
