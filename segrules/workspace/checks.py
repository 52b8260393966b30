"""`[checks]` of `segrules.toml` into levels and options of checks, and into what the checks go by."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from segrules.diagnostics.codes import BAD_PROJECT_FILE, UNUSUAL_NAME, all_codes, by_text, may_be_lowered
from segrules.diagnostics.finding import Code, Finding, Severity, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.governance.naming import FREE, OF_SEGMENT, BadPattern, parts_of
from segrules.governance.settings import OPTIONS, Kind, Option, OptionValue, Settings
from segrules.text.span import Span

if TYPE_CHECKING:
    from segrules.workspace.project import Project

LEVEL = "level"
_LEVELS = ("error", "warning", "note", "off")
_SAMPLE = {Kind.NUMBER: "100", Kind.TEXT: '"{channel}_{name}"', Kind.NAMES: '["service"]', Kind.WORDS: "{}"}

Place = Callable[[tuple[str, ...]], Span]
"""Where the keys of a setting stand."""


def wrong_checks(checks: Mapping[str, Any], place: Place) -> Iterator[Finding]:
    """What is wrong with levels and options."""
    known = {code.name: code for code in all_codes()}
    for name, given in checks.items():
        span = place(("checks", name))
        if name not in known:
            code = by_text(name)
            help_ = did_you_mean(name, known) if code is None else f"its name is `{code.name}`"
            yield finding(BAD_PROJECT_FILE, f"unknown check `{name}`", span, help=help_)
        elif isinstance(given, str):
            yield from _wrong_level(known[name], given, span)
            yield from _lacking(name, given, {}, span)
        elif isinstance(given, dict):
            yield from _wrong_table(known[name], given, place)
        else:
            message = f'`checks.{name}` must be a level such as `"warning"`, or a table'
            yield finding(BAD_PROJECT_FILE, message, span)


def levels_of(checks: Mapping[str, Any]) -> dict[str, Severity | None]:
    """The levels that sound settings give, by the name of the check; None switches it off."""
    levels: dict[str, Severity | None] = {}
    for code in all_codes():
        given = checks.get(code.name)
        # Who gives options for a check wants it.
        usual = code.severity.value if given is not None and code.optional else None
        level = given.get(LEVEL, usual) if isinstance(given, dict) else given
        if level is not None:
            levels[code.name] = None if level == "off" else Severity(level)
    return {name: levels[name] for name in checks if name in levels}


def options_of(checks: Mapping[str, Any]) -> dict[str, dict[str, OptionValue]]:
    """The options that sound settings give, by the name of the check."""
    tables = {name: given for name, given in checks.items() if isinstance(given, dict)}
    return {
        name: {option: _frozen(value) for option, value in given.items() if option != LEVEL}
        for name, given in tables.items()
    }


def settings_of(project: "Project") -> Settings:
    """What the checks go by in a project."""
    levels = project.levels
    wanted = (code.name for code in all_codes() if levels.get(code.name, None if code.optional else code.severity))
    return Settings(frozenset(wanted), project.options, project.retired, project.places)


def _wrong_level(code: Code, level: object, span: Span) -> Iterator[Finding]:
    if level not in _LEVELS:
        allowed = ", ".join(f"`{item}`" for item in _LEVELS)
        yield finding(BAD_PROJECT_FILE, f"unknown level `{level}`", span, help=f"levels are {allowed}")
    elif level != "error" and not may_be_lowered(code):
        message = f"`{code.name}` must stay an error"
        help_ = "only warnings, notes and findings about results and proofs can be lowered or switched off"
        yield finding(BAD_PROJECT_FILE, message, span, help=help_)


def _wrong_table(code: Code, given: Mapping[str, Any], place: Place) -> Iterator[Finding]:
    """What is wrong with a level and options in one table."""
    name, known = code.name, OPTIONS.get(code.name, {})
    if LEVEL in given:
        yield from _wrong_level(code, given[LEVEL], place(("checks", name, LEVEL)))
    for option, value in given.items():
        span = place(("checks", name, option))
        if option == LEVEL:
            continue
        if option not in known:
            listed = ", ".join(f"`{item}`" for item in (LEVEL, *known))
            help_ = did_you_mean(option, (LEVEL, *known)) or f"there is {listed}"
            yield finding(BAD_PROJECT_FILE, f"`{name}` has no option `{option}`", span, help=help_)
        elif not _is(known[option].kind, value):
            message = f"the option `{option}` of `{name}` must be {known[option].kind.value}"
            yield finding(BAD_PROJECT_FILE, message, span)
    yield from _lacking(name, given.get(LEVEL), given, place(("checks", name)))
    if name == UNUSUAL_NAME.name:
        yield from _wrong_patterns(given, place)


def _lacking(name: str, level: object, given: Mapping[str, Any], span: Span) -> Iterator[Finding]:
    """The options that a check needs and that are not given."""
    for option, about in OPTIONS.get(name, {}).items():
        if about.needed and option not in given and level != "off":
            example = f'`{name} = {{level = "warning", {option} = {_SAMPLE[about.kind]}}}`'
            message = f"`{name}` needs the option `{option}`"
            yield finding(BAD_PROJECT_FILE, message, span, help=f"write {example} below `[checks]`")


def _wrong_patterns(given: Mapping[str, Any], place: Place) -> Iterator[Finding]:
    name = UNUSUAL_NAME.name
    about: Mapping[str, Option] = OPTIONS[name]
    words = given.get("words", {})
    if not _is(about["words"].kind, words):
        return
    for word in words:
        if word in FREE or word in OF_SEGMENT:
            message = f"`{{{word}}}` is a placeholder already, and `words` gives it another meaning"
            yield finding(BAD_PROJECT_FILE, message, place(("checks", name, "words")), help="choose another name")
    for option in ("name", "title"):
        pattern = given.get(option)
        if isinstance(pattern, str):
            try:
                parts_of(pattern, words)
            except BadPattern as error:
                yield finding(BAD_PROJECT_FILE, error.message, place(("checks", name, option)), help=error.help)


def _is(kind: Kind, value: object) -> bool:
    match kind:
        case Kind.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool) and value >= 1
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.NAMES:
            return _are_names(value)
        case Kind.WORDS:
            return isinstance(value, dict) and all(map(_are_names, value.values()))


def _are_names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) and item for item in value)


def _frozen(value: Any) -> OptionValue:
    if isinstance(value, dict):
        return {name: tuple(items) for name, items in value.items()}
    made: OptionValue = tuple(value) if isinstance(value, list) else value
    return made
