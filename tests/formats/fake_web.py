"""What `gh` and `curl` would do to the comments of one pull request, on a file: run as `python fake_web.py gh ...`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

STORE = "FAKE_COMMENTS"
"""The variable that names the file with the comments."""
REFUSES = "FAKE_REFUSES"
"""The variable that lets every change be refused, as for a token that may only read."""


def github(arguments: Sequence[str]) -> None:
    """`gh api`, as far as the action uses it."""
    import jq  # it is not there on Windows, where no step is run

    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["api"])
    parser.add_argument("endpoint")
    parser.add_argument("--paginate", action="store_true")
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--method")
    parser.add_argument("--jq")
    parser.add_argument("-F")
    given = parser.parse_args(arguments)
    assert os.environ["GH_TOKEN"]
    path = given.endpoint.partition("?")[0]
    if given.F is None:
        assert path == "repos/shop/rules/issues/7/comments"
        for found in jq.compile(given.jq).input_value(_comments()).all():
            print(found)  # noqa: T201  it is a command
        return
    name, _, file = given.F.partition("=@")
    assert name == "body"
    if given.method == "PATCH":
        _change(path.removeprefix("repos/shop/rules/issues/comments/"), file)
    else:
        assert path == "repos/shop/rules/issues/7/comments"
        _add(file, {"user": {"login": "github-actions[bot]"}})


def curl(arguments: Sequence[str]) -> None:
    """`curl`, as far as the job for GitLab uses it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    for flag in ("--silent", "--show-error", "--fail"):
        parser.add_argument(flag, action="store_true", required=True)
    for option in ("--header", "--output"):
        parser.add_argument(option, required=True)
    parser.add_argument("--request")
    parser.add_argument("--data-urlencode")
    given = parser.parse_args(arguments)
    assert given.header == "PRIVATE-TOKEN: secret"
    path = given.url.partition("?")[0]
    notes = "https://gitlab.example/api/v4/projects/3/merge_requests/7/notes"
    assert path.startswith(notes)
    if given.data_urlencode is None:
        Path(given.output).write_text(json.dumps(_comments()), encoding="utf-8")
        return
    name, _, file = given.data_urlencode.partition("@")
    assert name == "body"
    if given.request == "PUT":
        _change(path.removeprefix(f"{notes}/"), file)
    else:
        _add(file, {})
    Path(given.output).write_text("{}", encoding="utf-8")


def _comments() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Path(os.environ[STORE]).read_text(encoding="utf-8"))
    return found


def _change(number: str, file: str) -> None:
    comments = _comments()
    (found,) = (item for item in comments if str(item["id"]) == number)
    found["body"] = Path(file).read_text(encoding="utf-8")
    _write(comments)


def _add(file: str, more: dict[str, Any]) -> None:
    comments = _comments()
    body = Path(file).read_text(encoding="utf-8")
    _write([*comments, {"id": len(comments) + 1, "body": body, **more}])


def _write(comments: list[dict[str, Any]]) -> None:
    if os.environ.get(REFUSES):
        sys.exit("HTTP 403: Resource not accessible by integration")
    Path(os.environ[STORE]).write_text(json.dumps(comments), encoding="utf-8")


if __name__ == "__main__":
    {"gh": github, "curl": curl}[sys.argv[1]](sys.argv[2:])
