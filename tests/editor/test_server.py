"""The server as an editor meets it: messages in, messages out, over pipes within this process."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from segrules.cli.main import run_command
from tests.editor.client import Client, connected
from tests.editor.shop import RULES, write_shop

WRONG = RULES.replace("where did purchase as", "where did purchse as")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_shop(tmp_path / "shop")


@pytest.fixture
def client() -> Iterator[Client]:
    with connected() as made:
        made.begin()
        yield made


def spot(text: str, piece: str) -> tuple[int, int]:
    """The editor's position of the mark in a piece that stands once in the text."""
    plain = piece.replace("¦", "")
    assert text.count(plain) == 1
    before = text[: text.index(plain) + piece.index("¦")]
    line = before[before.rfind("\n") + 1 :]
    return before.count("\n"), len(line.encode("utf-16-le")) // 2


def covered(text: str, found: dict[str, dict[str, int]]) -> str:
    """The text of a range in one line, counted as the editor counts."""
    units = text.split("\n")[found["start"]["line"]].encode("utf-16-le")
    return units[2 * found["start"]["character"] : 2 * found["end"]["character"]].decode("utf-16-le")


def test_findings_follow_what_is_typed_and_point_to_what_was_meant(client: Client, folder: Path) -> None:
    uri = client.open(folder / "rules.seg", WRONG)
    assert client.codes(uri) == ["SEG201"]
    (found,) = client.findings[uri]
    assert found["message"] == "`purchse` is not the name of an event\nhelp: did you mean `purchase`?"
    assert covered(WRONG, found["range"]) == "purchse"
    assert (found["severity"], found["source"]) == (1, "segrules")
    assert Path(found["codeDescription"]["href"].removeprefix("file://")).name == "SEG201.md"
    client.change(uri, RULES)
    assert client.codes(uri) == []


def test_a_mistake_behind_an_astral_character_has_its_place(client: Client, folder: Path) -> None:
    text = 'segment a "🎁🎁" where contry = "DE"\n'
    uri = client.open(folder / "rules.seg", text)
    assert client.codes(uri) == ["SEG201"]
    assert covered(text, client.findings[uri][0]["range"]) == "contry"
    line, character = spot(text, "con¦try")
    offered = client.at("completion", uri, line, character)["items"]
    (country,) = [item for item in offered if item["label"] == "country"]
    assert covered(text, country["textEdit"]["range"]) == "con"


def test_findings_name_related_places_and_needless_text(client: Client, folder: Path) -> None:
    text = "define a\n  as staff\n\nsegment b where staff\n\nsegment b where staff\n"
    uri = client.open(folder / "rules.seg", text)
    assert client.codes(uri) == ["SEG202"]
    (related,) = client.findings[uri][0]["relatedInformation"]
    assert (related["location"]["uri"], related["location"]["range"]["start"]["line"]) == (uri, 3)
    client.change(uri, "define a\n  as staff\n")
    assert client.codes(uri) == ["SEG352"]
    assert client.findings[uri][0]["tags"] == [1]


def test_the_catalogue_is_checked_while_it_is_edited_and_closing_it_forgets_the_edit(
    client: Client, folder: Path
) -> None:
    rules = client.open(folder / "rules.seg")
    catalogue = folder / "catalog.yaml"
    uri = client.open(catalogue, catalogue.read_text(encoding="utf-8").replace("  refund:", "  rfund:"))
    assert client.codes(rules) == ["SEG201"]
    client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert client.codes(rules) == []


def test_two_projects_and_a_file_of_none_are_told_apart(client: Client, tmp_path: Path) -> None:
    one, two = write_shop(tmp_path / "one"), write_shop(tmp_path / "two")
    loose = tmp_path / "loose.seg"
    first = client.open(one / "rules.seg", WRONG)
    assert client.codes(first) == ["SEG201"]
    second = client.open(two / "rules.seg", "segment a\n  where = =\n")
    assert client.codes(second) == ["SEG101"]
    third = client.open(loose, "segment a\n  where = =\n")
    assert client.codes(third) == ["SEG003", "SEG101"]
    assert client.findings[third][0]["severity"] == 3
    client.change(first, RULES)
    assert client.codes(first) == []
    client.tell("textDocument/didClose", {"textDocument": {"uri": third}})
    assert client.codes(third) == []
    assert [item["code"] for item in client.findings[second]] == ["SEG101"]


