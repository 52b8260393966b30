"""A name and a new one into the edits that give it everywhere, held against what the rules mean before and after."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from segrules.diagnostics.errors import BadInput
from segrules.editor.buffers import Buffer, Buffers
from segrules.editor.complete import written
from segrules.editor.edits import Edit, edited
from segrules.editor.hover import uses_at
from segrules.editor.names import MADE, Target, Use
from segrules.editor.project import State, read_state
from segrules.semantics.symbols import BUILT_IN
from segrules.syntax.concrete import read_concrete
from segrules.syntax.table import Rule, table
from segrules.text.span import Span
from segrules.workspace.files import SUFFIX
from segrules.workspace.lock import NAME as LOCK

_OF_RULES = (*MADE, "rank", "stage", "step", "ruleset")
_OF_CATALOGUE = ("event", "relation")
"""Names that the catalogue gives to tables of data, whatever the data call them."""
_NAME = re.compile(r"[^\W\d]\w*")
_COLUMNS = ("attribute", "property", "related", "back")

Edits = Mapping[str, tuple[Edit, ...]]
"""Edits by the path of the file, relative to the project."""


def renamed_at(state: State, path: str, line: int, column: int) -> Use:
    """The use of a name that can be renamed.

    Raises:
        BadInput: no name stands here, or it is one that stays.
    """
    found = uses_at(state, path, line, column)
    if not found:
        raise BadInput("no name stands here that could be renamed")
    use = found[0]
    if use.target.kind in _COLUMNS:
        message = f"`{use.target.name}` is a column of the data"
        raise BadInput(message, help="rename it in the catalogue, with `column: …` for its name in the data")
    if use.target.kind not in (*_OF_RULES, *_OF_CATALOGUE):
        raise BadInput(f"`{use.target.name}` is a {use.target.kind}: what else uses it is not in the rules alone")
    return use


def rename(state: State, buffers: Buffers, path: str, line: int, column: int, name: str) -> Edits:
    """The edits that give the name at a place a new one, in all files of the project.

    Raises:
        BadInput: the name cannot be renamed, the new one cannot be a name or is taken, there are mistakes that might
            hide a use of it, or the rules would not mean the same.
    """
    use = renamed_at(state, path, line, column)
    name = name.strip().strip("`")
    if name == use.target.name:
        return {}
    _check_name(state, use.target, name)
    if state.rules is None or not state.rules.sound:
        raise BadInput("the rules have mistakes, behind which the name may stand as well", help="mend them first")
    edits: dict[str, list[Edit]] = {}
    for other in state.uses:
        if other.target == use.target:
            edits.setdefault(other.span.path, []).append(Edit(other.span, _written(state, other.span, name)))
    for edit in _in_lock(state, use.target, name):
        edits.setdefault(LOCK, []).append(edit)
    made = {shown: tuple(found) for shown, found in sorted(edits.items())}
    _check_meaning(state, buffers, made, use.target, name)
    return made


def _written(state: State, span: Span, name: str) -> str:
    """The name as it is written at a place: in rules perhaps in backticks, in the catalogue as it is."""
    return written(name) if span.path.lower().endswith(SUFFIX) else name


def _check_name(state: State, target: Target, name: str) -> None:
    if not _NAME.fullmatch(name):
        help_ = "a name is made of letters, digits and `_`, and does not begin with a digit"
        raise BadInput(f"`{name}` cannot be a name", help=help_)
    if name in BUILT_IN:
        raise BadInput(f"`{name}` is a name of the language itself")
    one_namespace = (*MADE, "attribute", "event", "relation")
    for use in state.uses:
        other = use.target
        beside = (other.kind, other.owner) == (target.kind, target.owner)
        together = target.kind in one_namespace and other.kind in one_namespace
        if use.defines and (beside or together) and other.name.casefold() == name.casefold() and other != target:
            raise BadInput(f"the name `{name}` is taken: {_a(other.kind)} is called so", help="choose another one")


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _in_lock(state: State, target: Target, name: str) -> Iterator[Edit]:
    """The keys of the lock file that name a score or a rank."""
    source = state.sources.get(LOCK)
    if source is None or target.kind not in ("score", "rank"):
        return
    score = target.owner or target.name
    key = re.compile(rf"(\s*)(\"?{re.escape(score)}\"?)(\s*\.\s*)(\"?[\w-]+\"?)(?=\s*=)")
    for number, line in enumerate(source.lines, 1):
        match = key.match(line)
        group = 2 if target.kind == "score" else 4
        if match is not None and (target.kind == "score" or match[4].strip('"') == target.name):
            span = Span(LOCK, number, match.start(group) + 1, number, match.end(group) + 1)
            yield Edit(span, name if name.isascii() else f'"{name}"')


# --- the same meaning


def _check_meaning(state: State, buffers: Buffers, edits: Edits, target: Target, name: str) -> None:
    """Read the project with the edits, and hold every name and every finding against those there were."""
    tried = buffers.copy()
    for shown, found in edits.items():
        path = state.path(shown)
        tried.put(Buffer(path, "", edited(state.sources[shown], found)))
    after = read_state(state.root, tried, day=state.day)
    before_findings = [(item.code, item.span and (item.span.path, item.span.line)) for item in state.findings]
    after_findings = [(item.code, item.span and (item.span.path, item.span.line)) for item in after.findings]
    if before_findings != after_findings:
        new = next((item for item in after.findings if item not in state.findings), None)
        raise BadInput(f"with the name `{name}` other things would be found in the rules", [new] if new else [])
    if _meanings(state, target, name) != _meanings(after) or not _same_steps(state, after):
        raise BadInput(f"with the name `{name}` the rules would not mean the same")


def _meanings(state: State, target: Target | None = None, name: str = "") -> list[tuple[str, frozenset[Target]]]:
    """What each name stands for, in order of place; with `target` as if it had the new name already."""

    def seen(of: Target) -> Target:
        if of.kind == "step":
            return Target("step", name if of == target else of.name)
        if of == target:
            return Target(of.kind, name, of.owner)
        if target is not None and of.owner == target.name and of.kind in _PARTS.get(target.kind, ()):
            return Target(of.kind, of.name, name)
        return of

    found = sorted(state.uses, key=lambda use: use.span)
    return [
        (span.path, frozenset(seen(use.target) for use in together))
        for span, together in groupby(found, key=lambda use: use.span)
    ]


_PARTS = {
    "event": ("property",),
    "score": ("rank",),
    "partition": ("stage",),
    "relation": ("related", "back"),
}


def _same_steps(before: State, after: State) -> bool:
    """Whether every rule file has the same structure as before: other names, and nothing else."""
    paths = [path for path in before.sources if path.lower().endswith(SUFFIX)]
    return all(_shape(before.sources[path].text) == _shape(after.sources[path].text) for path in paths)


def _shape(text: str) -> tuple[list[str], list[Rule | None]] | None:
    """The kinds of the tokens and the rules by which they are grouped; a name in backticks is a name."""
    read = read_concrete(text)
    if read is None:
        return None
    rules = table().rules
    kinds = ["NAME" if kind == "QUOTED_NAME" else kind for kind in read.kinds]
    return kinds, [rules[step] if step >= 0 else None for step in read.steps]
