"""The pages: what they point to is there, and what was made from the code is made from the code as it is."""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from ovirt_quantum.api.json import MOST_BYTES
from ovirt_quantum.api.query import MOST_LIMIT
from ovirt_quantum.api.server import Limits
from ovirt_quantum.identity.attempts import ACCOUNT_REFILL_S, CLIENT_REFILL_S, MOST_OF_ACCOUNT, MOST_OF_CLIENT

from docs.attributes import PAGE as API
from docs.attributes import page as made
from tests.docs.page import ROOT, anchors, links, pages, rows, without_code

SOURCE = re.compile(r"`((?:engine_provider|plugins|vdsm_hooks|lab|tests|docs|spec)/[\w./-]+)`")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    """Every link between pages leads to a page, and to a heading of it."""
    for link in links(page):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name} links to {link}, which has no such heading"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_files_that_are_named_are_there(page: Path) -> None:
    """A path in a page that was moved in the code."""
    for path in SOURCE.findall(without_code(page.read_text())):
        assert (ROOT / path).exists(), f"{page.name} speaks of {path}"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_tests_that_are_named_are_there(page: Path) -> None:
    """A page that says "shown by" names a test that exists."""
    for path, name in TEST.findall(page.read_text()):
        assert (ROOT / path).exists(), f"{page.name} speaks of {path}"
        assert f"def {name}(" in (ROOT / path).read_text(), f"{page.name} speaks of {name}, which {path} has not"


def test_continuity_names_its_tests() -> None:
    """Else the test above would prove nothing."""
    assert len(TEST.findall((ROOT / "docs/continuity.md").read_text())) > 10


def test_the_tables_of_the_api_are_up_to_date() -> None:
    """`make docs` writes them."""
    assert API.read_text() == made(API.read_text()), "run `make docs`"


def test_the_bounds_are_those_of_the_code() -> None:
    """What a client may send, and how long it may take."""
    limits = Limits()
    assert [bound for _, bound in rows(API, "Bounds")] == [
        f"{MOST_BYTES // 1024} KiB, within {limits.body_s:.0f} s",
        f"{limits.header_bytes // 1024} KiB, within {limits.headers_s:.0f} s",
        f"{limits.handshake_s:.0f} s",
        f"{limits.idle_s} s",
        f"{limits.silent_s:.0f} s",
        f"{MOST_LIMIT}",
        f"{MOST_OF_ACCOUNT} at once, then one in {ACCOUNT_REFILL_S:.0f} s",
        f"{MOST_OF_CLIENT} at once, then one in {CLIENT_REFILL_S:.0f} s",
    ]


def test_every_error_type_is_documented() -> None:
    """Whatever the service raises with a type of its own."""
    raised = re.compile(r'(?:BadInput|Conflict|Forbidden|Unauthorized|Unavailable|TooLarge|NotFound)\(\s*"(\w+)"')
    sources = sorted((ROOT / "engine_provider").rglob("*.py"))
    types = {kind for source in sources for kind in raised.findall(source.read_text())}
    declared = re.compile(r'not_found: ClassVar\[str\] = "(\w+)"')
    types |= {kind for source in sources for kind in declared.findall(source.read_text())}
    assert len(types) > 40
    assert {kind for kind in types if f"`{kind}`" not in API.read_text()} == set()


def test_every_dependency_is_explained() -> None:
    """Each name that setup.cfg requires is on the page of dependencies."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    lines = setup["options"]["install_requires"].splitlines() + setup["options.extras_require"]["test"].splitlines()
    names = {re.split(r"[=<>\[]", line)[0].strip() for line in lines if line.strip() and not line.startswith("#")}
    explained = (ROOT / "docs/decisions/0001-dependencies.md").read_text()
    assert {name for name in names if f"`{name}`" not in explained} == set()


def test_decisions_are_in_one_form() -> None:
    """Context, decision, what was given up; numbered without a gap."""
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [page.name[:4] for page in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for page in decisions:
        headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
        assert headings[:3] == ["Context", "Decision", "Given up"], page.name