def test_a_file_that_gets_another_name_leaves_nothing_behind(client: Client, folder: Path) -> None:
    old = client.open(folder / "rules.seg", WRONG)
    assert client.codes(old) == ["SEG201"]
    (folder / "rules.seg").rename(folder / "better.seg")
    client.tell("textDocument/didClose", {"textDocument": {"uri": old}})
    new = client.open(folder / "better.seg", WRONG)
    client.tell("workspace/didRenameFiles", {"files": [{"oldUri": old, "newUri": new}]})
    assert client.codes(new) == ["SEG201"]
    while client.findings[old]:
        client.next()


def test_saving_proves_and_typing_takes_back_what_was_proved(folder: Path) -> None:
    text = "segment a\n  where staff\n\nsegment b\n  where staff\n\ngroup g\n  exclusive a, b\n"
    with connected() as client:
        client.begin(prove=True)
        uri = client.open(folder / "rules.seg", text)
        client.tell("textDocument/didSave", {"textDocument": {"uri": uri}})
        while "SEG904" not in client.codes(uri):
            pass
        where = {"start": {"line": 7, "character": 3}, "end": {"line": 7, "character": 3}}
        question = {"textDocument": {"uri": uri}, "range": where, "context": {"diagnostics": []}}
        titles = [action["title"] for action in client.result("textDocument/codeAction", question)]
        assert "Add the customer as a test" in titles
        client.change(uri, text.replace("  where staff\n\nsegment b", "  where not staff\n\nsegment b"))
        assert "SEG904" not in client.codes(uri)


def test_every_question_has_its_answer(client: Client, folder: Path) -> None:
    uri = client.open(folder / "rules.seg")
    line, character = spot(RULES, "exclusive v¦ip")
    assert "Very 🙂 important" in client.at("hover", uri, line, character)["contents"]["value"]
    (made,) = client.at("definition", uri, line, character)
    assert (made["uri"], covered(RULES, made["range"])) == (uri, "vip")
    everywhere = client.at("references", uri, line, character, context={"includeDeclaration": True})
    assert [covered(RULES, place["range"]) for place in everywhere] == ["vip"] * 5
    assert len(client.at("references", uri, line, character, context={"includeDeclaration": False})) == 4
    ready = client.at("prepareRename", uri, line, character)
    assert (ready["placeholder"], covered(RULES, ready["range"])) == ("vip", "vip")
    changes = client.at("rename", uri, line, character, newName="best")["changes"]
    assert [edit["newText"] for edit in changes[uri]] == ["best"] * 5
    document = {"textDocument": {"uri": uri}}
    outline = client.result("textDocument/documentSymbol", document)
    assert [entry["name"] for entry in outline][:3] == ["big_spender", "rfm", "vip"]
    assert client.result("textDocument/foldingRange", document)[0]["startLine"] == 1
    line, character = spot(RULES, 'and country in ["D¦E"')
    assert [item["label"] for item in client.at("completion", uri, line, character)["items"]] == ["DE", "GB", "IE"]


def test_a_space_offers_names_and_values_but_no_words(client: Client, folder: Path) -> None:
    text = "segment a\n  where country = \n  except \n  consent email \n"
    uri = client.open(folder / "rules.seg", text)
    space = {"context": {"triggerKind": 2, "triggerCharacter": " "}}
    offered = [client.at("completion", uri, line, 99, **space)["items"] for line in (1, 2, 3)]
    assert [[item["label"] for item in items][:2] for items in offered] == [["DE", "GB"], ["a", "staff"], []]


