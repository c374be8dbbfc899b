"""VDSM's hook runner: which scripts, in which environment, and what their exit codes do."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from lab.vdsm.hooks import HOOKING_FOLDER, HookError, HookRun, VmConfiguration, run_here, run_hooks

VM = VmConfiguration("5a9f1d0c-7a33-4b0e-9d2c-000000000001", {"shared": "vm", "vm_only": "1"})


def script(folder: Path, name: str, *lines: str, mode: int = 0o755) -> Path:
    """An executable shell script."""
    path = folder / name
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(mode)
    return path


def test_without_scripts_the_data_comes_back_untouched(tmp_path: Path) -> None:
    """Whether the folder is empty or missing; not even the properties are looked at."""
    bad = {"key": 1}
    assert run_hooks(tmp_path, "<x/>", bad) == HookRun("<x/>")  # type: ignore[arg-type]
    assert run_hooks(tmp_path / "missing", "<x/>") == HookRun("<x/>")


def test_regular_executable_files_are_run_sorted_by_name(tmp_path: Path) -> None:
    """No other file, no dot file, nothing in a subfolder."""
    for name in ("50_b", "10_c", "after"):
        script(tmp_path, name, f'printf {name}, >> "$_hook_domxml"')
    script(tmp_path, "20_module.py", "exit 2", mode=0o644)
    script(tmp_path, ".hidden", "exit 2")
    (tmp_path / "30_folder").mkdir()
    script(tmp_path / "30_folder", "x", "exit 2")
    assert run_hooks(tmp_path, "").data_or_error() == "10_c,50_b,after,"


def test_the_device_s_properties_then_the_vm_s_over_them(tmp_path: Path) -> None:
    """And ours below both."""
    script(tmp_path, "x", 'echo "$shared $vm_only $device_only $vmId $PYTHONPATH $HOME" > "$_hook_domxml"')
    device = {"shared": "device", "device_only": "2", "HOME": "/elsewhere"}
    said = run_hooks(tmp_path, "", device, VM).data_or_error().split()
    python_path = f"{os.environ.get('PYTHONPATH', '')}:{HOOKING_FOLDER}"
    assert said == ["vm", "1", "2", VM.vm_id, python_path, "/elsewhere"]


def test_a_vm_s_property_may_be_named_as_anything(tmp_path: Path) -> None:
    """So hooks cannot trust what they find; only vmId is VDSM's own."""
    script(tmp_path, "x", 'echo "$vnic_id $vmId" > "$_hook_domxml"')
    vm = VmConfiguration("the-id", {"vnic_id": "forged", "vmId": "forged"})
    assert run_hooks(tmp_path, "", {"vnic_id": "true"}, vm).data.split() == ["forged", "the-id"]


def test_a_property_that_is_no_string_breaks_vdsm(tmp_path: Path) -> None:
    """Before any script runs."""
    script(tmp_path, "x", "exit 0")
    with pytest.raises(TypeError, match="FROM_SNAPSHOT"):
        run_hooks(tmp_path, "", {"FROM_SNAPSHOT": True})  # type: ignore[dict-item]


def test_the_data_lies_in_a_file_of_mode_0600_that_vanishes(tmp_path: Path) -> None:
    """Its path is in _hook_domxml, or in _hook_json."""
    seen = tmp_path / "seen"
    folder = tmp_path / "event"
    folder.mkdir()
    script(folder, "x", f'echo "$_hook_json ${{_hook_domxml-none}} $(stat -c %a "$_hook_json")" > {seen}')
    run_hooks(folder, "{}", kind="json")
    path, other, mode = seen.read_text().split()
    assert (other, int(mode, 8)) == ("none", stat.S_IRUSR | stat.S_IWUSR)
    assert not Path(path).exists()


def test_what_one_script_writes_is_the_next_one_s_input(tmp_path: Path) -> None:
    """Through the same file."""
    script(tmp_path, "1", 'tr a b < "$_hook_domxml" > "$_hook_domxml.new"; cat "$_hook_domxml.new" > "$_hook_domxml"')
    script(tmp_path, "2", 'sed -i s/b/c/ "$_hook_domxml"; rm -f "$_hook_domxml.new"')
    assert run_hooks(tmp_path, "aa").data_or_error() == "cb"


