"""Whatever a user gives to a command: what is wrong with it is one line, and exit code 2."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from certification.submissions import report

from tck.cli import main
from tck.reference_server.drivers import registry

CLOUDS = '[x]\ndriver = "mock"\nuser = {env = "HOME"}\npassword = {env = "HOME"}\n'
JOURNAL = '{"event": "run", "run": "k3j9x0a1b2c3d", "endpoint": "http://127.0.0.1:1/api"}\n'
RECORDING = str(Path(__file__).parents[1] / "recordings" / "apache-deltacloud-extended.jsonl")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run."""
    return report(tmp_path_factory.mktemp("report") / "good")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and nothing in the environment; nothing is begun there."""

    def begun(*_: object, **__: object) -> None:
        raise AssertionError("bad input was taken for good")

    for what in (
        "tck.commands.run.pytest.main",
        "tck.reference_server.serving.Server.serve_forever",
        "tck.prove.campaign.prove",
        "tck.apidocs.pages.examples",
    ):
        monkeypatch.setattr(what, begun)
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("DELTACLOUD"):
            monkeypatch.delenv(name)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *words: str, said: str = "") -> str:
    """The line that a command says about bad input, in which it names what is wrong."""
    code = main(words)
    told = capsys.readouterr()
    assert (code, told.out) == (2, ""), told
    assert told.err.startswith("deltacloud-tck"), told.err
    assert told.err.endswith("\n"), told.err
    line = told.err[:-1]
    assert line.isprintable(), repr(line)
    assert len(line) < 1000
    assert "Error(" not in line
    assert said in line
    return line


# ---------------------------------------------------------------- files

# Commands that read a file, named FILE here.
READING = [
    "validate FILE",
    f"validate {RECORDING} FILE",
    f"validate {RECORDING} --deviations FILE",
    "run --deviations FILE",
    "run --clouds FILE --cloud x",
    "run --prices FILE",
    "cleanup --journal FILE",
    "cleanup --run-id k3j9x0a1b2c3d --clouds FILE --cloud x",
    "compare FILE good",
    "compare good FILE",
    "sign good --key FILE --vendor V --product P",
    "verify good --key FILE",
    "verify good --keys FILE",
    "serve --port 0 --tls-cert FILE --tls-key FILE",
    "serve --port 0 --storage FILE",
]
KINDS = ["absent", "folder", "below", "pipe", "zero", "empty", "binary", "latin", "huge", "loop"]
KINDS += ["long", "control", "locked"]
# A new file to keep objects in is what it is for; an empty journal is of a run that began nothing.
FINE = {("serve --port 0 --storage FILE", kind) for kind in ("absent", "empty", "control")}
FINE |= {("cleanup --journal FILE", kind) for kind in ("empty", "pipe")}


def bad_file(kind: str, folder: Path) -> str:
    """Something that is no right file of any kind."""
    path = folder / "bad"
    match kind:
        case "folder":
            path.mkdir()
        case "below":
            path.write_text("x")
            return "bad/x"
        case "pipe":
            os.mkfifo(path)
        case "zero":
            return "/dev/zero"
        case "empty":
            path.write_bytes(b"")
        case "binary":
            path.write_bytes(bytes(range(256)))
        case "latin":
            path.write_bytes("Schlüssel = 'ä'\n".encode("latin-1"))
        case "huge":
            path.write_bytes(b"")
            os.truncate(path, 1 << 40)
        case "loop":
            path.symlink_to(path)
        case "long":
            return "x" * 300
        case "control":
            return "a\n\x1b[31m\udcff\u202eb"
        case "locked":
            path.write_text("x")
            path.chmod(0)
    return "bad"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", READING)
def test_a_file_that_cannot_be_read(
    command: str, kind: str, good: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if (command, kind) in FINE:
        pytest.skip("that is no mistake")
    if kind == "locked" and os.geteuid() == 0:
        pytest.skip("root may read everything")
    (place / "good").symlink_to(good)
    name = bad_file(kind, place)
    words = [name if word == "FILE" else word for word in command.split()]
    if "compare" in words and kind == "folder":
        name = "bad/results.json"
    refused(capsys, *words, said="" if kind in ("control", "long") else name)


# ---------------------------------------------------------------- folders

WRITING = [
    "run --report-dir DIR",
    "run --alluredir DIR",
    f"validate {RECORDING} --report-dir DIR",
    "prove --fault href-relative --report-dir DIR",
    "docs --out DIR",
]


def bad_folder(kind: str, folder: Path) -> str:
    """A name under which no folder can be written to."""
    path = folder / "bad"
    match kind:
        case "file":
            path.write_text("x")
        case "below":
            path.write_text("x")
            return "bad/x"
        case "device":
            return "/dev/null"
        case "proc":
            return "/proc/none/x"
        case "dangling":
            path.symlink_to(folder / "none")
        case "long":
            return "x" * 300
    return "bad"


@pytest.mark.parametrize("kind", ["file", "below", "device", "proc", "dangling", "long"])
@pytest.mark.parametrize("command", WRITING)
def test_a_folder_that_cannot_be_written_to(
    command: str, kind: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = bad_folder(kind, place)
    refused(capsys, *(name if w == "DIR" else w for w in command.split()), said=name[:200])


@pytest.mark.parametrize("out", ["old", "file/x", "/dev/null", "/dev/null/x"])
def test_a_submission_goes_into_a_new_folder(
    out: str, good: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "old").mkdir()
    (place / "file").write_text("x")
    assert main(["sign", "--new-key", "k.pem"]) == 0
    capsys.readouterr()
    words = ("--key", "k.pem", "--vendor", "V", "--product", "P", "--out", out)
    refused(capsys, "sign", str(good), *words, said=out)


@pytest.mark.parametrize("option", ["--vendor", "--product", "--contact"])
@pytest.mark.parametrize("text", ["\udcff", "a\nb", "\x1b[31m"])
def test_what_is_signed_can_be_read(
    option: str, text: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sign", "x", "--key", "k.pem", "--vendor", "V", "--product", "P", option, text]
    refused(capsys, *words, said=option)


# ---------------------------------------------------------------- numbers

NUMBERS = ["²", "-1", "", "x", "1e999", "nan", "inf", "9" * 5000, "0x10", "1,5", "\x1b"]
COUNTS = [
    "run --max-requests N",
    "run --max-live N",
    "run --max-blob-size N",
    "run --limit depth=N",
    "run -n N",
    "prove -n N --fault href-relative",
    "serve --port N",
    "serve --transition-polls N",
    "serve --blob-limit N",
]
AMOUNTS = [
    "run --max-seconds N",
    "run --max-cost N",
    "run --rate N",
    "run --endpoint-timeout N",
    "serve --transition-time N",
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("command", [*COUNTS, *AMOUNTS, "run --seed N"])
def test_what_is_no_number(
    command: str, number: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if number == "-1" and "--seed" in command:
        pytest.skip("a seed may be any whole number")
    option = next(word for word in command.split() if word.startswith("-"))
    refused(capsys, *(w.replace("N", number) for w in command.split()), said=option)


@pytest.mark.parametrize("command", ["run -n 99999", "prove -n 99999 --fault href-relative"])
def test_more_processes_than_any_machine_has(
    command: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(capsys, *command.split(), said="-n")


# ---------------------------------------------------------------- URLs

URLS = [
    "", " ", "x", "host", "host:3001/api", "/api", "//host/api", "http:", "http://", "http:///api",
    "http://[", "http://[::1", "http://[x]/api", "http://host:99999/", "http://host:0/", "http://h:²/",
    "http://h:x/api", "http://h:-1/", "ftp://host/api", "file:///etc/passwd", "javascript:alert(1)",
    "http://a b/api", "http://h/a b", "http://h/a\tb", "http://h\n/api", "http://h/\x1b[31m",
    "http://h/\udcff", "http://\udcff/", "http://u:p@h/api", "http://u@h/api", "http://:p@h/api",
    "http://h/api?format=xml", "http://h/api#top", "http://*/api", "http://.h/api", "http://h..h/api",
    "http://" + "a" * 70 + "/api", "http://%/api", "http://h\\@elsewhere/api", "HTTP//h/api",
]  # fmt: skip


@pytest.mark.parametrize("command", ["run --endpoint", "cleanup --run-id k3j9x0a1b2c3d --endpoint"])
@pytest.mark.parametrize("url", URLS)
def test_what_is_no_url(
    url: str, command: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(capsys, *command.split(), url)


@pytest.mark.parametrize("url", URLS[1:])
def test_what_is_no_url_of_a_cloud(
    url: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quoted = url.encode("unicode_escape").decode()
    (place / "clouds.toml").write_text(CLOUDS + f'endpoint = "{quoted}"\n', "utf-8")
    refused(capsys, "run", "--cloud", "x", said="cloud")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "HTTP://127.0.0.1:1/api/", "http://[::1]:1/"]
)
def test_what_is_a_url(url: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--endpoint", url]) == 3
    assert "cannot connect" in capsys.readouterr().err


# ---------------------------------------------------------------- names

NAMES = [
    "",
    " ",
    "x",
    "ec3",
    "../x",
    "²",
    "\x1b[31m",
    "a\nb",
    "\udcff",
    "x" * 5000,
    "*",
    "%s",
    "{0}",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "command",
    [
        "run --persona NAME",
        "run --profile NAME",
        "run --cloud NAME --clouds clouds.toml",
        "run -k (NAME",
        "run --limit NAME=5",
        "cleanup --run-id NAME",
        "serve --driver NAME",
        "serve --port 0 --fault NAME",
        "serve --port 0 --variant NAME",
        "serve --port 0 --host 256.256.256.NAME",
        "prove --fault NAME",
        "prove --variant NAME",
        "requirements explain NAME",
        "requirements list --area NAME",
        "requirements list --level NAME",
        "NAME",
        "validate --NAME",
    ],
)
def test_what_is_no_name(
    command: str, name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "clouds.toml").write_text(CLOUDS.replace("[x]", "[y]"), "utf-8")
    refused(capsys, *(word.replace("NAME", name) for word in command.split()))


def test_the_names_above_are_none() -> None:
    assert not set(NAMES) & set(registry.personas())