def test_names_of_events_lists_and_relations_lead_out_of_the_file(client: Client, folder: Path) -> None:
    (folder / "best.csv").write_text("A\n", encoding="utf-8")
    text = 'segment a\n  where account_id in list "best.csv" and any of account.users (staff) and did refund\n'
    uri = client.open(folder / "rules.seg", text)
    found = [client.at("definition", uri, *spot(text, piece)) for piece in ('"be¦st', ".us¦ers", "re¦fund")]
    catalogue = (folder / "catalog.yaml").as_uri()
    assert [places[0]["uri"] for places in found] == [(folder / "best.csv").as_uri(), catalogue, catalogue]


def test_formatting_is_that_of_the_command_line(client: Client, folder: Path) -> None:
    text = "segment   a where\r\n staff and   did purchase\r\n"
    uri = client.open(folder / "rules.seg", text)
    question = {"textDocument": {"uri": uri}, "options": {"tabSize": 8, "insertSpaces": False}}
    (edit,) = client.result("textDocument/formatting", question)
    (folder / "rules.seg").write_bytes(text.encode())
    assert run_command(["fmt", str(folder)]) == 0
    assert edit["newText"] == (folder / "rules.seg").read_text(encoding="utf-8")
    assert edit["range"]["end"] == {"line": 2, "character": 0}
    client.change(uri, edit["newText"])
    assert client.result("textDocument/formatting", question) == []
    client.change(uri, "segment a where = =")
    assert client.result("textDocument/formatting", question) == []


def test_a_finding_is_mended_by_its_quick_fix(client: Client, folder: Path) -> None:
    uri = client.open(folder / "rules.seg", WRONG)
    line, character = spot(WRONG, "did pur¦chse as")
    where = {"line": line, "character": character}
    question = {
        "textDocument": {"uri": uri},
        "range": {"start": where, "end": where},
        "context": {"diagnostics": []},
    }
    (action,) = client.result("textDocument/codeAction", question)
    assert (action["title"], action["isPreferred"]) == ("Change to `purchase`", True)
    (edit,) = action["edit"]["changes"][uri]
    assert (covered(WRONG, edit["range"]), edit["newText"]) == ("purchse", "purchase")
    elsewhere = {"line": 0, "character": 0}
    assert client.result("textDocument/codeAction", question | {"range": {"start": elsewhere, "end": elsewhere}}) == []


def test_windows_line_ends_and_strange_line_breaks_do_not_shift_anything(client: Client, folder: Path) -> None:
    text = 'segment a "x\u2028y\x85z"\r\n  where contry = "DE"\r\n'
    uri = client.open(folder / "rules.seg", text)
    assert client.codes(uri) == ["SEG201"]
    assert client.findings[uri][0]["range"] == {
        "start": {"line": 1, "character": 8},
        "end": {"line": 1, "character": 14},
    }


def test_what_is_refused_is_said_in_a_sentence_and_not_logged(client: Client, folder: Path) -> None:
    uri = client.open(folder / "rules.seg")
    line, character = spot(RULES, "exclusive v¦ip")
    where = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
    answer = client.ask("textDocument/rename", where | {"newName": "gifts"})
    assert answer["error"]["message"] == "the name `gifts` is taken: a segment is called so; choose another one"
    answer = client.ask("textDocument/prepareRename", {**where, "position": {"line": 0, "character": 0}})
    assert answer["error"]["message"] == "no name stands here that could be renamed"
    assert client.log == []


QUESTIONS = ["hover", "completion", "definition", "references", "prepareRename", "rename"]


@pytest.mark.parametrize(("line", "character"), [(10**6, 3), (0, 10**6), (2**31 - 1, 2**31 - 1)])
def test_positions_far_outside_the_text_do_no_harm(client: Client, folder: Path, line: int, character: int) -> None:
    uri = client.open(folder / "rules.seg")
    for question in QUESTIONS:
        where = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}, "newName": "x"}
        more = {"context": {"includeDeclaration": True}} if question == "references" else {}
        answer = client.ask(f"textDocument/{question}", where | more)
        assert "Traceback" not in json.dumps(answer)
        assert "result" in answer or answer["error"]["code"] == -32803
    assert client.result("textDocument/documentSymbol", {"textDocument": {"uri": uri}})


