"""Who may come in: a password for people, a token for programs, sessions in memory, and a brake for those who guess."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from index import UsageError
from qa import Settings
from ui.markup import escape

COOKIE = "answerable_session"
_SHORTEST = 8
_IDLE_SECONDS = 12 * 3600.0
_LONGEST_SECONDS = 7 * 86400.0
_MOST_SESSIONS = 1000
_FREE_TRIES = 5
_FIRST_WAIT_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 300.0
_FORGET_SECONDS = 900.0
_MOST_ADDRESSES = 10_000
_TRIES_A_MINUTE = 60
"""From all addresses together: there is one password, whoever guesses it."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What opens the door. With neither, it stands open."""

    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.password or self.token)

    def opens(self, given: str) -> bool:
        """Whether a person's input is the password (or the token), in a time that tells nothing about them."""
        matches = [_same(given, secret) for secret in (self.password, self.token)]
        return any(matches)

    def is_token(self, given: str) -> bool:
        """Whether a program's input is the token."""
        return _same(given, self.token)


def secrets_of(settings: Settings) -> Secrets:
    """:raises UsageError: the password's file cannot be read, or a secret is too short to be one."""
    password = settings.password
    if settings.password_file is not None and not password:
        password = _first_line(settings.password_file)
    for name, value in (("password", password), ("token", settings.token)):
        if 0 < len(value) < _SHORTEST:
            raise UsageError(f"The {name} is shorter than {_SHORTEST} characters; choose a longer one.")
    return Secrets(password, settings.token)


class Sessions:
    """Who is logged in. Only digests of the cookies are kept; a restart logs everybody out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: dict[str, tuple[float, float]] = {}

    def begin(self) -> str:
        """A new session's cookie; never one that a browser brought along."""
        cookie = secrets.token_urlsafe(32)
        now = self._clock()
        with self._lock:
            self._times = {key: times for key, times in self._times.items() if _alive(times, now)}
            while len(self._times) >= _MOST_SESSIONS:
                del self._times[min(self._times, key=lambda key: self._times[key][1])]
            self._times[_digest(cookie)] = (now, now)
        return cookie

    def holds(self, cookie: str) -> bool:
        """Whether a cookie is that of a session; that it was used is noted."""
        key, now = _digest(cookie), self._clock()
        with self._lock:
            times = self._times.get(key)
            if times is None or not _alive(times, now):
                self._times.pop(key, None)
                return False
            self._times[key] = (times[0], now)
            return True

    def end(self, cookie: str) -> None:
        """Log out."""
        with self._lock:
            self._times.pop(_digest(cookie), None)


class Throttle:
    """Slows down who guesses: after five failures an address waits, twice as long each time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[str, tuple[int, float]] = {}
        self._recent: list[float] = []

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0 if it may now."""
        now = self._clock()
        with self._lock:
            self._recent = [moment for moment in self._recent if now - moment < 60]
            if len(self._recent) >= _TRIES_A_MINUTE:
                return 60 - (now - self._recent[0])
            count, last = self._failures.get(address, (0, now))
            if count < _FREE_TRIES:
                return 0.0
            pause = min(_FIRST_WAIT_SECONDS * 2.0 ** min(count - _FREE_TRIES, 20), _LONGEST_WAIT_SECONDS)
            return float(max(0.0, last + pause - now))

    def failed(self, address: str) -> None:
        """Note a wrong password or token."""
        now = self._clock()
        with self._lock:
            self._failures = {key: item for key, item in self._failures.items() if now - item[1] < _FORGET_SECONDS}
            if len(self._failures) >= _MOST_ADDRESSES:
                self._failures.pop(next(iter(self._failures)))
            self._failures[address] = (self._failures.get(address, (0, now))[0] + 1, now)
            self._recent.append(now)

    def passed(self, address: str) -> None:
        """Forget the failures of an address."""
        with self._lock:
            self._failures.pop(address, None)


def login_page(target: str, problem: str = "") -> str:
    """Our own page, without a script and without anything from elsewhere."""
    shown = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    return _PAGE.replace("{problem}", shown).replace("{target}", escape(local_path(target)))


def local_path(target: str) -> str:
    """Where to go after the login: a path of this server, never another host."""
    ok = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable() and "\\" not in target
    return target if ok else "/"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Answerable: log in</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0;
  background: Canvas; color: CanvasText; color-scheme: light dark; }
form { display: grid; gap: .75rem; width: min(20rem, 90vw); }
input, button { font: inherit; padding: .5rem; }
[role=alert] { border-left: 3px solid #c00; padding-left: .5rem; margin: 0; }
</style></head><body>
<form method="post" action="/login" autocomplete="on">
<h1>Answerable</h1>
{problem}
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus maxlength="200">
<input type="hidden" name="next" value="{target}">
<button type="submit">Log in</button>
</form></body></html>
"""


def _alive(times: tuple[float, float], now: float) -> bool:
    return now - times[0] < _LONGEST_SECONDS and now - times[1] < _IDLE_SECONDS


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).hexdigest()


def _same(given: str, secret: str) -> bool:
    """Digests are compared, so that not even the length shows in the time taken."""
    return hmac.compare_digest(_digest(given), _digest(secret)) and bool(secret)


def _first_line(file: Path) -> str:
    try:
        line = next(iter(file.read_text(encoding="utf-8").splitlines()), "").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The password file {str(file)!r} cannot be read ({error}).") from None
    if not line:
        raise UsageError(f"The password file {str(file)!r} is empty; write a password into its first line.")
    return line
