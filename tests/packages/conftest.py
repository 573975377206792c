"""The proxies need nginx, Caddy and openssl, a bundle needs objdump. Without, that is told.

`.ci/run` installs them and sets CAIRN_CI, under which their absence fails the tests.
"""

import pytest

from tests.support.needed_tools import missing, told_as_not_run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what can't run here; the report lists it with the reason."""
    proxies = [item for item in items if item.path.stem == "test_proxies"]
    told_as_not_run(proxies, __file__, lambda: missing("nginx", "caddy", "openssl"))
    bundles = [item for item in items if item.path.stem == "test_bundle"]
    told_as_not_run(bundles, __file__, lambda: missing("objdump"))
