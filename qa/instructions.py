"""Which sentences of a passage give orders to a language model. They are not shown to one and are never evidence. Pure.

This is a list of shapes, and so it can be got round; what holds is that a sentence must be evidenced by what is left.
"""

import re
from collections.abc import Sequence

from index.types import Chunk

_NEAR = r"(?:[^.!?\n]|[.!?](?=\S)){0,80}?\b"
_MODEL = (
    r"(?:ai|a\.i\.|llm|language model|chat ?bot|chatgpt|gpt|claude|ai assistant|virtual assistant|summari[sz]er)s?\b"
)
_TEXT = r"(?:answer|reply|response|output|message|summary|completion)s?\b"
_OPENING = (
    r"(?:^|(?<=[.!?:;,*\"“(>#-])|(?<=[.!?:;,*\"“(>#-]\s)|\b(?:plea"
    r"se|then|now|always|only|instead|and|simply|just|must|should|shall)\s)\W*"
)
"""Where an order begins: a clause, or what makes one an order."""

_OVERRIDES = (
    # what was said before does not count
    (
        rf"\b(?:ignore|disregard|forget|override|overrule|bypass|discard|(?:do not|don[’']t|stop) (?:follow|"
        rf"obey)(?:ing)?|"
        rf"pay no attention to|never mind)\b{_NEAR}(?:instructions?|prompts?|rules?|guidelines?|directions?|"
        rf"commands?|context|"
        r"constraints?|polic(?:y|ies)|above|previous|earlier|prior|preceding|documents?|passages?|sources?|"
        r"everything|"
        r"training|restrictions?|question)\b"
    ),
    (
        r"\b(?:new|updated|revised|real|actual|secret|hidden|priority|override|additional|"
        r"final)\s+(?:system\s+)?"
        r"(?:instructions?|prompts?|directives?)\b"
    ),
    # who you are
    (
        r"\byou are (?:now|no longer|actually|really) (?!(?:able|ready|free|connected|logged|finished|done|in|"
        r"on|at|using)\b)"
    ),
    (
        r"\byour (?:new|real|actual|only|true|secret) (?:role|task|job|goal|purpose|instructions?|name|"
        r"mission)\b"
    ),
    (
        rf"\b(?:act|behave|respond|pretend|roleplay)\b{_NEAR}(?:ai|assistant|model|bot|admin\w*|developer|dan|"
        rf"unrestricted|jailbr\w+)\b"
    ),
    (
        r"\b(?:developer|debug|admin|god|jailbreak|dan|unrestricted|sudo) mode\b(?=[^.!?\n]*\b(?:you|enabled?|"
        r"on|now|activated?)\b)"
    ),
    r"\b(?:system|developer|initial|hidden) (?:prompts?|message|instructions?)\b",
    # who is spoken to
    (
        rf"\b{_MODEL}[^.!?\n]{{0,40}}\b(?:must|should|shall|please|has to|have to|needs? to|(?:is|"
        rf"are) required|reading|"
        rf"processing|summari[sz]ing)\b"
    ),
    (
        rf"\b(?:note|message|attention|instructions?|dear|hello|hey|notice|memo)\b[^.!?\n]{{0,12}}?\b(?:(?:to|"
        rf"for)\s+)?"
        rf"(?:the\s+|any\s+|all\s+|every\s+)?(?:{_MODEL}|(?:assistant|model|agent)s?\b\s*[:,-])"
    ),
    rf"\bif you are an?\s+(?:large\s+)?(?:{_MODEL}|assistant|model|agent)",
    rf"^\W*{_MODEL}\s*[:,]",
    # signs of a conversation or of the prompt's own frame
    r"<\|[^|>\n]{1,40}\|?>|\[/?INST\]|<</?SYS>>",
    (
        r"</?(?:system|assistant|user|instructions?|prompt|passage|tool|function|context|document|"
        r"source)[\w-]*\b[^>\n]*>"
    ),
    (
        r"^\W*(?:system|assistant|user|human|developer|ai|tool(?: (?:output|result|call))?|function(?: call|"
        r" result)?|"
        r"observation)\s*(?:\([^)\n]*\))?\s*:"
    ),
    r"^\W*#{1,6}\s*(?:system|assistant|user|human|instructions?|response|new task)\b",
    (
        r"\bend of (?:the\s+)?(?:passages?|documents?|context|sources?|data|input|user input)\b(?=\W*(?:$|"
        r"[.:\]>*-]))"
    ),
    r"\bBEGIN (?:SYSTEM|ADMIN|INSTRUCTION|OVERRIDE|PROMPT)\w*",
    # hidden orders
    rf"\b(?:base64|rot13)\b{_NEAR}(?:decode|follow|execute|obey|do what)\b",
    rf"\b(?:decode|decrypt|unscramble)\b{_NEAR}(?:follow|execute|obey|say|print|output|base64|rot13)\b",
    # the commonest other languages
    rf"\b(?:ignorier|vergiss|missacht)\w*\b{_NEAR}(?:anweisung\w*|vorherig\w*|bisherig\w*|regel\w*|alles)",
    r"\bantworte\b[^.!?\n]{0,30}\b(?:nur|mit|ausschlie\w+)\b",
    (
        rf"\bignor(?:ez|e[sz]?|a|ad|ar|are|i|ate)\b{_NEAR}(?:instru\w+|istruzion\w+|précédent\w*|anterior\w*|"
        rf"precedent\w*)"
    ),
    (
        r"\b(?:réponds|répondez|responde|responda|rispondi)\b[^.!?\n]{0,30}\b(?:uniquement|seulement|solo|"
        r"solamente|avec|con|soltanto)\b"
    ),
    r"игнорир\w+|забудь\w*|忽略|無視",
)
_ORDERS = (
    (
        rf"{_OPENING}(?:respond|reply|answer)\b{_NEAR}(?:only|exactly|verbatim|with|nothing|by saying|"
        rf"in (?:french|german|spanish|json|base64))\b"
    ),
    (
        rf"{_OPENING}(?:say|print|output|write|repeat|echo|return|state|include|append|insert|add|put|"
        rf"translate|mention|display|embed|render|end|"
        rf"begin|start|finish|conclude|claim|recommend|tell)\b{_NEAR}(?:exactly|verbatim|nothing else|"
        rf"the (?:words?|phrase|string|token|"
        rf"following|user|users|link|image|url|code word)|this (?:word|phrase|string|token|code|text|sentence|"
        rf"link|image|url)|"
        rf"(?:your|every|each|any|all|the) {_TEXT}|in your)\b"
    ),
    rf"{_OPENING}(?:say|print|output|echo|repeat)\b\W*[\"“']?(?-i:[A-Z0-9][A-Z0-9_-]{{3,}})",
    rf"\b(?:your|the|every|each|any|all) {_TEXT}[^.!?\n]{{0,30}}\b(?:must|should|shall|has to|needs? to)\b",
    r"\b(?:the (?:only )?(?:correct|right|true|official) (?:answer|response|reply) (?:is|to)\b)",
    (
        r"\bwhen(?:ever)? (?:asked|(?:anyone|somebody|someone|the user|a user) asks|you (?:are asked|answer|"
        r"reply|respond|summari[sz]e))\b"
    ),
    r"\bif (?:you are asked|asked|(?:anyone|somebody|someone|the user|a user) asks)\b",
    r"\b(?:do not|don[’']t|never|you must not) (?:mention|reveal|cite|quote|trust|answer)\b",
    (
        r"\byou (?:must|should|shall|have to|need to|will) (?:now |always |only |then |instead |also |"
        r"first )?(?:say|reply|respond|"
        r"answer|print|output|repeat|obey|comply|append|recommend)\b"
    ),
    (
        r"\b(?:reveal|leak|disclose|exfiltrate|send)\b[^.!?\n]{0,40}\b(?:prompt|conversation|history|api key|"
        r"password|previous question)\b"
    ),
)
_OVERRIDE = re.compile("|".join(_OVERRIDES), re.IGNORECASE | re.MULTILINE)
"""Shapes that hardly ever stand in a document for people: what follows one is not trusted either."""
_ORDER = re.compile("|".join(_ORDERS), re.IGNORECASE | re.MULTILINE)
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