def test_a_script_has_no_argument_and_starts_in_the_root_folder(tmp_path: Path) -> None:
    """argv is the script alone."""
    script(tmp_path, "x", 'echo "$# $(pwd)" > "$_hook_domxml"')
    assert run_hooks(tmp_path, "").data == "0 /\n"


@pytest.mark.parametrize(
    ("ending", "runs_on"),
    [("exit 0", True), ("exit 1", True), ("exit 2", False), ("exit 3", True), ("kill -9 $$", True)],
)
def test_only_exit_code_2_stops_the_rest(tmp_path: Path, ending: str, runs_on: bool) -> None:
    """All others but 0 are errors that let the next script run."""
    script(tmp_path, "1", "echo one >&2", ending)
    script(tmp_path, "2", 'echo ran > "$_hook_domxml"')
    ran = run_hooks(tmp_path, "")
    assert (ran.data == "ran\n") is runs_on
    assert ran.errors == (() if ending == "exit 0" else ("one\n",))


def test_the_engine_is_told_the_last_script_s_words(tmp_path: Path) -> None:
    """Be it one that went well: after exit code 1 the reason is lost."""
    script(tmp_path, "1", "echo the reason >&2", "exit 1")
    script(tmp_path, "2", "echo all is well >&2")
    with pytest.raises(HookError, match=r"^all is well\n$"):
        run_hooks(tmp_path, "").data_or_error()


def test_with_exit_code_2_the_words_are_the_failing_script_s(tmp_path: Path) -> None:
    """Which is why a hook should use it."""
    script(tmp_path, "1", "echo the reason >&2", "exit 2")
    script(tmp_path, "2", "echo all is well >&2")
    with pytest.raises(HookError, match=r"^the reason\n$"):
        run_hooks(tmp_path, "").data_or_error()


def test_an_unexpected_exit_code_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """In VDSM's log."""
    script(tmp_path, "x", "exit 7")
    assert run_hooks(tmp_path, "").errors == ("",)
    assert "unexpected return code 7" in caplog.text


def test_broken_data_is_handed_on(tmp_path: Path) -> None:
    """VDSM does not look at it here."""
    script(tmp_path, "x", 'printf "<broken" > "$_hook_domxml"')
    assert run_hooks(tmp_path, "<x/>").data_or_error() == "<broken"


def test_a_script_without_a_first_line_is_a_shell_script(tmp_path: Path) -> None:
    """To taskset(1), which VDSM starts every script with; the kernel alone would refuse it."""
    path = tmp_path / "x"
    path.write_text('echo ran > "$_hook_domxml"; exit 0\n')
    path.chmod(0o755)
    assert run_hooks(tmp_path, "").data_or_error() == "ran\n"


def test_a_script_whose_interpreter_is_missing_fails(tmp_path: Path) -> None:
    """With taskset's own exit code; VDSM itself goes on."""
    path = tmp_path / "x"
    path.write_text("#!/nonexistent\n")
    path.chmod(0o755)
    with pytest.raises(HookError, match="No such file"):
        run_hooks(tmp_path, "").data_or_error()


def test_words_in_no_encoding_are_told_all_the_same(tmp_path: Path) -> None:
    """VDSM logs bytes."""
    script(tmp_path, "x", r"printf '\377' >&2", "exit 2")
    assert run_hooks(tmp_path, "").last_words == r"\xff"


def test_the_runner_may_execute_elsewhere(tmp_path: Path) -> None:
    """In a host of the lab the folder has another path."""
    script(tmp_path, "x", 'echo elsewhere > "$_hook_domxml"')
    link = tmp_path.with_name("inside")
    link.symlink_to(tmp_path)
    asked: list[str] = []

    def recording(argv: Sequence[str], env: Mapping[str, str], timeout: float) -> subprocess.CompletedProcess[str]:
        asked.extend(argv)
        return run_here(argv, env, timeout)

    assert run_hooks(tmp_path, "", run=recording, seen_as=link).data == "elsewhere\n"
    assert asked[-1] == str(link / "x")
