"""What a project promises and checks, in two versions, into what is looser and what is stricter."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from segrules.diagnostics.codes import all_codes
from segrules.diagnostics.finding import Severity
from segrules.governance.packs import DEFAULT
from segrules.governance.silencers import Silencer
from segrules.ir import nodes as ir
from segrules.ir.fingerprint import text_of
from segrules.ir.meaning import Meanings
from segrules.ir.rules import Ban, ConsentClause, CoversEveryone, Exclusive, Group, Policy, Requirement, Subset
from segrules.text.span import NOWHERE, Span
from segrules.workspace.checked import silencers_of
from segrules.workspace.diffs.lines import Written
from segrules.workspace.diffs.result import PromiseChange

if TYPE_CHECKING:
    from segrules.workspace.project import Project
    from segrules.workspace.ruleset import RuleSet

Implies = Callable[[Sequence[ir.Condition], ir.Condition, bool], bool | None]
"""Whether some conditions of one version entail one of the other; the last says that the first are the later ones.

None is undecided.
"""

_WEIGHT = {None: 0, Severity.NOTE: 1, Severity.WARNING: 2, Severity.ERROR: 3}


class Promises:
    """The promises of two versions; `renamed` has the later names of segments by their earlier ones."""

    def __init__(self, before: Meanings, after: Meanings, renamed: Mapping[str, str], implies: Implies) -> None:
        self._before, self._after = before, after
        self._renamed = renamed
        self._implies = implies

    def changes(self) -> Iterator[PromiseChange]:
        """Policies, then groups, by name."""
        one, other = self._before.rules, self._after.rules
        for name in sorted({*one.policies, *other.policies}):
            yield from self._policy(name, one.policies.get(name), other.policies.get(name))
        for name in sorted({*one.groups, *other.groups}):
            yield from self._group(name, one.groups.get(name), other.groups.get(name))

    # --- policies

    def _policy(self, name: str, old: Policy | None, new: Policy | None) -> Iterator[PromiseChange]:
        if old is None and new is not None:
            yield PromiseChange("policy", name, "added", f"binds {_names(new.segments)}", False, new.span)
        elif new is None and old is not None:
            detail = f"no longer binds {_names(old.segments)}"
            yield PromiseChange("policy", name, "removed", detail, True, old.span, in_later=False)
        elif old is not None and new is not None:
            yield from _told("policy", name, new.span, *self._sides(old, new))

    def _sides(self, old: Policy, new: Policy) -> tuple[list[str], list[str], list[str]]:
        """In what a policy is weaker, in what stronger, and of what that is undecided."""
        weaker: list[str] = []
        stronger: list[str] = []
        open_: list[str] = []
        there = {*self._after.rules.segments, *_stages(self._after)}
        scope = {self._now(name) for name in old.segments}
        lost = sorted((scope & there) - set(new.segments))
        known = {self._now(name) for name in (*self._before.rules.segments, *_stages(self._before))}
        won = sorted((set(new.segments) - scope) & known)
        if lost:
            weaker.append(f"no longer binds {_names(lost)}")
        if won:
            stronger.append(f"binds {_names(won)}, too")
        olds, news = _demands(old), _demands(new)
        for demand in olds:
            kept = self._entailed(news, demand, later=True)
            if kept is None:
                open_.append("it could not be proved that what it requires is as strict")
            elif not kept:
                weaker.append("what it requires is looser")
        for demand in news:
            kept = self._entailed(olds, demand, later=False)
            if kept is False:
                stronger.append("what it requires is stricter")
        lost_labels, won_labels = _bans(old) - _bans(new), _bans(new) - _bans(old)
        weaker += [f"reading `{word}`{where} is no longer forbidden" for word, where in sorted(lost_labels)]
        stronger += [f"reading `{word}`{where} is forbidden" for word, where in sorted(won_labels)]
        return weaker, stronger, open_

    def _entailed(
        self, given: Sequence[ir.Condition | ConsentClause], wanted: ir.Condition | ConsentClause, *, later: bool
    ) -> bool | None:
        """Whether what one version requires entails a demand of the other."""
        if isinstance(wanted, ConsentClause):
            return any(isinstance(item, ConsentClause) and _consent_entails(item, wanted) for item in given)
        conditions = [item for item in given if not isinstance(item, ConsentClause)]
        mine, theirs = (self._after, self._before) if later else (self._before, self._after)
        if any(mine.condition(item) == theirs.condition(wanted) for item in conditions):
            return True
        return self._implies(conditions, wanted, later) if conditions else False

    def _now(self, name: str) -> str:
        return self._renamed.get(name, name)

    # --- groups

    def _group(self, name: str, old: Group | None, new: Group | None) -> Iterator[PromiseChange]:
        one = {} if old is None else self._declared(old, self._now)
        other = {} if new is None else self._declared(new, str)
        if old is None and new is not None:
            yield PromiseChange("group", name, "added", _sentence(other.values()), False, new.span)
        elif new is None and old is not None:
            detail = f"no longer promised: {_sentence(one.values())}"
            yield PromiseChange("group", name, "removed", detail, True, old.span, in_later=False)
        elif new is not None:
            lost = [one[key] for key in one if key not in other]
            won = [other[key] for key in other if key not in one]
            weaker = [f"no longer promised: {_sentence(lost)}"] if lost else []
            yield from _told("group", name, new.span, weaker, [f"promised: {_sentence(won)}"] if won else [], [])

    def _declared(self, group: Group, now: Callable[[str], str]) -> dict[str, str]:
        """What a group declares, one by one, with words for each."""
        found: dict[str, str] = {}
        for item in group.declarations:
            match item:
                case Exclusive(members):
                    for one, other in combinations(sorted(now(_member(part)) for part in members), 2):
                        found[f"exclusive {one} {other}"] = f"nobody is in both `{one}` and `{other}`"
                case CoversEveryone(members):
                    names = sorted(now(_member(part)) for part in members)
                    found[f"covers {' '.join(names)}"] = f"everyone is in one of {_names(names)}"
                case Subset(inner, outer):
                    one, other = now(_member(inner)), now(_member(outer))
                    found[f"subset {one} {other}"] = f"whoever is in `{one}` is in `{other}`"
        return found


def _told(
    kind: str, name: str, span: Span, weaker: Sequence[str], stronger: Sequence[str], open_: Sequence[str]
) -> Iterator[PromiseChange]:
    parts = list(dict.fromkeys((*weaker, *open_, *stronger)))
    if not parts:
        return
    change = "changed" if weaker and stronger else "weaker" if weaker else "undecided" if open_ else "stronger"
    yield PromiseChange(kind, name, change, "; ".join(parts), bool(weaker or open_), span)


def _demands(policy: Policy) -> list[ir.Condition | ConsentClause]:
    return [rule.demand for rule in policy.rules if isinstance(rule, Requirement)]


def _bans(policy: Policy) -> set[tuple[str, str]]:
    """Each label that may not be read, with where it may be read all the same."""
    bans = [rule for rule in policy.rules if isinstance(rule, Ban)]
    found: set[tuple[str, str]] = set()
    for ban in bans:
        where = f" outside {', '.join(sorted(ban.outside))}" if ban.outside else ""
        found |= {(label, where) for label in ban.labels}
    return found


def _consent_entails(strong: ConsentClause, weak: ConsentClause) -> bool:
    """Whether each way to satisfy one clause satisfies the other."""
    ways = [{text_of((item.channel, item.given)) for item in way} for way in strong.any_of]
    wanted = [{text_of((item.channel, item.given)) for item in way} for way in weak.any_of]
    return all(any(way >= other for other in wanted) for way in ways)


def _stages(meanings: Meanings) -> Iterator[str]:
    for partition in meanings.rules.partitions.values():
        yield from (f"{partition.name}.{stage.name}" for stage in partition.stages)
        yield f"{partition.name}.{partition.otherwise}"


def _member(condition: ir.Condition) -> str:
    match condition:
        case ir.InSegment(name) | ir.Defined(name):
            return name
        case ir.InStage(partition, stage):
            return f"{partition}.{stage}"
        case ir.IsTrue(ir.Attribute(name)):
            return name
        case _:
            return "a condition"


def _names(names: Collection[str]) -> str:
    shown = [f"`{name}`" for name in sorted(names)]
    if len(shown) > 6:
        return f"{', '.join(shown[:5])} and {len(shown) - 5} more"
    return ", ".join(shown) or "nothing"


def _sentence(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(parts)) or "nothing"


# --- silencers and levels


def settings_changes(before: "RuleSet", after: "RuleSet", old: Written, new: Written) -> Iterator[PromiseChange]:
    """Silencers, levels and packs."""
    yield from _silencers(before, after, old, new)
    yield from _levels(before.project, after.project)
    yield from _packs(before.project, after.project)


def _silencers(before: "RuleSet", after: "RuleSet", old: Written, new: Written) -> Iterator[PromiseChange]:
    one, other = _about(before, old), _about(after, new)
    for key in sorted({*one, *other}):
        was, now = one.get(key), other.get(key)
        name = f"{key[0]} in {key[1]}"
        if was is None and now is not None:
            detail = f"silenced until {now.until}: {now.reason}"
            yield PromiseChange("silencer", name, "added", detail, True, now.span)
        elif now is None and was is not None:
            detail = f"no longer silenced: {was.reason}"
            yield PromiseChange("silencer", name, "removed", detail, False, was.span, in_later=False)
        elif was is not None and now is not None and was.until != now.until:
            change = "weaker" if now.until > was.until else "stronger"
            detail = f"silenced until {now.until}, was until {was.until}: {now.reason}"
            yield PromiseChange("silencer", name, change, detail, now.until > was.until, now.span)
        elif was is not None and now is not None and was.reason != now.reason:
            detail = f"the reason is now: {now.reason}; it was: {was.reason}"
            yield PromiseChange("silencer", name, "changed", detail, True, now.span)


def _about(rules: "RuleSet", written: Written) -> dict[tuple[str, str, int], Silencer]:
    """Each silencer by its code, by what it stands in, and by its number there."""
    found: dict[tuple[str, str, int], Silencer] = {}
    for silencer in silencers_of(rules.project, rules.sources)[0]:
        block = written.block_at(silencer.span.path, silencer.line)
        where = silencer.span.path if block is None else f"{block[0]} {block[1]}"
        for code in silencer.codes:
            number = sum(key[:2] == (code.name, where) for key in found)
            found[code.name, where, number] = silencer
    return found


def _levels(before: "Project", after: "Project") -> Iterator[PromiseChange]:
    for code in all_codes():
        usual = None if code.optional else code.severity
        was, now = before.levels.get(code.name, usual), after.levels.get(code.name, usual)
        if was is not now:
            loosened = _WEIGHT[now] < _WEIGHT[was]
            change = "weaker" if loosened else "stronger"
            detail = f"`{_level(now)}`, was `{_level(was)}`"
            yield PromiseChange("check", code.name, change, detail, loosened, _place(after, f"checks.{code.name}"))
        if before.options.get(code.name) != after.options.get(code.name):
            detail = "its options changed"
            yield PromiseChange("check", code.name, "changed", detail, True, _place(after, f"checks.{code.name}"))
    if gone := sorted(set(before.retired) - set(after.retired)):
        detail = f"{_names(gone)} may come back"
        yield PromiseChange("check", "retired", "weaker", detail, True, _place(after, "retired"))
    if before.assessments is not None and after.assessments is None:
        detail = f"`{before.assessments}` is not looked at any more"
        yield PromiseChange("check", "assessments", "removed", detail, True, _place(after, "assessments"))


def _packs(before: "Project", after: "Project") -> Iterator[PromiseChange]:
    weight = {"off": 0, "note": 1, "warning": 2, "error": 4, "on": 3}
    for name in sorted({*before.packs, *after.packs}):
        was, now = (project.packs.get(name, DEFAULT.get(name, "off")) for project in (before, after))
        if was != now:
            loosened = weight[now] < weight[was]
            change = "weaker" if loosened else "stronger"
            yield PromiseChange("pack", name, change, f"`{now}`, was `{was}`", loosened, _place(after, "packs"))


def _level(level: Severity | None) -> str:
    return "off" if level is None else level.value


def _place(project: "Project", key: str) -> Span | None:
    span = project.places.get(key)
    return None if span is None or span == NOWHERE else span
