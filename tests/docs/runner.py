"""Code blocks of one page, run in order in a scratch folder: what does not hold comes back as text."""

import contextlib
import doctest
import io
import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tests.cli.within import segrules_within
from tests.docs.blocks import Block
from tests.docs.output import agrees
from tests.docs.rules import problems_of_catalogue, problems_of_rules

ROOT = Path(__file__).parents[2]
_TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
_NOT_RUN = (
    re.compile(r"git clone \S+"),
    re.compile(r"(python|python3|py) -m venv \S+"),
    re.compile(r"(python -m )?pip install .+"),
    re.compile(r"(source )?\.venv[/\\](bin/activate|Scripts[/\\]activate)"),
    re.compile(r"cd segrules"),
    re.compile(r"(python -m (ruff|mypy|pytest|build)|lint-imports)( .*)?"),
    re.compile(r"python (docs/generate|benchmarks/reference)\.py"),
    re.compile(r"\.ci/run"),
)
"""Commands of people who set up or develop; `make test` and `.ci/run` do these same things."""


class Page:
    """The state that the blocks of a page share: folder, Python names, last exit code and printed text."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.folder = scratch
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.exit_code = 0
        self.printed = ""

    def run(self, block: Block) -> list[str]:
        """Problems with one block, each one a text that begins with its place; none where all is well."""
        if "rulesets/" in block.text + " ".join(block.instructions.values()):
            self._bring_rulesets()
        if name := block.instructions.get("fresh"):
            shutil.rmtree(self.scratch / name)
            shutil.copytree(ROOT / name, self.scratch / name)
        check = _CHECKS.get(block.language)
        if check is None:
            return [f"{block}: the block's language `{block.language}` is not one that this test knows"]
        self._write_file(block)
        return [f"{block}: {problem}" for problem in check(self, block)]

    def _bring_rulesets(self) -> None:
        if not (self.scratch / "rulesets").exists():
            shutil.copytree(ROOT / "rulesets", self.scratch / "rulesets")

    def _write_file(self, block: Block) -> None:
        for instruction, mode in (("file", "w"), ("append", "a")):
            if name := block.instructions.get(instruction):
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open(mode, encoding="utf-8", newline="\n") as file:
                    file.write(block.text)

    def python(self, block: Block) -> list[str]:
        """Statements, or a doctest where the block has prompts."""
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(io.StringIO()) as printed:
            problems = self._doctest(block) if ">>> " in block.text else self._execute(block)
        self.printed = printed.getvalue()
        return problems

    def _execute(self, block: Block) -> list[str]:
        # Line numbers of tracebacks are those of the page.
        code = compile("\n" * block.line + block.text, block.page, "exec")
        try:
            exec(code, self.names)
        except Exception as error:
            return [f"the Python code raised {type(error).__name__}: {error}"]
        return []

    def _doctest(self, block: Block) -> list[str]:
        test = doctest.DocTestParser().get_doctest(block.text, self.names, str(block), block.page, block.line)
        failures: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        runner.run(test, out=failures.append, clear_globs=False)
        self.names.update(test.globs)
        return failures

    def console(self, block: Block) -> list[str]:
        """Lines after `$ ` are run, the lines below each are what it has to say."""
        problems = []
        for command, shown in _commands(block.text):
            said = self._command(command)
            if said is None:
                continue
            if self.exit_code == 3 or (self.exit_code == 2 and "echo $?" not in block.text):
                problems.append(f"`{command}` ended with exit code {self.exit_code}:\n{said}")
            elif not agrees(shown, said):
                problems.append(f"`{command}` says\n{said}\nand the page shows\n{shown}")
        return problems

    def _command(self, command: str) -> str | None:
        """What the command says, or None for one that is not run here."""
        match shlex.split(command, comments=True):
            case ["segrules", *arguments]:
                return self._segrules(arguments)
            case ["cd", name] if (self.folder / name).is_dir():
                self.folder = (self.folder / name).resolve()
                return ""
            case ["cat", name]:
                return (self.folder / name).read_text(encoding="utf-8")
            case ["ls", *names] if len(names) <= 1:
                listed = sorted(path.name for path in self.folder.joinpath(*names).iterdir())
                return "\n".join(listed)
            case ["echo", "$?"]:
                said, self.exit_code = str(self.exit_code), 0
                return said
            case ["make", target] if target in _TARGETS:
                return None
            case _ if any(pattern.fullmatch(command.partition("  #")[0].strip()) for pattern in _NOT_RUN):
                return None
            case _:
                return f"{command}: this test neither runs this command nor knows it as one to leave alone"

    def _segrules(self, arguments: list[str]) -> str:
        settings = {"NO_COLOR": "1", "COLUMNS": "100"}
        done = segrules_within(arguments, self.folder, merged=True, **settings)
        self.exit_code = done.returncode
        return done.stdout

    def bash(self, block: Block) -> list[str]:
        """Commands without their output; each has to succeed or be one that is known and not run."""
        problems = []
        for line in block.text.replace("\\\n", " ").splitlines():
            command = line.partition(" #")[0].strip()
            if not command or command.startswith("#"):
                continue
            said = self._command(command)
            if said is not None and (self.exit_code or "this test neither runs" in said):
                problems.append(f"`{command}` ended with exit code {self.exit_code}:\n{said}")
            self.exit_code = 0
        return problems

    def text(self, block: Block) -> list[str]:
        """Prose set apart, or, after `<!-- output -->`, what the last Python block printed."""
        if "output" in block.instructions and not agrees(block.text, self.printed):
            return [f"the Python code above printed\n{self.printed}\nand the page shows\n{block.text}"]
        return []

    def seg(self, block: Block) -> list[str]:
        """Rules: read, and bound to a catalogue where the page names a project."""
        return problems_of_rules(block, self.scratch)

    def yaml(self, block: Block) -> list[str]:
        """A catalogue where it gives its format's number, else a part of one, which has to be YAML 1.2."""
        try:
            read = YAML(typ="safe", pure=True).load(block.text)
        except YAMLError as error:
            return [f"not YAML: {error}"]
        return problems_of_catalogue(block) if isinstance(read, dict) and "format" in read else []

    def toml(self, block: Block) -> list[str]:
        """Any TOML."""
        try:
            tomllib.loads(block.text)
        except tomllib.TOMLDecodeError as error:
            return [f"not TOML: {error}"]
        return []

    def json(self, block: Block) -> list[str]:
        """Any JSON; `...` may stand where something was left out."""
        try:
            json.loads(re.sub(r",?\s*\.\.\.", "", block.text))
        except ValueError as error:
            return [f"not JSON: {error}"]
        return []

    def diff(self, block: Block) -> list[str]:
        """Lines of the file that `change` names, with those after `-` replaced by those after `+`."""
        path = self.folder / block.instructions["change"]
        lines = block.text.splitlines()
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[:1] in kept) for kept in (" -", " +"))
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1 or any(line[:1] not in (" ", "-", "+") for line in lines):
            return [f"{block.instructions['change']} has these lines {text.count(old)} times:\n{old}"]
        path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")
        return []

    def markdown(self, block: Block) -> list[str]:
        """A comment on a pull request; the tests of the action compare it with what is written there."""
        return [] if block.text.startswith("**segrules:** ") else ["no comment of segrules"]

    def csv(self, block: Block) -> list[str]:
        """Lines of one length."""
        widths = {line.count(",") for line in block.text.splitlines() if '"' not in line}
        return [] if len(widths) <= 1 else ["the lines have different numbers of commas"]


_CHECKS: dict[str, Callable[[Page, Block], list[str]]] = {
    "python": Page.python,
    "console": Page.console,
    "bash": Page.bash,
    "text": Page.text,
    "seg": Page.seg,
    "yaml": Page.yaml,
    "toml": Page.toml,
    "json": Page.json,
    "csv": Page.csv,
    "diff": Page.diff,
    "markdown": Page.markdown,
}


def _commands(text: str) -> list[tuple[str, str]]:
    """Each command of a console block with the output shown below it; a line's last `\\` goes on."""
    found: list[tuple[str, list[str]]] = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            found.append((re.sub(r"\s+", " ", line[2:]).strip(), []))
        elif found:
            found[-1][1].append(line)
        else:
            raise AssertionError(f"a console block begins with `$ `, not with {line!r}")
    return [(command, "\n".join(shown)) for command, shown in found]
