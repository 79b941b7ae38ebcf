"""E-mails: subject, sender, date and the text of the body, quoted replies included."""

import email
import email.policy
import email.utils
from email.message import EmailMessage, Message

from index.errors import LoadError
from index.loaders.builder import LoadedText, TextBuilder, one_line
from index.loaders.decode import decode
from index.loaders.html_page import add_tree, parse_page
from index.loaders.text import outline_of

_PARSE_ERRORS = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What the standard library's header parser raises for headers that follow no rule."""


def load_email(data: bytes, name: str) -> LoadedText:
    """Read an e-mail; its plain text is preferred to its HTML, attachments are named in a notice.

    :raises LoadError: if it has no header of an e-mail.
    """
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        body = message.get_body(("plain", "html"))
        attachments = [_attachment_name(part) for part in message.iter_attachments()]
    except _PARSE_ERRORS as error:
        raise _unreadable(name) from error
    headers = {key: _header(message, key) for key in ("Subject", "From", "To", "Cc", "Date")}
    if not any(headers.values()):
        raise _unreadable(name)
    builder = TextBuilder()
    builder.heading(headers["Subject"], 1)
    builder.add("\n".join(f"{key}: {value}" for key, value in headers.items() if value and key != "Subject"))
    notices = list(_add_body(builder, body, name)) if body is not None else []
    if attachments:
        notices.append(f"attachments were not read: {', '.join(attachments)}; add them as files of their own")
    text, spans = builder.build()
    metadata = {"author": headers["From"], "to": headers["To"], "date": _iso_date(headers["Date"])}
    metadata = {key: value for key, value in metadata.items() if value}
    return LoadedText(text, spans, headers["Subject"], "message/rfc822", metadata, tuple(notices))


def _unreadable(name: str) -> LoadError:
    return LoadError(f"{name}: is not a readable e-mail; save it again from the mail program as .eml")


def _header(message: Message, key: str) -> str:
    try:
        return one_line(str(message.get(key, "")))
    except _PARSE_ERRORS:
        return ""


def _iso_date(date: str) -> str:
    try:
        return email.utils.parsedate_to_datetime(date).date().isoformat()
    except _PARSE_ERRORS:
        return ""


def _attachment_name(part: Message) -> str:
    try:
        return one_line(part.get_filename() or "") or part.get_content_type()
    except _PARSE_ERRORS:
        return "one without a name"


def _add_body(builder: TextBuilder, body: EmailMessage | Message, name: str) -> tuple[str, ...]:
    """Add the blocks of the body and return what could not be decoded."""
    try:
        content, charset = body.get_payload(decode=True), body.get_content_charset("")
    except _PARSE_ERRORS:
        content, charset = None, ""
    if not isinstance(content, bytes):
        return ("the text of this e-mail cannot be decoded",)
    decoded = decode(content, name, charset)
    if body.get_content_subtype() == "html":
        if decoded.text.strip():
            add_tree(builder, parse_page(decoded.text, name))
    else:
        spans, _ = outline_of(decoded.text)
        for span in spans:
            if span.kind != "section":
                builder.add(decoded.text[span.start : span.end], "item" if span.kind == "item" else "paragraph")
    return decoded.notices
