"""Rules at the edges of what can be written: days that no calendar holds, and closed lists of thousands."""

from segrules.proofs.prover import Prover
from segrules.proofs.verdict import Answer
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source
from tests.conformance.cases import bind_text, errors
from tests.proofs.asking import inside, nobody
from tests.proofs.shop import CATALOGUE, rules


def test_events_before_the_first_year_end_no_proof() -> None:
    bound = rules("segment early where did purchase before 0001-01-01")
    assert nobody(Prover(bound), "early").answer is not Answer.REFUTED


def test_a_test_of_text_does_not_carry_the_closed_list() -> None:
    listed = [f"v{place}" for place in range(1000)]
    found, findings = read_catalogue(
        Source("catalog.yaml", CATALOGUE.replace("[web, trade]", f"[{', '.join(listed)}]"))
    )
    assert found is not None, findings
    each = ", ".join(f'"{text}"' for text in listed)
    bound, findings = bind_text(
        f"segment none where tier not in [{each}]\nsegment some where tier in [{each}]", found, {}
    )
    assert errors(findings) == []
    prover = Prover(bound)
    assert nobody(prover, "none").answer is Answer.PROVED
    assert nobody(prover, "some").answer is Answer.REFUTED


def test_who_did_not_consent_is_shown_where_states_are_free_texts() -> None:
    text = CATALOGUE[: CATALOGUE.index("consents:")].replace("      age:", "      mail_ok: text\n      age:")
    text += "consents: {columns: {email: {state: mail_ok}}}\n"
    found, findings = read_catalogue(Source("catalog.yaml", text))
    assert found is not None, findings
    bound, findings = bind_text(
        "segment asked where age >= 18\nsegment agreed where age >= 18\n  consent email", found, {}
    )
    assert errors(findings) == []
    assert inside(Prover(bound), "asked", "agreed").answer is Answer.REFUTED
