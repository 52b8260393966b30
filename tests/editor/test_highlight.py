import json
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from pygments.token import Comment, Error, Keyword, Name, Number, String, Token

from segrules.editor.keywords import keywords
from segrules.editor.pygments_lexer import SegrulesLexer
from segrules.editor.textmate import text_of_grammar
from segrules.resources import ruleset_names, ruleset_path

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"


def painted(text: str) -> list[tuple[object, str]]:
    return [(token, value) for token, value in SegrulesLexer().get_tokens(text) if value.strip()]


def test_rules_are_coloured_by_what_words_do() -> None:
    assert painted('segment big "Big" # why\n  where did purchase where (amount >= 500 GBP)') == [
        (Keyword.Declaration, "segment"),
        (Name.Class, "big"),
        (String.Double, '"Big"'),
        (Comment.Single, "# why"),
        (Keyword, "where"),
        (Name.Builtin, "did"),
        (Name, "purchase"),
        (Keyword, "where"),
        (Token.Punctuation, "("),
        (Name, "amount"),
        (Token.Operator, ">="),
        (Number, "500"),
        (Name, "GBP"),
        (Token.Punctuation, ")"),
    ]


def test_a_word_behind_a_dot_in_backticks_or_in_a_longer_word_is_a_name() -> None:
    assert [value for token, value in painted("where `last` = x.size and lastly") if token is Keyword] == ["where"]


@pytest.mark.parametrize("name", ruleset_names())
def test_real_files_keep_their_text_and_have_no_errors(name: str) -> None:
    for path in sorted(ruleset_path(name).glob("*.seg")):
        text = path.read_text(encoding="utf-8")
        tokens = list(SegrulesLexer(stripnl=False).get_tokens(text))
        assert "".join(value for _, value in tokens) == text
        assert Error not in {token for token, _ in tokens}


@pytest.mark.parametrize("word", sorted(keywords()))
def test_every_word_of_the_language_is_coloured(word: str) -> None:
    ((token, value),) = painted(word)
    assert (value, token is Name) == (word, False)


def test_the_entry_point_of_the_package_leads_to_the_lexer() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ((name, value),) = project["entry-points"]["pygments.lexers"].items()
    assert EntryPoint(name, value, "pygments.lexers").load() is SegrulesLexer
    assert name in SegrulesLexer.aliases


def test_the_extension_has_the_grammar_that_is_made_from_the_same_table() -> None:
    grammar = (EXTENSION / "syntaxes" / "segrules.tmLanguage.json").read_text(encoding="utf-8")
    assert grammar == text_of_grammar()


def test_the_extension_names_files_that_are_there_and_no_host_to_fetch_from() -> None:
    package = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    (language,) = package["contributes"]["languages"]
    (grammar,) = package["contributes"]["grammars"]
    assert (EXTENSION / language["configuration"]).is_file()
    assert (EXTENSION / grammar["path"]).is_file()
    assert (language["id"], language["extensions"], grammar["scopeName"]) == ("segrules", [".seg"], "source.segrules")
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, item in lock["packages"].items() if "resolved" in item]
