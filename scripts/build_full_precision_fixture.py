"""Make tests/index/data/full_precision.{json,npz}: what the embedder says at full precision.

    pip install -e ".[model]" && python -m scripts.build_full_precision_fixture

The test reads it to prove that the shipped int8 model still agrees. Texts are stored beside the vectors, so the test
does not change when a sample document does. The vectors are float16: a tenth of the int8 model's own error.
"""

import json
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from index.load import load
from scripts.build_embedder import source_folder

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
TARGET = ROOT / "tests" / "index" / "data" / "full_precision"
PASSAGES = 120
_LENGTHS = range(110, 901)
"""Characters of a paragraph worth asking: not a label, and read whole by the model."""

QUESTIONS = [
    ("Which weapons did Germany refuse to give to Ukraine?", "Germany refused to provide the Ukrainian army"),
    ("What did Russia's ministry say about Arkhanhelske?", "taken control of the village of Arkhanhelske"),
    ("Which countries backed Macron's idea?", "But Macron's idea was supported only"),
    ("What did the New York Times report about instructors?", "Recently, The New York Times reported"),
    (
        "Is the calibration laboratory accredited for nitrogen dioxide?",
        "(B) The Provider runs a calibration",
    ),
    ("How is turnaround time defined in the contract?", '1.5 "Turnaround Time" means'),
    ("What credit does the customer get when the turnaround is missed?", "2.3 Where the level in clause 2.2"),
    ("May the calibration work be given to a subcontractor?", "2.5 The Provider shall not subcontract"),
    ("When must invoices be paid?", "4.2 Invoices are issued monthly"),
    ("How much interest is due on late payments?", "4.3 Late sums bear interest"),
    ("What insurance must the laboratory have?", "5.2 The Provider shall maintain public"),
    ("How soon must a data breach be reported?", "6.3 The Provider processes names"),
    ("What is the highest liability in a contract year?", "7.2 Subject to clause 7.1, the total liability"),
    ("Does a shortage of staff count as force majeure?", "8.1 Neither party is in breach for delay"),
    ("Which law governs the agreement?", "11.1 This Agreement is governed"),
    ("How much DNA can be expected from a tube of kelp?", "For Saccharina and Laminaria blades"),
    ("Where does chloroform waste go?", "Chloroform waste goes into"),
    ("Where should the disc be cut from the blade?", "2. Cut a disc from 10 to 15 cm"),
    ("At what temperature is the lysis incubated?", "5. Incubate 60 min at 65"),
    ("How long is the remaining tissue kept?", "Enter every run in the lab book"),
    ("Can the instrument be used where there is explosive gas?", "Explosive atmospheres. The P40 has no ATEX"),
    ("What kind of laser is inside?", "The optical chamber contains a 658 nm laser"),
    ("May children use the monitor?", "Persons under 16 years of age"),
    ("What do the colours of the charge lamp mean?", "The charge lamp is amber during charging"),
    ("How long does a full charge take and how long does the battery run?", "A full charge takes 3 h 20 min"),
    ("How do I force a restart?", "Hold the power key for 2 seconds"),
    ("What is the PIN on delivery?", "The settings are protected by a four-digit PIN"),
    ("How many records fit into the memory?", "The 8 GB memory holds 420,000 records"),
    ("Why can't I use hotel Wi-Fi?", "Bluetooth 5.2 reaches about 20 m"),
    ("What may be used to clean the housing?", "Wipe the housing with a cloth"),
    ("How should I store the device for a long time?", "Store the instrument dry"),
    ("How do I get a return number?", "To return an instrument, ask for a return number"),
    ("How do I dispose of the NO2 cell?", "Do not put the instrument or its battery in household"),
    ("What happens if I leave the red transport plug in?", "Pull the red transport plug"),
    ("Why did the stated battery life fall to 16 hours?", "Battery life is now given as 16 h"),
    ("Which firmware do instruments need for Sync 5.3?", "Instruments need **firmware 2.4 or later**"),
    ("What replaced the --all option of msync export?", "The command-line option `--all`"),
    ("How fast is the transfer over USB now?", "Transfer over USB is about 2.4 times"),
    ("When will CSV version 1 be removed?", "CSV format version 1 (semicolon"),
    ("Why were exports in UTC taken back?", "**Reverted:** 5.2.0 had changed the time zone"),
    ("What replaces the XML export?", "**Removed:** XML export"),
    ("Which versions could lose data by deleting after a transfer?", "Data loss possible in 5.1.0"),
    ("Can old projects be opened after conversion?", "New project file format `.mpk`"),
    ("How much did revenue grow in 2025?", "The year 2025 was the best in the company's history"),
    ("Why did sales in southern Europe shrink?", "Southern Europe was the only region to shrink"),
    ("Why was the Nordic second-quarter revenue corrected?", "The half-year report of 14 August 2025"),
    ("How many chargers were recalled and exchanged?", "Recall. The recall concerned 1,870 chargers"),
    ("How many accidents were there at work?", "Women held 31 % of management posts"),
    ("Was customer data copied in the cyber incident?", "Cyber security. There was one incident"),
    ("How many people lived in Zhovta Stezhka before the war?", "On Monday the ministry added a second name"),
    ("How many soldiers take part in Amber Shield?", "From June 3 to June 14 the exercise"),
    ("Do schools get a discount?", "The list price is EUR 2,490 without VAT"),
    ("Does the P40 detect carbon monoxide?", "No, and please don't try"),
    ("How often must the filter be changed?", "Every 500 hours or every 3 months"),
    ("Is there a Linux version of the software?", "Windows 10 and 11, and macOS 12 or later"),
    ("Who can see my measurements?", "Only you. The P40 has no cloud account"),
    ("What does calibration cost?", "EUR 235 for a P40 including the certificate"),
    ("Which battery supplier became the second source?", "**Decision D-26-08:**"),
    ("Why did Legal stop the letter to dealers?", "Florian explained why Legal stopped"),
    ("Is alcohol at dinners with customers paid back?", "7.3 Alcohol is not reimbursed"),
]
"""Each question with words that stand in the one paragraph that answers it."""


