"""A repository with pull requests, and what a platform does with one; no network is asked.

`python -m tests.formats.pull_request` writes the comment that the documentation shows, and its head into the README.
"""

import json
import os
import re
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.diffs.shop import commit, git, write
from tests.docs.blocks import blocks
from tests.formats import fake_web
from tests.formats.action import ROOT, Runner, clean_environment

PAGE = ROOT / "docs/how-to/review-in-pull-requests.md"
CHANGES = {
    "3 times in the last 90": "2 times in the last 90",
    ">= 500 EUR": ">= 800 EUR",
    "require age >= 18": "require age >= 16",
}


def make_upstream(root: Path) -> Path:
    """The repository of the shop: three pull requests, and a branch `main` that went on meanwhile."""
    git(root, "init", "-q", "-b", "main", ".")
    project = write(root / "rules")
    commit(root, "the shop")
    text = (project / "mail.seg").read_text(encoding="utf-8")
    changed = text
    for old, new in CHANGES.items():
        changed = changed.replace(old, new)
    for name, rules in {"offers": changed, "broken": text.replace("segment loyal", "segment"), "other": None}.items():
        git(root, "switch", "-q", "-c", name, "main")
        if rules is None:
            (root / "README").write_text("The shop\n", encoding="utf-8")
        else:
            (project / "mail.seg").write_text(rules, encoding="utf-8")
        commit(root, name)
    git(root, "switch", "-q", "main")
    (project / "new.seg").write_text('segment austrians "In Austria"\n  where country = "AT"\n', encoding="utf-8")
    commit(root, "what others did meanwhile")
    return root


@dataclass(frozen=True)
class Request:
    """A clone of the repository on a platform, with commands that keep comments in a file."""

    runner: Runner
    store: Path

    def check_out(self, branch: str) -> None:
        """The work tree as both platforms make it: the branch merged into what it goes to."""
        where = self.runner.repository
        git(where, "switch", "-q", "--detach", "origin/main")
        git(where, "merge", "-q", "--no-ff", "-m", "merged", f"origin/{branch}")

    @property
    def bodies(self) -> list[str]:
        """What the comments say."""
        found: list[dict[str, Any]] = json.loads(self.store.read_text(encoding="utf-8"))
        return [item["body"] for item in found]


def request_on(
    upstream: Path, folder: Path, installed: dict[str, str], comments: list[dict[str, Any]], *options: str
) -> Request:
    store = folder / "comments.json"
    store.write_text(json.dumps(comments), encoding="utf-8")
    for name in ("gh", "curl"):
        fake = folder / "bin" / name
        fake.parent.mkdir(exist_ok=True)
        command = shlex.join([sys.executable, fake_web.__file__, name])
        fake.write_text(f'#!/bin/sh\nunset PYTHONPATH\nexec {command} "$@"\n', encoding="utf-8")
        fake.chmod(0o755)
    git(folder, "clone", "-q", *options, upstream.as_uri(), "clone")
    environment = installed | {
        "PATH": os.pathsep.join([str(folder / "bin"), installed["PATH"]]),
        fake_web.STORE: str(store),
        "RUNNER_TEMP": str(folder),
        "GITHUB_BASE_REF": "main",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "shop/rules",
        "GITHUB_RUN_ID": "1234567890",
    }
    context = {
        "github.base_ref": "main",
        "github.event.pull_request.number": "7",
        "github.event.pull_request.head.sha": git(upstream, "rev-parse", "offers").strip(),
        "github.token": "secret",
    }
    return Request(Runner(folder / "clone", environment, context), store)


def shown_comment() -> str:
    """The comment that the documentation shows."""
    (found,) = (b.text for b in blocks(PAGE.name, PAGE.read_text(encoding="utf-8")) if b.language == "markdown")
    return found


def head_of(comment: str) -> str:
    """What stands above the folds of a comment, but for versions and lines, as the README quotes it."""
    lines = comment.partition("<details>")[0].splitlines()
    text = "\n".join(line for line in lines if not line.startswith(("<!--", "  ")) and "→" not in line).strip()
    return "".join(f"> {line}".rstrip() + "\n" for line in re.sub(r"\n{3,}", "\n\n", text).splitlines())


def quoted_head() -> str:
    """What the README quotes."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith("> ") or line == ">\n")


def main() -> None:
    """Write the comment of today into the page."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        environment = clean_environment(Path(sys.executable).parent) | {"PYTHONPATH": str(ROOT)}
        (folder / "upstream").mkdir()
        request = request_on(make_upstream(folder / "upstream"), folder, environment, [])
        request.check_out("offers")
        done = request.runner.step("Comment", path="rules")
        assert done.returncode == 0, done.stderr
        (told,) = request.bodies
    changes = ((PAGE, shown_comment(), told), (ROOT / "README.md", quoted_head(), head_of(told)))
    for page, old, new in changes:
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
