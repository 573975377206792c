"""What several tests use stands in a conftest or a module of help, never in a module of tests.

A module of tests that another one imports is run by two names, and says two things at once.
"""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def taken_from_tests(module: Path) -> list[str]:
    """Name the modules of tests that a module imports from."""
    imported = (
        node.module or ""
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    )
    return [name for name in imported if name.rpartition(".")[2].startswith("test_")]


def test_no_module_of_tests_is_imported_by_another() -> None:
    modules = [path for path in TESTS.rglob("*.py") if "node_modules" not in path.parts]

    assert len(modules) > 300
    found = {str(path.relative_to(TESTS)): taken_from_tests(path) for path in modules}
    assert {path: names for path, names in found.items() if names} == {}
