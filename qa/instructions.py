"""Which sentences of a passage give orders to a language model. They are not shown to one and are never evidence. Pure.

This is a list of shapes, and so it can be got round; what holds is that a sentence must be evidenced by what is left.
"""

import re
from collections.abc import Sequence

from index.types import Chunk

_OVERRIDE = re.compile(
    r"\b(?:ignore|disregard|forget|override|overrule|bypass|drop|discard|do not follow|don[’']t follow|stop following|pay no attention to|never mind)\b"
    r"[^.!?\n]{0,60}\b(?:instruction|prompt|rule|guideline|direction|command|context|constraint|polic(?:y|ies)|above|previous|earlier|prior|preceding|before|documents?|passages?|sources?|everything|training|restriction)|"
    r"\b(?:new|updated|revised|real|actual|secret|hidden|important|special|urgent|additional|further|priority|override)\s+(?:system\s+)?(?:instruction|prompt|directive|task|order)s?\b|"
    r"\byou are (?:now|no longer|actually|really)\b|\byour (?:new|real|actual|only|true) (?:role|task|job|goal|purpose|instruction|name)\b|"
    r"\b(?:act|behave|respond|answer) as (?:if|though|an?|the)\b[^.!?\n]{0,40}\b(?:ai|assistant|model|bot|system|admin\w*|developer|dan|unrestricted|jailbr\w+)\b|"
    r"\b(?:developer|debug|admin|god|maintenance|jailbreak|dan|unrestricted|sudo|root) mode\b|"
    r"\b(?:system|developer|assistant|initial|hidden) (?:prompt|message|instruction)s?\b|"
    r"\b(?:ai|a\.i\.|llm|language model|chat ?bot|chatgpt|gpt|claude|assistant|large language model)s?\b[^.!?\n]{0,40}\b(?:must|should|shall|please|has to|have to|need to|needs to|is required|are required|reading|reads|processing|summari[sz]ing|will|who|that|:)|"
    r"\b(?:note|message|attention|instruction|dear|hello|hey|hi|request|notice)s?\b[^.!?\n]{0,12}\b(?:to|for)?\s*(?:the\s+|any\s+|all\s+|every\s+)?(?:ai|llm|language model|model|assistant|chat ?bot|reader model|summari[sz]er|agent)s?\b|"
    r"<\|[^|>\n]{1,40}\|?>|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|user|instructions?|prompt|passage[\w-]*|tool[\w-]*|function[\w-]*|context)\b[^>\n]*>|"
    r"^\W*(?:system|assistant|user|human|developer|ai|tool|function|observation|instruction|response|answer)s?\s*(?:\([^)\n]*\))?\s*[:>]|"
    r"^\W*#{1,6}\s*(?:system|assistant|user|human|instructions?|response|new task|task)\b|"
    r"\bend of (?:the\s+)?(?:passages?|documents?|context|sources?|data|input|file|text|user input)\b|"
    r"\bBEGIN (?:SYSTEM|ADMIN|INSTRUCTION|OVERRIDE|PROMPT)\w*|"
    r"\b(?:base64|rot13|hex)\b[^.!?\n]{0,40}\b(?:decode|follow|execute|obey|do|run)|\b(?:decode|decrypt|unscramble|reverse)\b[^.!?\n]{0,60}\b(?:follow|execute|obey|do|run|say|print|output|base64|rot13)\b|"
    r"\b(?:ignorier|vergiss|missacht)\w*\b[^.!?\n]{0,60}\b(?:anweisung|vorherig|bisherig|regel|alles)|\bantworte\b[^.!?\n]{0,20}\b(?:nur|mit|ausschlie)|"
    r"\bignor(?:e|ez|a|ad|e[sz]?)\b[^.!?\n]{0,40}\b(?:instruc\w+|précédent\w*|anterior\w*|precedent\w*|istruzion\w*)|\br[ée]p(?:onds|ondez|onde|uest\w+)\b[^.!?\n]{0,30}\b(?:uniquement|seulement|solo|solamente|avec|con)\b|"
    r"игнорир\w+|забудь\w*|忽略|無視|ignorar? (?:as|todas|las|todo)",
    re.IGNORECASE | re.MULTILINE,
)
"""Shapes that hardly ever stand in a document for people: what follows one is not trusted either."""
_ORDER = re.compile(
    r"\b(?:respond|reply|answer|say|print|output|write|repeat|echo|return|state|include|append|insert|add|mention|display|show|recommend|claim|tell|end|begin|start|finish|conclude|translate|render|embed)\b"
    r"[^.!?\n]{0,60}\b(?:only|exactly|verbatim|nothing else|the (?:word|words|phrase|string|token|code|text|sentence|following|link|image|url|address|user)|this (?:word|phrase|string|token|code|text|sentence|link|image|url)|your (?:answer|answers|reply|response|output|message|text)|(?:every|each|any|all) (?:answer|reply|response|message|question)s?|users?|following|with|in (?:your|the) (?:answer|reply|response|output))\b|"
    r"\b(?:your|the) (?:answer|reply|response|output)s?\b[^.!?\n]{0,30}\b(?:must|should|shall|has to|needs to|is to|will|begins?|ends?|starts?|contains?|includes?)\b|"
    r"\bwhen(?:ever)? (?:asked|anyone asks|somebody asks|someone asks|the user|a user|you (?:are asked|answer|reply|respond|summari[sz]e))\b|"
    r"\bif (?:you are (?:asked|an?|reading)|(?:asked|anyone asks|the user|a user))\b|"
    r"\b(?:do not|don[’']t|never|you must not) (?:mention|tell|reveal|cite|use|answer|quote|trust|say)\b|"
    r"\byou (?:must|should|shall|have to|need to|will) (?:now |always |only |then |instead |also |first )?(?:say|reply|respond|answer|print|output|write|repeat|obey|follow|comply|include|state|append|recommend|tell)\b",
    re.IGNORECASE,
)
"""Orders about what to write. A manual may give some to people, so only their own paragraph is kept from the model."""


def barred_sentences(chunk: Chunk) -> frozenset[int]:
    """Which of ``chunk.sentences`` are not to be shown or believed.

    After a shape that no document for people has, that is everything to the end of the passage, and the paragraph it
    stands in; after an order about what to write, the paragraph.
    """
    texts = [chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences]
    strong = [place for place, text in enumerate(texts) if _OVERRIDE.search(text)]
    weak = [place for place, text in enumerate(texts) if _ORDER.search(text)]
    if not strong and not weak:
        return frozenset()
    paragraphs = _paragraphs(chunk)
    barred = {place for hit in (*strong, *weak) for place in range(len(texts)) if paragraphs[place] == paragraphs[hit]}
    if strong:
        barred.update(range(strong[0], len(texts)))
    return frozenset(barred)


def gives_orders(text: str) -> bool:
    """Whether a short text, such as a title, holds an order to a model."""
    return bool(_OVERRIDE.search(text) or _ORDER.search(text))


def _paragraphs(chunk: Chunk) -> Sequence[int]:
    """For each sentence the number of its paragraph; an empty line ends one."""
    numbers, number, before = [], 0, chunk.start
    for start, end in chunk.sentences:
        number += "\n\n" in chunk.text[max(0, before - chunk.start) : start - chunk.start]
        numbers.append(number)
        before = end
    return numbers
