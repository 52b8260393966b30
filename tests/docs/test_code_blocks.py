"""Every code block of the README and of docs/ holds; CONTRIBUTING.md says what is done with which."""

from pathlib import Path

import pytest

from tests.docs.blocks import blocks, pages
from tests.docs.runner import ROOT, Page

PAGES = {path.relative_to(ROOT).as_posix(): path for path in pages(ROOT)}


@pytest.mark.parametrize("name", PAGES)
def test_every_code_block_holds(name: str, tmp_path: Path) -> None:
    page = Page(tmp_path)
    found = list(blocks(name, PAGES[name].read_text(encoding="utf-8")))
    problems = [problem for block in found for problem in page.run(block)]
    assert not problems, "\n\n".join(problems)


@pytest.mark.parametrize(
    ("markdown", "problem"),
    [
        ("```cobol\nDISPLAY 1\n```", "language `cobol`"),
        ("```\nplain\n```", "language ``"),
        ("```python\n1 / 0\n```", "ZeroDivisionError"),
        ("```python\n>>> 1 + 1\n3\n```", "Got:\n    2"),
        ("```console\n$ segrules --version\nsegrules 99\n```", "the page shows\nsegrules 99"),
        ("```console\n$ segrules no-such-command\n...\n```", "exit code 2"),
        ("```console\n$ rm -rf .\n```", "neither runs this command"),
        ("```bash\ncurl example.org\n```", "neither runs this command"),
        ("```bash\nmake tea\n```", "neither runs this command"),
        ("```python\nprint(1)\n```\n\n<!-- output -->\n\n```text\n2\n```", "printed\n1"),
        ("```seg\nsegment a where\n```", "SEG1"),
        ("```seg expression\nage >=\n```", "SEG1"),
        ("```seg wrong SEG101\nsegment a where age >= 18\n```", "does not give SEG101"),
        ("```yaml\na: [\n```", "not YAML"),
        ("```yaml\nformat: 1\n```", "SEG4"),
        ("```toml\na = \n```", "not TOML"),
        ("```json\n{]\n```", "not JSON"),
        ("```csv\na,b\nc\n```", "different numbers of commas"),
        ("<!-- change: rulesets/twelve/README.md -->\n\n```diff\n-no such line\n```", "has these lines 0 times"),
    ],
)
def test_a_block_that_does_not_hold_is_found(markdown: str, problem: str, tmp_path: Path) -> None:
    page = Page(tmp_path)
    problems = [found for block in blocks("page.md", markdown) for found in page.run(block)]
    assert len(problems) == 1, problems
    assert problem in problems[0]


def test_a_block_can_be_written_to_a_file_and_shown_again(tmp_path: Path) -> None:
    markdown = """\
<!-- file: shop/a.csv -->
```csv
1
```

<!-- append: shop/a.csv -->
```csv
2
```

```console
$ cd shop
$ ls
a.csv
$ cat a.csv
1
2
```
"""
    page = Page(tmp_path)
    assert [problem for block in blocks("page.md", markdown) for problem in page.run(block)] == []


def test_lines_of_a_file_can_be_changed_and_a_project_be_made_anew(tmp_path: Path) -> None:
    markdown = """\
<!-- file: rulesets/a.txt -->
```text
one
two
three
```

<!-- change: rulesets/a.txt -->
```diff
 one
-two
+2
```

```console
$ cat rulesets/a.txt
one
2
three
```

<!-- file: rulesets/twelve/tests.seg -->
```seg
```

<!-- fresh: rulesets/twelve -->
```console
$ cat rulesets/twelve/tests.seg
# tests.seg: ...
...
```
"""
    page = Page(tmp_path)
    assert [problem for block in blocks("page.md", markdown) for problem in page.run(block)] == []
