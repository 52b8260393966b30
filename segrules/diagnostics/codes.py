"""Every kind of finding, by number. Numbers and names are stable: a code is retired, never reused.

Hundreds tell where a finding comes from: 0 files and projects, 1 syntax, 2 names, 3 types and meaning,
4 the catalogue, 5 data against the catalogue, 6 results, 8 tests, 9 proofs.
7 stood for what an early version did not evaluate yet.
Each code has a page in `docs/reference/findings/` with an example that triggers it.
"""

from segrules.diagnostics.finding import Code, Severity

_ALL: dict[str, Code] = {}


def _code(number: str, name: str, severity: Severity = Severity.ERROR, *, optional: bool = False) -> Code:
    made = Code(number, name, severity, optional)
    # Invariant: neither a number nor a name stands twice.
    assert number not in _ALL and all(name != other.name for other in _ALL.values())
    _ALL[number] = made
    return made


# 0: files and projects
UNREADABLE_FILE = _code("SEG001", "unreadable-file")
NOT_UTF8 = _code("SEG002", "not-utf8")
BAD_PROJECT_FILE = _code("SEG003", "bad-project-file")
NEWER_LANGUAGE = _code("SEG004", "newer-language")
NO_RULES = _code("SEG005", "no-rules", Severity.WARNING)
BAD_LIST_FILE = _code("SEG006", "bad-list-file")
TOO_LARGE = _code("SEG007", "too-large")
BAD_LOCK_FILE = _code("SEG008", "bad-lock-file")
STALE_LOCK = _code("SEG009", "stale-lock")
UNUSED_LOCK = _code("SEG010", "unused-lock-entry", Severity.WARNING)
BAD_SILENCER = _code("SEG011", "bad-silencer", Severity.WARNING)
EXPIRED_SILENCER = _code("SEG012", "expired-silencer", Severity.WARNING)
UNUSED_SILENCER = _code("SEG013", "unused-silencer", Severity.WARNING)

# 1: syntax
SYNTAX = _code("SEG101", "syntax-error")
BAD_CHARACTER = _code("SEG102", "bad-character")
BAD_DATE = _code("SEG103", "bad-date")
BAD_NUMBER = _code("SEG104", "bad-number")
BAD_PATTERN = _code("SEG105", "bad-pattern")
DUPLICATE_CLAUSE = _code("SEG106", "duplicate-clause")

# 2: names
UNKNOWN_NAME = _code("SEG201", "unknown-name")
DUPLICATE_NAME = _code("SEG202", "duplicate-name")
CASE_CLASH = _code("SEG203", "names-differ-in-case")
WRONG_KIND = _code("SEG204", "wrong-kind-of-name")
CYCLE = _code("SEG205", "cycle")
BAD_NAME = _code("SEG206", "bad-name")
UNSHARED_PROPERTY = _code("SEG207", "unshared-property")

# 3: types and meaning
TYPE_MISMATCH = _code("SEG301", "type-mismatch")
UNIT_MISMATCH = _code("SEG302", "unit-mismatch")
CURRENCY_MISMATCH = _code("SEG303", "currency-mismatch")
NOT_A_CONDITION = _code("SEG304", "not-a-condition")
NOT_A_VALUE = _code("SEG305", "not-a-value")
UNLISTED_VALUE = _code("SEG306", "unlisted-value")
NOT_LINEAR = _code("SEG307", "not-linear")
NO_ORDER = _code("SEG308", "no-order")
BAD_WINDOW = _code("SEG309", "bad-window")
BAD_BANDS = _code("SEG310", "bad-bands")
BAD_SIZE = _code("SEG311", "bad-size")
EMPTY_RANGE = _code("SEG312", "empty-range")
DEPRECATED_COLUMN = _code("SEG313", "deprecated-column", Severity.WARNING)
BAD_COUNT = _code("SEG314", "bad-count")
WITHIN_BEYOND_WINDOW = _code("SEG317", "within-beyond-window", Severity.WARNING)
MISSING_SALT = _code("SEG341", "missing-salt")
REUSED_SALT = _code("SEG342", "reused-salt", Severity.WARNING)
CATCHES_NEWCOMERS = _code("SEG343", "catches-newcomers", Severity.NOTE)
MISSING_CONSENT = _code("SEG345", "missing-consent", Severity.WARNING)
REVIEW_PASSED = _code("SEG346", "review-passed", Severity.WARNING)
MISSING_REVIEW = _code("SEG347", "missing-review", Severity.NOTE, optional=True)
MISSING_OWNER = _code("SEG348", "missing-owner", Severity.NOTE, optional=True)
TOO_MANY_SEGMENTS = _code("SEG349", "too-many-segments", Severity.WARNING, optional=True)
MISSING_SIZE = _code("SEG350", "missing-size", Severity.NOTE, optional=True)
TOO_SMALL = _code("SEG351", "too-small", Severity.WARNING, optional=True)
UNUSED_DEFINITION = _code("SEG352", "unused-definition", Severity.NOTE)
REUSED_NAME = _code("SEG354", "reused-name", Severity.WARNING)
UNUSUAL_NAME = _code("SEG355", "unusual-name", Severity.WARNING, optional=True)
OUTSIDE_RANGE = _code("SEG356", "outside-range", Severity.WARNING)
POINTLESS_SIZE = _code("SEG357", "pointless-size", Severity.NOTE)
EMPTY_PROMISE = _code("SEG358", "empty-promise", Severity.WARNING)
UNKNOWN_LABEL = _code("SEG361", "unknown-label")
UNJUSTIFIED_READING = _code("SEG362", "unjustified-reading")
EXPIRED_JUSTIFICATION = _code("SEG363", "expired-justification")
IDLE_JUSTIFICATION = _code("SEG364", "idle-justification", Severity.NOTE)
FORBIDDEN_READING = _code("SEG365", "forbidden-reading")
FORBIDDEN_FOR_PURPOSE = _code("SEG366", "forbidden-for-purpose")
TELLING_NAME = _code("SEG367", "telling-name", Severity.WARNING)
MISSPELT_PURPOSE = _code("SEG368", "misspelt-purpose", Severity.WARNING)
MISSING_ASSESSMENT = _code("SEG371", "missing-assessment", Severity.WARNING)
STALE_ASSESSMENT = _code("SEG372", "stale-assessment", Severity.WARNING)
ASSESSMENT_DUE = _code("SEG373", "assessment-due", Severity.NOTE)
ASSESSMENT_OVERDUE = _code("SEG374", "assessment-overdue", Severity.WARNING)
BAD_ASSESSMENT = _code("SEG375", "bad-assessment", Severity.WARNING)
LEFTOVER_ASSESSMENT = _code("SEG376", "leftover-assessment", Severity.NOTE)

