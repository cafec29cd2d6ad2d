"""What cannot be written, to a disk or to whoever reads the output, is told: exit 4, or 2."""

from __future__ import annotations

import json
import os
import shlex
import stat
from pathlib import Path

import pytest
import requests

from tck.report import FILES

from .running import KIT, PROJECT, PYTEST, Ended, Start, run, served, together

RECORDING = str(PROJECT / "tests" / "recordings" / "apache-deltacloud-mock.jsonl")
FEW = ("--profile", "smoke", "-k", "entry_point")
COMMANDS = {
    "run": ("run", *FEW, "--report-dir", "{folder}/reports"),
    "dry run": ("run", *FEW, "--dry-run"),
    "validate": ("validate", RECORDING),
    "compare": ("compare", "reports/sample", "reports/sample"),
    "requirements": ("requirements", "list"),
    "list": ("serve", "--list-faults"),
    "serve": ("serve", "--port", "0"),
    "prove": ("prove", "--variant", "json-in-other-order", "--report-dir", "{folder}/proof"),
    "docs": ("docs", "--out", "{folder}/site"),
    "sign": ("sign", "--new-key", "{folder}/key.pem"),
    "help": ("run", "--help"),
    "version": ("--version",),
}
CREDENTIALS = ("--user", "mockuser", "--password", "mockpassword")
WAYS = {
    "closed": (">&-", "Bad file descriptor"),
    "gone": ("| true", "Broken pipe"),
    "both full": ("> /dev/full 2> /dev/full", ""),
    "both closed": (">&- 2>&-", ""),
}


def redirected(command: tuple[str, ...], redirection: str, folder: Path) -> Start:
    """A command with its output redirected by a shell, which keeps its exit code in a file."""
    folder.mkdir(exist_ok=True)
    line = shlex.join(word.format(folder=folder) for word in command)
    keep = f"echo $? > {shlex.quote(str(folder / 'code'))}"
    piped = redirection.startswith("|")
    script = f"{{ {line}; {keep}; }} {redirection}" if piped else f"{line} {redirection}; {keep}"
    return Start(("sh", "-c", script), folder=PROJECT)


def code_of(folder: Path) -> int:
    return int((folder / "code").read_text("utf-8"))


def test_output_to_a_full_disk_is_told(tmp_path: Path) -> None:
    commands = {
        name: redirected((*KIT, *command), "> /dev/full", tmp_path / name)
        for name, command in COMMANDS.items()
    }
    for name, ended in together(commands).items():
        assert code_of(tmp_path / name) == 4, (name, ended)
        assert "cannot write to stdout: No space left on device" in ended.err, name
        assert "Traceback" not in ended.err, name
    assert (tmp_path / "run" / "reports" / "results.json").exists()
    assert (tmp_path / "docs" / "site" / "index.html").exists()


def test_output_that_nobody_reads_is_told(tmp_path: Path) -> None:
    commands = {
        f"{name} {way}": redirected((*KIT, *COMMANDS[name]), how, tmp_path / f"{name} {way}")
        for name in ("run", "requirements")
        for way, (how, _) in WAYS.items()
    }
    for name, ended in together(commands).items():
        assert code_of(tmp_path / name) == 4, (name, ended)
        assert WAYS[name.partition(" ")[2]][1] in ended.err
        assert "Traceback" not in ended.told, name


@pytest.mark.parametrize("processes", ["0", "2"])
def test_pytest_tells_it_too(processes: str, tmp_path: Path) -> None:
    few = ("--persona", "mock", *FEW, "-n", processes, "--report-dir", "{folder}/reports")
    ended = run(redirected((*PYTEST, *few), "> /dev/full", tmp_path))
    assert code_of(tmp_path) == 4, ended
    assert ended.err == "cannot write to stdout: No space left on device\n"
    assert (tmp_path / "reports" / "results.json").exists()


def test_streams_that_are_not_used_may_be_closed(tmp_path: Path) -> None:
    ended = run(redirected((*KIT, "requirements", "list"), "2>&- <&-", tmp_path))
    assert code_of(tmp_path) == 0
    assert ended.out.startswith("DC-")


# ---------------------------------------------------------------- places


def places(folder: Path) -> dict[str, tuple[Path, str]]:
    """Folders in which no report can be written, with the reason that is told."""
    (folder / "elsewhere").mkdir()
    (folder / "link").symlink_to(folder / "elsewhere")
    (folder / "file").touch()
    (folder / "taken" / "results.json").mkdir(parents=True)
    return {
        "link": (folder / "link", "is a symbolic link to"),
        "file": (folder / "file", "is not a folder"),
        "below a file": (folder / "file" / "reports", "Not a directory"),
        "taken": (folder / "taken", "results.json is a folder"),
    }


