"""A report into JUnit's XML: one suite for each file, one case for each finding."""

from collections.abc import Sequence
from xml.etree import ElementTree

from segrules.cli.formats.report import Refusal, Report, full_lines
from segrules.diagnostics.finding import Finding, Severity
from segrules.diagnostics.render import printable
from segrules.text.xml_text import xml_text


def render(report: Report) -> str:
    """The report as XML in UTF-8.

    What makes the command fail is a failure, and a finding that does not is a case that passes and says so.
    Where there is nothing, one case passes, since a system that is given none takes the report for broken.
    """
    files: dict[str, list[Finding]] = {}
    for item in report.findings:
        files.setdefault(report.place(item).path, []).append(item)
    root = ElementTree.Element("testsuites", {"name": f"segrules {report.command}"})
    for path, items in files.items():
        root.append(_suite(path, items, report))
    if report.refusal is not None:
        root.append(_refused(report.refusal, report))
    elif not files:
        suite = _empty_suite(report.home, 1)
        _case(suite, f"segrules {report.command}", report.home)
        root.append(suite)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(path: str, items: Sequence[Finding], report: Report) -> ElementTree.Element:
    heavy = {Severity.ERROR, Severity(report.fail_on)}
    suite = _empty_suite(path, len(items), failures=sum(item.severity in heavy for item in items))
    for item in items:
        place = report.place(item)
        name = f"{place.line}:{place.column} {item.code}"
        case = _case(suite, name, path, line=place.line)
        kind = "failure" if item.severity in heavy else "system-out"
        element = ElementTree.SubElement(case, kind)
        if kind == "failure":
            element.set("message", xml_text(printable(item.message)))
            element.set("type", item.severity.value)
        told = "\n".join(full_lines(item))
        element.text = xml_text(f"{printable(str(place))}: {item.severity.value} {item.code}: {told}")
    return suite


def _refused(refusal: Refusal, report: Report) -> ElementTree.Element:
    suite = _empty_suite(report.home, 1, errors=1)
    error = ElementTree.SubElement(_case(suite, f"segrules {report.command}", report.home), "error")
    error.set("message", xml_text(printable(refusal.message)))
    error.set("type", "refused")
    error.text = xml_text(printable(refusal.help or refusal.message))
    return suite


def _empty_suite(path: str, tests: int, *, failures: int = 0, errors: int = 0) -> ElementTree.Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors), "time": "0"}
    return ElementTree.Element("testsuite", {"name": xml_text(printable(path)), **counts})


def _case(suite: ElementTree.Element, name: str, path: str, *, line: int = 1) -> ElementTree.Element:
    given = {"name": name, "classname": path, "file": path, "line": str(line), "time": "0"}
    return ElementTree.SubElement(suite, "testcase", {key: xml_text(printable(value)) for key, value in given.items()})
