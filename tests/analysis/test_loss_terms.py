from __future__ import annotations

from dataclasses import fields, replace

import pytest

from pi_tui.analysis.loss_terms import WAIT_TERMS, list_terms, stack_terms
from pi_tui.analysis.losses import sum_losses
from pi_tui.analysis.results import Losses

SEEN = Losses(0.98, 0.01, 0.05, 0.9, 0.6, 0.2, 0.1, 0.02, -0.03, 0.03, 0.04, workers=2, worker=1, trial=3)
UNSEEN = replace(SEEN, queued=None, gil_wait=None, lock_wait=None, io_wait=None)


def test_every_field_of_the_losses_is_a_term() -> None:
    about = {"workers", "worker", "trial"}
    assert [term.name for term in list_terms(SEEN)] == [
        field.name for field in fields(Losses) if field.name not in about
    ]


@pytest.mark.parametrize("losses", [SEEN, UNSEEN])
def test_terms_and_stacked_terms_have_the_same_sum(losses: Losses) -> None:
    assert sum(term.value or 0.0 for term in list_terms(losses) if not term.part) == pytest.approx(sum_losses(losses))
    assert sum(term.value or 0.0 for term in stack_terms(losses)) == pytest.approx(sum_losses(losses))


def test_waiting_is_stacked_by_its_parts_where_they_are_known() -> None:
    seen, unseen = ({term.name for term in stack_terms(losses)} for losses in (SEEN, UNSEEN))
    assert "waiting" not in seen
    assert set(WAIT_TERMS) <= seen
    assert "waiting" in unseen
    assert not {"queued", *WAIT_TERMS} & unseen, "what is not known is not drawn"
