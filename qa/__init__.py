"""Questions in, answers with exact citations out."""

from qa.assistant import Assistant
from qa.settings import Settings
from qa.types import Answer, Citation, Sentence, Turn

__all__ = ["Answer", "Assistant", "Citation", "Sentence", "Settings", "Turn"]