def test_texts_that_are_no_files_or_were_never_opened_have_no_answers(client: Client, folder: Path) -> None:
    for uri in ("untitled:Untitled-1", (folder / "gone.seg").as_uri(), "file:///nul%00.seg", "", "http://x/y.seg"):
        document = {"textDocument": {"uri": uri}}
        assert client.at("hover", uri, 0, 0) is None
        assert client.at("completion", uri, 0, 0)["items"] == []
        assert client.result("textDocument/documentSymbol", document) == []
    client.tell("textDocument/didClose", {"textDocument": {"uri": "untitled:Untitled-1"}})
    uri = client.open(folder / "rules.seg", WRONG)
    assert client.codes(uri) == ["SEG201"]


def test_garbage_is_survived(client: Client, folder: Path) -> None:
    for body in (
        b"{",
        b"[]",
        b"null",
        b'{"jsonrpc":"2.0"}',
        b'{"jsonrpc":"2.0","id":900,"method":"textDocument/hover"}',
    ):
        client.send(body)
    client.tell("textDocument/didChange", {"textDocument": 3})
    client.tell("nothing/known", {})
    client.ask("nothing/known", {})
    client.tell("textDocument/hover", {"textDocument": {"uri": 5}, "position": "here"})
    uri = client.open(folder / "rules.seg", WRONG)
    assert client.codes(uri) == ["SEG201"]
    assert all("\n" not in line for line in client.log)


def test_a_mistake_of_ours_is_one_line_in_the_log(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh\nno")

    monkeypatch.setattr("segrules.editor.server.answers.hover", broken)
    uri = client.open(folder / "rules.seg")
    assert client.at("hover", uri, 3, 3) is None
    while not client.log:
        client.next()
    assert client.log == ["segrules failed: ZeroDivisionError: oh no"]


def test_files_on_disk_are_watched_where_the_editor_can(folder: Path) -> None:
    with connected() as client:
        answer = client.begin(workspace={"didChangeWatchedFiles": {"dynamicRegistration": True}})
        assert answer["capabilities"]["textDocumentSync"]["change"] == 1
        uri = client.open(folder / "rules.seg")
        while not client.asked:
            client.next()
        assert client.asked[0]["params"]["registrations"][0]["method"] == "workspace/didChangeWatchedFiles"
        catalogue = folder / "catalog.yaml"
        catalogue.write_text(catalogue.read_text(encoding="utf-8").replace("  refund:", "  rfund:"), encoding="utf-8")
        client.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": catalogue.as_uri(), "type": 2}]})
        assert client.codes(uri) == ["SEG201"]
        shutil.rmtree(folder)
        client.tell("workspace/didChangeWatchedFiles", {"changes": []})
        assert client.codes(uri) == ["SEG003"]


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 18), ("utf-32", 14)])
def test_an_editor_may_count_otherwise(folder: Path, encoding: str, character: int) -> None:
    with connected() as client:
        client.begin(general={"positionEncodings": [encoding]})
        uri = client.open(folder / "rules.seg", 'segment a "é🎁" where contry\n'.replace(" where", "\twhere"))
        assert client.codes(uri) == ["SEG201"]
        start = client.findings[uri][0]["range"]["start"]["character"]
        assert start == character + len("\twhere ")


def test_without_the_extra_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("pygls", "lsprotocol")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.startswith("segrules.editor.server")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.setitem(sys.modules, "lsprotocol", None)
    assert run_command(["lsp"]) == 2
    said = capsys.readouterr().err
    assert "not installed" in said
    assert "pip install 'segrules[lsp]'" in said


def test_the_command_serves_over_standard_input_and_output(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "from segrules.cli.main import main; main(['lsp'])"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        client = Client(process.stdin, process.stdout)
        assert client.begin()["serverInfo"]["name"] == "segrules"
        uri = client.open(folder / "rules.seg", WRONG)
        assert client.codes(uri) == ["SEG201"]
        client.ask("shutdown", None)
        client.tell("exit", None)
        assert process.wait(60) == 0
        assert process.stderr.read() == b""
