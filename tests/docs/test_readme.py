"""README.md: its commands do what it says."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.page import ROOT, code, pages
from tests.service import Service

README = ROOT / "README.md"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """With its data in a folder `data` and no configuration, as `make run` has it."""
    running = Service(tmp_path, "").start()
    yield running
    running.stop()


def test_the_first_steps_work(service: Service) -> None:
    """The shell commands below `make run`, as they stand, against the real service."""
    (script,) = code(README, "sh")
    commands = script.replace("http://127.0.0.1:9696", service.url)
    assert commands != script
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], cwd=service.folder, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    subnet, network, port, plug = [json.loads(line) for line in ran.stdout.splitlines() if line]
    assert subnet["subnet"]["network_id"] == network["network"]["id"]
    assert port["port"]["fixed_ips"][0]["ip_address"] == "10.0.0.2"
    assert plug["plug"]["vlan"] == network["network"]["provider:segmentation_id"] == 100


def test_the_targets_that_are_named_are_there() -> None:
    """Every `make something` of any page."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in pages():
        named = set(re.findall(r"`(?:sudo )?make ([a-z-]+)", page.read_text()))
        assert named <= targets, f"{page.name} names {named - targets}"
    assert {"demo", "test"} <= set(re.findall(r"make ([a-z]+)", "".join(code(README, "bash"))))


def test_every_folder_is_on_the_map() -> None:
    """A folder that git knows and README does not."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {line.partition("/")[0] for line in tracked.splitlines() if "/" in line}
    assert {folder for folder in folders if f"| `{folder}/` |" not in README.read_text()} == set()
