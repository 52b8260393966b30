"""Names of shipped files into their places: grammar, example rule sets, pages about findings, packs of labels.

An installed package holds these folders beside its modules. In a checkout, and so in an editable install,
they stand at the top, where people look for them.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent
_IN_CHECKOUT = {"grammar": "grammar", "rulesets": "rulesets", "findings": "docs/reference/findings"}


def grammar_file(name: str) -> str:
    """Text of a file of the grammar folder, such as `segrules.lark`.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return (_folder("grammar") / name).read_text(encoding="utf-8")


def ruleset_names() -> tuple[str, ...]:
    """Names of the example rule sets, sorted: each is a folder with a `segrules.toml`."""
    return tuple(sorted(found.parent.name for found in _folder("rulesets").glob("*/segrules.toml")))


def ruleset_path(name: str) -> Path:
    """Folder of an example rule set; it may be read-only, so copy before writing.

    Raises:
        LookupError: no example has this name, which must be one of `ruleset_names()`.
    """
    if name not in ruleset_names():
        raise LookupError(name)
    return _folder("rulesets") / name


def finding_page(code: str) -> str:
    """Markdown page of the finding with this number, such as `SEG201`.

    Raises:
        LookupError: there is no page for it.
    """
    return finding_page_path(code).read_text(encoding="utf-8")


def finding_page_path(code: str) -> Path:
    """Where the page of the finding with this number lies.

    Raises:
        LookupError: there is no page for it.
    """
    path = _folder("findings") / f"{code}.md"
    if not code.isalnum() or not path.is_file():
        raise LookupError(code)
    return path


def pack_file(name: str) -> str:
    """Text of a file of the packs about labels, such as `gdpr`; they stand beside the modules that read them.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return (_PACKAGE / "governance" / "packs" / f"{name}.toml").read_text(encoding="utf-8")


def _folder(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _CHECKOUT / _IN_CHECKOUT[name]
