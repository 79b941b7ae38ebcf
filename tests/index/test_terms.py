"""What counts as the same word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.terms import ParsedQuery, Term, parse_query, stems, terms, topic_stems


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("batteries", "battery"),
        ("Charging", "charged"),
        ("WARRANTY", "warranty"),
        ("café", "cafe"),
        ("cafe\u0301", "café"),
        ("Müller", "MULLER"),
        ("ﬁlter", "filter"),
        ("Ǆungla", "ǆungla"),
        ("1,500,000", "1500000"),
        ("1\u202f500", "1500"),
        ("1\u00a0500", "1,500"),
        ("18h", "18 h"),
        ("ERR-4042", "err 4042"),
        ("ERR4042", "ERR-4042"),
        ("Tarnbeck's", "Tarnbeck"),
        ("Tarnbeck’s", "Tarnbeck"),
        ("P40_214", "P40-214"),
        ("Mu\u0308ller", "Müller"),
        ("O’Brien", "O'Brien"),
        ("か\u3099", "が"),
        ("①", "1"),
        ("ℕumber", "number"),
    ],
)
def test_two_ways_to_write_the_same(written: str, meant: str) -> None:
    assert stems(written) == stems(meant) != ()


@pytest.mark.parametrize(
    ("one", "other"), [("1500", "150"), ("14610", "14160"), ("P40", "P20"), ("1,50", "150"), ("カス", "ガス")]
)
def test_different_things_stay_different(one: str, other: str) -> None:
    assert stems(one) != stems(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("保証期間", ("保", "証", "期", "間")),
        ("ガス24か月", ("ガ", "ス", "24", "か", "月")),
        ("ERR-4042", ("err", "4042")),
        ("18h", ("18", "h")),
        ("P40-CH45", ("p", "40", "ch", "45")),
        ("don't", ("don",)),
        ("O'Brien's l'hôtel", ("o", "brien", "l", "hotel")),
        ("USBケーブル", ("usb", "ケ", "ー", "ブ", "ル")),
        ("한국어", ("한", "국", "어")),
        ("\u3099 ・ \ue000", ()),
        ("___ --- 😀", ()),
        ("", ()),
    ],
)
def test_words_of_a_text(text: str, expected: tuple[str, ...]) -> None:
    assert stems(text) == expected


def test_a_term_knows_its_place_and_whether_it_is_a_topic() -> None:
    assert terms("The Café's 1,500 seats") == [
        Term("the", 0, 3, stop=True),
        Term("cafe", 4, 10, stop=False),
        Term("1500", 11, 16, stop=False),
        Term("seat", 17, 22, stop=False),
    ]


def test_encoded_data_do_not_bloat_the_index() -> None:
    (stem,) = stems("a" * 100_000)
    assert len(stem) <= 64


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "How long does the battery last?",
            ParsedQuery(stems=("long", "batteri", "last"), compounds=(), phrases=()),
        ),
        (
            "What does ERR-4042 mean?",
            ParsedQuery(stems=("err", "4042", "mean"), compounds=(("err", "4042"),), phrases=()),
        ),
        (
            "What does err4042 or ERR-4042 mean?",
            ParsedQuery(stems=("err", "4042", "mean"), compounds=(("err", "4042"),), phrases=()),
        ),
        (
            'Where does it say "not carried over"?',
            ParsedQuery(stems=("say", "not", "carri", "over"), compounds=(), phrases=(("not", "carri", "over"),)),
        ),
        (
            "“zero filter” and “zero check”",
            ParsedQuery(
                stems=("zero", "filter", "check"), compounds=(), phrases=(("zero", "filter"), ("zero", "check"))
            ),
        ),
        ('""', ParsedQuery((), (), ())),
        ('"?!"', ParsedQuery((), (), ())),
        ("???", ParsedQuery((), (), ())),
        ('a lone " quote', ParsedQuery(stems=("lone", "quot"), compounds=(), phrases=())),
    ],
)
def test_questions(question: str, expected: ParsedQuery) -> None:
    assert parse_query(question) == expected


def test_a_question_of_stop_words_keeps_them() -> None:
    assert parse_query("Who is it?").stems == ("who", "is", "it")
    assert parse_query("To be or not to be").stems == ("not",)


_TEXT = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                "Dr. O’Neil",
                "1,500",
                "1\u202f000",
                "18h",
                "ERR-4042",
                "'",
                "’",
                "İstanbul",
                "ß",
                "修理A社",
                "e\u0301a",
                "か\u3099",
                "٣",
                "²",
            ]
        )
    ).map(" ".join),
)


@given(_TEXT)
def test_terms_stand_in_the_text_in_order(text: str) -> None:
    found = terms(text)
    position = 0
    for term in found:
        assert position <= term.start < term.end <= len(text)
        assert text[term.start : term.end].casefold()
        assert not any(character.isspace() for character in term.stem)
        position = term.end
    assert tuple(term.stem for term in found) == stems(text)
    assert len(set(topic_stems(found))) == len(topic_stems(found)) <= len(found)


@given(_TEXT)
def test_no_letter_or_digit_is_lost(text: str) -> None:
    covered = {place for term in terms(text) for place in range(term.start, term.end)}
    assert not [c for place, c in enumerate(text) if place not in covered and (c.isalpha() or c.isdecimal())]


@given(_TEXT)
def test_stems_are_words_again_so_that_the_full_text_index_reads_them_alike(text: str) -> None:
    assert all(stem for stem in stems(text))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", ["a", "1", "a1", "a-", "a'", "1,", '"', "e\u0301", "修"])
def test_a_question_may_hold_a_long_run_without_white_space(part: str) -> None:
    parse_query(part * 50_000)
