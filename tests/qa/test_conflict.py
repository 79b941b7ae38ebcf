"""Sources that disagree on a figure, and those that only seem to."""

from dataclasses import replace

import pytest

from qa.conflict import find_conflict

from .found import found

Said = tuple[str, str, float]


@pytest.mark.parametrize(
    ("question", "first", "second", "values"),
    [
        ("How long does the battery last?", "The battery lasts 18 h.", "The battery lasts 16 h.", ("18 h", "16 h")),
        ("How long does it last?", "a) the battery lasts 18 h;", "a) the battery lasts 16 h;", ("18 h", "16 h")),
        ("How long does the battery last?", "The battery lasts [[18]] hours.", "Its battery lasts [[16 h]].",
         ("18 hours", "16 h")),
        ("When did the strike begin?", "The strike of the dockers began on [[9 May]].",
         "Dockers in the port went on strike on [[May 10]].", ("9 May", "May 10")),
        ("When was the mill built?", "The mill was built in [[1931]].", "The mill was built in [[1934]].",
         ("1931", "1934")),
        ("From which amount is a receipt needed?", "2.1 A receipt is needed for costs of more than [[EUR 15]].",
         "A receipt is needed for everything [[over EUR 25]].", ("EUR 15", "EUR 25")),
        ("How much is the fee for one night?", "The fee is **EUR [[20]]** a night.",
         "The fee is EUR [[25.50]] per night.", ("EUR 20", "EUR 25.50")),
    ],
)  # fmt: skip
def test_other_figures_for_the_same_thing_are_a_conflict(
    question: str, first: str, second: str, values: tuple[str, str]
) -> None:
    evidence, result = found(("a", first, 5.0), ("b", second, 4.0))
    conflict = find_conflict(question, evidence, result)
    assert conflict is not None
    assert conflict.values == values


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("a", "Battery life | [[18 h]] | 12 h", 5.0), ("b", "Battery life | [[16 h]] | 11 h", 4.9)),  # of two models
        (("a", "lamps = 256", 5.0), ("b", "lamps = 16", 4.9)),
        (("a", "Default: 256", 5.0), ("b", "Default: 16", 4.9)),
        (("a", "The battery lasts 18 h.", 5.0), ("a", "The battery lasts 16 h.", 4.9)),
        (("a", "The battery lasts 18 h.", 5.0), ("b", "The cable has a length of 16 cm.", 4.9)),
        (("a", "The battery lasts 18 h.", 5.0), ("b", "The battery lasts 18 h, or 12 h in the cold.", 4.9)),
        (("a", "MS-1187: the battery lasts.", 5.0), ("b", "MS-1201: the battery lasts.", 4.9)),
        (("a", "The battery lasts [[18 h]].", 5.0), ("b", "The battery lasts long: [[400]] charges.", 4.9)),
        (("a", "The battery lasts [[18 h]].", 5.0), ("b", "The battery is more than [[16 h]] old.", 4.9)),
        (("a", "The battery lasts [[18 h]].", 5.0), ("b", "The older battery lasts [[16 h]].", 4.9)),
        (("a", "The battery lasts [[18 h]].", 5.0), ("b", "The battery lasts more than [[16 h]].", 4.9)),
        (("a", "The battery lasts about [[18 h]].", 5.0), ("b", "The battery lasts [[17.5 h]].", 4.9)),
        (("a", "The battery of the K20 lasts [[18 h]].", 5.0), ("b", "The battery of the K40 lasts [[16 h]].", 4.9)),
        (("a", "In 2024 the battery lasts [[18 h]].", 5.0), ("b", "In 2025 the battery lasts [[16 h]].", 4.9)),
        (("a", "The battery lasts [[18 h]].", 5.0), ("b", "The battery lasts [[18.0 hours]].", 4.9)),
        (("a", "7.3 The battery [[never]] lasts.", 5.0), ("b", "The battery lasts [[12 h]].", 4.9)),
        (("a", "The battery lasts [[18 h]].", 5.0), ("b", "Repairs last [[16 h]].", 4.9)),
        (("a", "The battery lasts [[18 h]].", 9.5), ("b", "The battery lasts [[16 h]].", 4.9)),
    ],
)
def test_what_is_no_conflict(first: Said, second: Said) -> None:
    evidence, result = found(first, second)
    assert find_conflict("How long does the battery last?", evidence, result) is None


def test_what_a_figure_was_changed_to_counts() -> None:
    changed = ("a", "The warranty of the crane was extended from [[24 to 36 months]].", 5.0)
    other = ("b", "We give a warranty of [[24 months]] on every crane.", 4.0)
    evidence, result = found(changed, other)
    assert find_conflict("How long is the warranty?", evidence, result) is None, "it names the other figure itself"
    evidence, result = found(changed, ("c", "The warranty of a crane is [[36 months]].", 4.5), other)
    conflict = find_conflict("How long is the warranty?", evidence, result)
    assert conflict is not None
    assert conflict.values == ("36 months", "24 months")


def test_a_document_that_says_the_same_as_well_contradicts_nothing() -> None:
    evidence, result = found(
        ("a", "The warranty is [[36 months]].", 5.0),
        ("b", "The warranty is [[24 months]] without registration.", 4.9),
        ("b", "With registration the warranty is [[36 months]].", 4.8),
    )
    assert find_conflict("How long is the warranty?", evidence, result) is None


def test_what_is_next_depends_on_the_document() -> None:
    evidence, result = found(
        ("a", "The next meeting is on [[3 May]].", 5.0), ("b", "The next meeting is on [[7 June]].", 4.9)
    )
    assert find_conflict("When is the next meeting?", evidence, result) is None
    assert find_conflict("When is the meeting?", evidence, result) is not None


def test_the_number_of_a_section_is_no_figure() -> None:
    evidence, result = found(
        ("a", "The battery of the pump lasts 8 hours.", 5.0), ("b", "3.1 The battery of the pump lasts long.", 4.9)
    )
    assert find_conflict("How many hours does the battery of the pump last?", evidence, result) is None


@pytest.mark.parametrize(("margin", "shown"), [(3.0, True), (-0.5, True), (-4.0, False)])
def test_a_sentence_that_may_answer_disagrees_and_one_that_does_not_answer_does_not(margin: float, shown: bool) -> None:
    first = ("a", "You must register the unit within [[60 days]] of its purchase; the fee is EUR 4.", 5.0)
    second = ("b", "Condition: the unit is registered within [[90 days]] of purchase.", 4.5)
    (best, other), result = found(first, second)
    assert other.place.span is not None
    other = replace(other, place=replace(other.place, span=replace(other.place.span, margin=margin)))
    question = "How many days after purchase must the unit be registered?"
    assert (find_conflict(question, (best, other), result) is not None) == shown
