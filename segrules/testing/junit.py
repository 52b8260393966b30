"""Results of tests into the XML that continuous integration reads: one suite for each rule file."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

from segrules.testing.report import failure_lines, headline
from segrules.testing.result import TestResult, TestRun, TestStatus
from segrules.text.xml_text import xml_text


def junit_xml(run: TestRun, *, now: datetime | None = None) -> str:
    """The run as XML in UTF-8, ending with a line end; `now` replaces the clock.

    Tests are evaluated together, so that each has an equal share of the time that was measured.
    """
    share = run.seconds / max(len(run), 1)
    moment = (now or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()
    files: dict[str, list[TestResult]] = {}
    for result in run.results:
        files.setdefault(result.span.path, []).append(result)
    root = ElementTree.Element("testsuites")
    for number, (path, results) in enumerate(files.items()):
        root.append(_suite(number, path, results, share, moment))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(number: int, path: str, results: Sequence[TestResult], share: float, moment: str) -> ElementTree.Element:
    suite = ElementTree.Element(
        "testsuite",
        {
            "id": str(number),
            "name": xml_text(path),
            "package": "segrules",
            "timestamp": moment,
            "hostname": "localhost",
            "tests": str(len(results)),
            "failures": str(sum(item.status is TestStatus.FAILED for item in results)),
            "errors": str(sum(item.status in (TestStatus.REFUSED, TestStatus.DISAGREED) for item in results)),
            "time": f"{share * len(results):.3f}",
        },
    )
    ElementTree.SubElement(suite, "properties")
    for result in results:
        case = {"name": xml_text(result.title), "classname": xml_text(path), "time": f"{share:.6f}"}
        test = ElementTree.SubElement(suite, "testcase", case)
        if not result.passed:
            _reason(test, result)
    ElementTree.SubElement(suite, "system-out")
    ElementTree.SubElement(suite, "system-err")
    return suite


def _reason(test: ElementTree.Element, result: TestResult) -> None:
    failed = result.status is TestStatus.FAILED
    lines = [failure_lines(item) for item in result.failures]
    lines += [
        f"{item.span.path}:{item.span.line} {item.code}: {item.message}\n"
        if item.span
        else f"{item.code}: {item.message}\n"
        for item in result.findings
    ]
    first = headline(result.failures[0]) if result.failures else result.findings[0].message
    kind = {"message": xml_text(first), "type": result.status.value}
    element = ElementTree.SubElement(test, "failure" if failed else "error", kind)
    element.text = xml_text(f"{result.place}\n{''.join(lines)}")