def paragraphs() -> list[str]:
    """All paragraphs and list items of the sample documents, in order."""
    found = []
    for path in sorted(SEEDS.iterdir()):
        if path.name != "README.md":
            document = load(path, path.name)
            texts = [
                document.text[span.start : span.end] for span in document.spans if span.kind in {"paragraph", "item"}
            ]
            found += [" ".join(text.split()) for text in texts if len(text) in _LENGTHS]
    return list(dict.fromkeys(found))


def main() -> None:
    """Choose the passages, embed them and the questions, write both files."""
    every = paragraphs()
    right = [[text for text in every if words in text] for _, words in QUESTIONS]
    if wrong := [words for (_, words), found in zip(QUESTIONS, right, strict=True) if len(found) != 1]:
        raise SystemExit(f"These words do not stand in exactly one paragraph: {wrong}")
    answers = {found[0] for found in right}
    others = [text for text in every if text not in answers]
    wanted = PASSAGES - len(answers)
    chosen = answers | {others[place * len(others) // wanted] for place in range(wanted)}
    passages = [text for text in every if text in chosen]
    questions = [question for question, _ in QUESTIONS]
    model = SentenceTransformer(str(source_folder()), device="cpu", local_files_only=True)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        TARGET.with_suffix(".npz"),
        passages=model.encode(passages, normalize_embeddings=True).astype(np.float16),
        questions=model.encode(questions, normalize_embeddings=True).astype(np.float16),
    )
    answer_places = [passages.index(found[0]) for found in right]
    content = {"passages": passages, "questions": questions, "answers": answer_places}
    TARGET.with_suffix(".json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{len(passages)} passages, {len(questions)} questions")


if __name__ == "__main__":
    main()