# 4: the catalogue
BAD_YAML = _code("SEG401", "bad-yaml")
DUPLICATE_KEY = _code("SEG402", "duplicate-key")
BAD_CATALOGUE = _code("SEG403", "bad-catalogue")
CATALOGUE_NAME = _code("SEG404", "unknown-catalogue-name")
CATALOGUE_CONFLICT = _code("SEG405", "catalogue-conflict")
NEWER_CATALOGUE = _code("SEG406", "newer-catalogue")

# 5: data against the catalogue
UNREADABLE_DATA = _code("SEG501", "unreadable-data")
MISSING_COLUMN = _code("SEG502", "missing-column")
OTHER_TYPE = _code("SEG503", "other-type")
VALUE_NOT_LISTED = _code("SEG504", "value-not-listed")
NULL_FOUND = _code("SEG505", "null-found")
OUT_OF_RANGE = _code("SEG506", "out-of-range")
DUPLICATE_CUSTOMER = _code("SEG507", "duplicate-customer")
MISSING_KEY = _code("SEG508", "missing-key")
MISSING_TIME = _code("SEG509", "missing-time")
STALE_DATA = _code("SEG510", "stale-data")
OTHER_CURRENCY = _code("SEG511", "other-currency")
NOT_ONE_VALUE = _code("SEG512", "not-one-value")
IGNORED_EVENTS = _code("SEG513", "ignored-events", Severity.NOTE)
CLOCK_CHANGE = _code("SEG514", "clock-change", Severity.NOTE)
UNKNOWN_STATUS = _code("SEG515", "unknown-consent-status")
DUPLICATE_EVENT = _code("SEG516", "duplicate-event")

# 6: results
SIZE_OUTSIDE = _code("SEG601", "size-outside-bounds")
EMPTY_SEGMENT = _code("SEG602", "empty-segment")

# 8: tests
GIVEN_TWICE = _code("SEG801", "given-twice")
LEFT_OUT = _code("SEG802", "left-out-of-test")
UNSEEN_IN_TEST = _code("SEG803", "unseen-in-test", Severity.WARNING)
WHICH_CUSTOMER = _code("SEG804", "which-customer")

# 9: proofs
IMPOSSIBLE_SEGMENT = _code("SEG901", "impossible-segment")
EVERYONE = _code("SEG902", "takes-everyone", Severity.NOTE)
IDLE_CLAUSE = _code("SEG903", "idle-clause", Severity.WARNING)
NOT_EXCLUSIVE = _code("SEG904", "not-exclusive")
NOT_COVERED = _code("SEG905", "not-covered")
NOT_A_SUBSET = _code("SEG906", "not-a-subset")
STAGE_NEVER_WINS = _code("SEG907", "stage-never-wins", Severity.WARNING)
POLICY_BROKEN = _code("SEG908", "policy-broken")
UNDECIDED = _code("SEG909", "undecided")
EQUAL_SEGMENTS = _code("SEG910", "equal-segments", Severity.WARNING)
GRID = _code("SEG911", "grid-of-bands", Severity.NOTE)
LET_IN = _code("SEG912", "let-in-when-missing", Severity.NOTE)


_PROMISES = (NOT_EXCLUSIVE, NOT_COVERED, NOT_A_SUBSET, POLICY_BROKEN, UNDECIDED)
"""Findings about promises of groups and policies: nothing in a rule file or project can make them quiet."""


def all_codes() -> tuple[Code, ...]:
    """Every code, by number."""
    return tuple(sorted(_ALL.values(), key=lambda code: code.number))


def may_be_lowered(code: Code) -> bool:
    """Whether a project may give findings of this kind another level, or silence them.

    Errors in rules, catalogue or data leave nothing to run, and a promise is taken back where it is written; results
    (SEG6..) and what else is proved (SEG9..) can be judged.
    """
    judged = code.number.startswith(("SEG6", "SEG9")) and code not in _PROMISES
    return code.severity is not Severity.ERROR or judged


def by_text(text: str) -> Code | None:
    """The code with this number (`SEG201`, `seg201`, `201`) or name (`unknown-name`), or None."""
    wanted = text.strip().casefold()
    wanted = wanted if not wanted.isdigit() else f"seg{wanted}"
    for code in all_codes():
        if wanted in (code.number.casefold(), code.name):
            return code
    return None
