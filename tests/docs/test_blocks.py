"""How a page is cut into blocks."""

from tests.docs.blocks import blocks

PAGE = """\
# Title

<!-- project: rulesets/shop -->
<!-- file: a.seg -->
```seg wrong SEG201
segment a
```

1. A list

   ```console
   $ segrules --version
   ```
"""


def test_blocks_come_with_language_words_and_text() -> None:
    first, second = blocks("page.md", PAGE)
    assert (first.language, first.words, first.text) == ("seg", ("wrong", "SEG201"), "segment a\n")
    assert (second.language, second.words, second.text) == ("console", (), "$ segrules --version\n")


def test_a_project_stays_in_force_and_a_file_does_not() -> None:
    first, second = blocks("page.md", PAGE)
    assert first.instructions == {"project": "rulesets/shop", "file": "a.seg"}
    assert second.instructions == {"project": "rulesets/shop"}


def test_a_block_knows_its_place() -> None:
    assert [str(block) for block in blocks("page.md", PAGE)] == ["page.md:5", "page.md:11"]
