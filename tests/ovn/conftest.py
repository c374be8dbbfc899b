"""One site for all tests of a file; each test finds it empty."""

from collections.abc import Iterator

import pytest

from tests.ovn.site import Site
from tests.ovn.site import site as made


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made(tmp_path_factory.mktemp("ovn")) as site:
        yield site


@pytest.fixture
def site(one_site: Site) -> Iterator[Site]:
    yield one_site
    one_site.clear()