def test_a_place_that_is_no_good_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    commands = {
        "run": (*KIT, "run", *FEW, "--report-dir"),
        "pytest": (*PYTEST, "--persona", "mock", *FEW, "--report-dir"),
        "processes": (*PYTEST, "--persona", "mock", *FEW, "-n", "2", "--report-dir"),
        "validate": (*KIT, "validate", RECORDING, "--report-dir"),
    }
    wrong = places(tmp_path)
    told = [("run", place) for place in wrong] + [(name, "link") for name in commands]
    starts = {f"{n} {p}": Start((*commands[n], str(wrong[p][0]))) for n, p in told}
    for name, ended in together(starts).items():
        assert ended.code == 2, (name, ended)
        assert wrong[name.partition(" ")[2]][1] in ended.told
        assert "Traceback" not in ended.told
        assert "Verdict" not in ended.told
    assert os.listdir(tmp_path / "elsewhere") == []


@pytest.mark.parametrize("more", [(), ("-n", "2", "--max-live", "2")], ids=["alone", "processes"])
def test_only_the_folder_of_the_report_is_written_to(more: tuple[str, ...], tmp_path: Path) -> None:
    """A run leaves nothing in the working directory, nor where temporary files go."""
    work, temporary = tmp_path / "work", tmp_path / "tmp"
    for folder in (work, temporary):
        folder.mkdir()
    extra = {"TMPDIR": str(temporary)}
    command = (*KIT, "run", "-k", "keys", "--report-dir", "r", *more)
    ended = run(Start(command, extra, work))
    assert ended.code == 0, ended.told
    assert os.listdir(work) == ["r"]
    assert os.listdir(temporary) == []
    assert sorted(os.listdir(work / "r")) == sorted(FILES)
    for name in set(FILES) - {"badge.svg"}:
        assert stat.S_IMODE((work / "r" / name).stat().st_mode) == 0o600, name


# ---------------------------------------------------------------- full disks


def limited(blocks: int, *command: str, folder: Path) -> Ended:
    """A command whose files cannot become larger than some blocks of 512 bytes."""
    script = f'ulimit -f {blocks}; exec "$@"'
    return run(Start(("sh", "-c", script, "sh", *command), folder=folder))


@pytest.mark.parametrize(
    ("blocks", "missing"),
    [
        (8, {"results.json", "report.html", "junit.xml"}),
        (400, {"transcript.har"}),
    ],
)
def test_a_full_disk_does_not_hide_the_verdict(
    blocks: int, missing: set[str], tmp_path: Path
) -> None:
    ended = limited(blocks, *KIT, "run", "-k", "keys", "--report-dir", "r", folder=tmp_path)
    assert ended.code == 4, ended.told
    assert "Verdict: conformant" in ended.out
    assert "Traceback" not in ended.told
    for name in missing:
        assert f"r/{name}: File too large" in ended.out
        assert not (tmp_path / "r" / name).exists()
    assert not list((tmp_path / "r").glob("*.part"))
    if "results.json" not in missing:
        value = json.loads((tmp_path / "r" / "results.json").read_text("utf-8"))
        assert value["summary"]["verdict"] == "conformant"


def test_a_full_disk_is_told_by_every_process(tmp_path: Path) -> None:
    command = (*PYTEST, "--persona", "full", "-n", "2", "-k", "keys", "--report-dir", "r")
    ended = limited(100, *command, "--alluredir", "a", folder=tmp_path)
    assert ended.code == 4, ended.told
    assert "Verdict: conformant" in ended.out
    for part in ("gw0", "gw1"):
        assert f"Not written: r/transcript.jsonl.{part}.part: File too large" in ended.out


def test_a_full_disk_ends_no_check_of_allure(tmp_path: Path) -> None:
    ended = limited(
        1, *KIT, "run", "-k", "keys", "--report-dir", "r", "--alluredir", "a", folder=tmp_path
    )
    assert ended.code == 4, ended.told
    assert "Verdict: conformant" in ended.out
    assert "Not written: a: File too large" in ended.out
    assert "Traceback" not in ended.told


def test_what_cannot_be_written_down_is_not_created(tmp_path: Path) -> None:
    """The journal is full after some creates: no more are sent, and what there is is removed."""

    def keys() -> str:
        return requests.get(f"{server.url}/keys", auth=("mockuser", "mockpassword"), timeout=9).text

    with served() as server:
        before = keys()
        command = (*KIT, "run", "--endpoint", server.url, "-k", "keys", "--report-dir", "r")
        ended = limited(6, *command, *CREDENTIALS, folder=tmp_path)
        assert keys() == before
    assert ended.code == 4, ended.told
    assert "Verdict: " in ended.out
    assert "Traceback" not in ended.told
    assert any(line.startswith("Not written: r/journal-") for line in ended.out.splitlines())
    assert any("POST /api/keys" in line for line in server.log)
    assert not list((tmp_path / "r").glob("journal-*"))


@pytest.mark.parametrize(
    "command",
    [
        ("validate", RECORDING, "--report-dir", "out"),
        ("validate", RECORDING, "--json", "out.json"),
        ("docs", "--out", "out"),
        ("compare", "{project}/reports/sample", "{project}/reports/sample", "--html", "out.html"),
    ],
)
def test_other_commands_tell_of_a_full_disk(command: tuple[str, ...], tmp_path: Path) -> None:
    words = [word.format(project=PROJECT) for word in command]
    ended = limited(2, *KIT, *words, folder=tmp_path)
    assert ended.code == 4, ended.told
    assert "File too large" in ended.err
    assert "Traceback" not in ended.told
