"""An answer to "how much does it cost" is money, to "how tall" a length, to "how many" a number of just that."""

import pytest

from qa.units import lacks_unit


@pytest.mark.parametrize(
    ("question", "with_it", "without"),
    [
        ("How old is Olga Stern?", "Olga Stern is 47 years old.", "Olga Stern signed on 16 September 2025."),
        ("How tall is the tower?", "It stands 31 metres high.", "The tower was rebuilt in 1998 in stone."),
        ("How tall is the tower?", "Height: 31m", "It is a house in Vienna."),
        ("How much does a repair cost?", "A repair is EUR90.", "Repairs are 0.9 % of all cases."),
        ("How high is the fine?", "It is 80p a day.", "The shelf is 3 m high."),
        ("What percentage was on time?", "96.3 % were on time.", "1,982 were on time in 2019 in Graz."),
        ("How long is the guarantee?", "It runs for eighteen months.", "It began in the 1980s."),
        ("How long has the school existed?", "It has existed since 1911.", "The school is by the river."),
        ("When did the minister say so?", "She said so on 9 May.", "She said so to five governments."),
        ("When does the library open?", "At 9:00.", "It opens after the guard has come."),
        ("When is the choir practice?", "On Mondays.", "In the hall."),
        ("How often must it be cleaned?", "Clean it every week.", "It must be cleaned with water."),
        ("How many soldiers does it send?", "It sends 6,200 German soldiers.", "It sends soldiers."),
        ("How many pumps were sold?", "None were sold.", "A pump was sold to the town."),
        ("What is the temperature of the bath?", "The bath is at 65 °C.", "The bath has 12 litres."),
        ("How heavy is the case?", "The case weighs 1.2 kg.", "The case is 40 cm wide."),
    ],
)
def test_the_unit_that_is_asked_for(question: str, with_it: str, without: str) -> None:
    assert not lacks_unit(question, with_it)
    assert lacks_unit(question, without)


def test_a_number_of_something_else_is_not_the_count() -> None:
    question = "How many pumps were sold?"
    assert lacks_unit(question, "With its staff of 40 people the works went on and on, and pumps were sold.")
    assert not lacks_unit(question, "Nine.")
    question = "How many children attend Windermere School?"
    assert not lacks_unit(question, "Windermere School, founded by the parish, has 214 children.")


@pytest.mark.parametrize(
    "question",
    ["Who chaired it?", "What does ERR-4042 mean?", "Why was it shut?", "", "How much time is spent on training?",
     "Which day is the rent due?", "When a parcel is lost, who pays?"],
)  # fmt: skip
def test_other_questions_ask_for_no_such_unit(question: str) -> None:
    assert not lacks_unit(question, "Nothing is said.")


@pytest.mark.parametrize("text", ["7" * 60_000, "7 " * 30_000, "7." * 30_000, "one " * 15_000])
def test_a_file_of_digits_stops_nobody(text: str) -> None:
    """A pattern that looks at what follows every digit anew would take a quarter of an hour for this."""
    assert lacks_unit("How old is it?", text)
    assert not lacks_unit("How many rows are there?", text)
    assert lacks_unit("How long is it?", text)


def test_the_names_of_a_tables_columns_tell_the_unit_of_its_figures() -> None:
    question, row, header = "How much does the M12 cost?", "| M12 | 497.00 |", "Article | Price (EUR)"
    assert lacks_unit(question, row)
    assert not lacks_unit(question, row, header=header)
    assert lacks_unit("When was the M12 sold?", "| M12 | – |", header="Article | Sold in 2021")


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("40 percent of Lithuanians would see soldiers go.", True),
        ("On May 26 it was told.", True),
        ("The voyage took 18 months.", True),
        ("Lithuania sent 300 more soldiers on May 26.", False),
        ("Soldiers on 30 June 2024: 418,900 (in 2023: 409,300).", False),
        ("Some 300 went.", False),
    ],
)
def test_a_date_or_a_share_is_no_count(text: str, lacks: bool) -> None:
    assert lacks_unit("How many soldiers did Lithuania send?", text) is lacks


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many months did the voyage take?", "It took 18 months."),
        ("How many kilometres is the route?", "The route is 40 km long."),
        ("How many days do I have to return it?", "It goes back within two weeks."),
        ("How many euros is a ticket?", "A ticket is €12."),
        ("How many people may attend?", "Up to 12 may attend."),
        ("How many volunteers are there?", "Since March 40 volunteers have joined."),
        ("How many teachers find their workload fair?", "| My workload is fair | 41 % | 64 % |"),
    ],
)
def test_a_unit_that_is_asked_for_counts(question: str, text: str) -> None:
    assert not lacks_unit(question, text)
