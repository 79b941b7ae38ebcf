"""The guard alone, before an app that would do anything for anybody."""

import asyncio
import statistics
import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from index import UsageError
from qa import Settings
from ui.exchange import Receive, Scope, Send
from ui.login import COOKIE, Secrets, Sessions, Throttle, local_path, secrets_of
from ui.security import Guard, Rules, check_binding, host_allowed

SECRETS = Secrets("correct horse battery", "token-of-the-tests")


class Recorder:
    """An app that notes what it was asked, and answers anything."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.body = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self.done.append("websocket")
            return
        while (message := await receive())["type"] == "http.request":
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.done.append(scope["method"])
        headers = [(b"access-control-allow-origin", b"*"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"done"})


def ask(
    guard: Guard, path: str = "/", *, method: str = "GET", address: str = "192.0.2.1", scheme: str = "http", **more: Any
) -> httpx.Response:
    """One request, without a socket."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(guard, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://localhost") as client:
            return await client.request(method, path, **more)

    return asyncio.run(send())


def log_in(guard: Guard, password: str = SECRETS.password, **more: Any) -> httpx.Response:
    return ask(guard, "/login", method="POST", data={"password": password, "next": "/docs"}, **more)


# Binding, Host and Origin


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "answers.example"])
def test_other_machines_come_in_only_where_there_is_a_password(host: str) -> None:
    with pytest.raises(UsageError, match="QA_PASSWORD"):
        check_binding(host, Secrets())
    check_binding(host, Secrets(token="a long token"))
    check_binding("127.0.0.1", Secrets())


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:7860", True), ("localhost", True), ("[::1]:7860", True), ("192.0.2.7:80", True),
        ("answers.example", True), ("ANSWERS.EXAMPLE:443", True), ("evil.example", False), ("", False),
        ("localhost.evil.example", False), ("evil.example@127.0.0.1", False), ("127.0.0.1.evil.example", False),
        ("[::1", False), ("answers.example.", True),
    ],
)  # fmt: skip
def test_only_our_own_names_are_answered(host: str, allowed: bool) -> None:
    assert host_allowed(host, Rules(frozenset({"answers.example"}))) is allowed


ORIGINS = ["http://evil.example", "null", "http://localhost:9999", "https://localhost:9999", "http://localhost.evil"]


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_other_sites_change_nothing(origin: str, method: str) -> None:
    app = Recorder()
    response = ask(Guard(app, Secrets()), "/api/v1/ask", method=method, headers={"origin": origin})
    assert (response.status_code, app.done) == (403, [])


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_browsers_that_send_no_origin_say_where_a_request_comes_from(site: str) -> None:
    app = Recorder()
    for method, mode in (("POST", "navigate"), ("POST", "no-cors"), ("GET", "no-cors")):
        headers = {"sec-fetch-site": site, "sec-fetch-mode": mode}
        assert ask(Guard(app, Secrets()), "/x", method=method, headers=headers).status_code == 403
    assert app.done == []
    followed = {"sec-fetch-site": site, "sec-fetch-mode": "navigate"}
    assert ask(Guard(app, Secrets()), "/", headers=followed).status_code == 200, "a link to us may be followed"


@pytest.mark.parametrize("headers", [{}, {"origin": "http://localhost"}, {"sec-fetch-site": "same-origin"}])
def test_our_own_pages_and_programs_come_through(headers: Mapping[str, str]) -> None:
    app = Recorder()
    assert ask(Guard(app, Secrets()), "/x", method="POST", headers=headers).status_code == 200


def test_a_name_of_another_site_for_our_address_is_refused() -> None:
    app = Recorder()
    headers = {"host": "evil.example", "origin": "http://evil.example"}
    assert ask(Guard(app, Secrets()), "/x", method="POST", headers=headers).status_code == 400
    assert app.done == []


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
def test_websockets_need_our_origin(origin: str | None) -> None:
    app = Recorder()
    sent: list[Any] = []
    headers = [(b"host", b"localhost")] + ([(b"origin", origin.encode())] if origin else [])
    scope = {"type": "websocket", "path": "/x", "headers": headers, "query_string": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Guard(app, Secrets())(scope, receive, send))
    assert (app.done, sent[0]["type"]) == ([], "websocket.close")
    headers[1:] = [(b"origin", b"http://localhost")]
    asyncio.run(Guard(app, Secrets())(scope, receive, send))
    assert app.done == ["websocket"]


# Login


def test_nothing_is_open_without_a_login() -> None:
    app = Recorder()
    guard = Guard(app, SECRETS)
    paths = [
        "/", "/docs", "/openapi.json", "/metrics", "/config", "/gradio_api/queue/join", "/api/v1/ask", "/page/x.js",
        "/v1/models", "/api/v1/health/", "/login/x", "//login", "/api/v1/healthx",
    ]  # fmt: skip
    for path in paths:
        assert ask(guard, path).status_code == 401, path
        assert ask(guard, path, method="POST").status_code == 401, path
    assert app.done == []
    assert ask(guard, "/api/v1/health").status_code == 200
    sent_away = ask(guard, "/docs?x=1", headers={"accept": "text/html"})
    assert (sent_away.status_code, sent_away.headers["location"]) == (303, "/login?next=/docs%3Fx%3D1")


def test_a_session_begins_with_the_password_and_ends_with_the_logout() -> None:
    guard = Guard(Recorder(), SECRETS)
    assert log_in(guard, "wrong").status_code == 401
    response = log_in(guard)
    assert (response.status_code, response.headers["location"]) == (303, "/docs")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    session = {"cookie": cookie.partition(";")[0]}
    assert ask(guard, "/api/v1/ask", headers=session).status_code == 200
    assert ask(guard, "/logout", method="POST", headers=session).status_code == 303
    assert ask(guard, "/api/v1/ask", headers=session).status_code == 401


def test_the_cookie_is_secure_over_https() -> None:
    assert "; Secure" in log_in(Guard(Recorder(), SECRETS), scheme="https").headers["set-cookie"]


def test_a_session_cannot_be_brought_along() -> None:
    guard = Guard(Recorder(), SECRETS)
    planted = {"cookie": f"{COOKIE}=planted"}
    response = log_in(guard, headers=planted)
    assert "planted" not in response.headers["set-cookie"]
    assert ask(guard, "/x", headers=planted).status_code == 401
    first = {"cookie": response.headers["set-cookie"].partition(";")[0]}
    second = log_in(guard, headers=first).headers["set-cookie"].partition(";")[0]
    assert ask(guard, "/x", headers=first).status_code == 401, "a new login ends the session before it"
    assert ask(guard, "/x", headers={"cookie": second}).status_code == 200


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {SECRETS.token}", 200), (f"bearer  {SECRETS.token} ", 200), ("Bearer wrong", 401), ("Bearer ", 401),
        (f"Bearer {SECRETS.password}", 401), (f"Basic {SECRETS.token}", 401), (SECRETS.token, 401),
    ],
)  # fmt: skip
def test_programs_send_the_token(authorization: str, status: int) -> None:
    guard = Guard(Recorder(), SECRETS)
    assert ask(guard, "/x", method="POST", headers={"authorization": authorization}).status_code == status


def test_an_empty_secret_opens_nothing() -> None:
    only_password = Guard(Recorder(), Secrets(password="a long password"))
    assert ask(only_password, "/x", headers={"authorization": "Bearer "}).status_code == 401
    only_token = Guard(Recorder(), Secrets(token="a long token"))
    assert log_in(only_token, "").status_code == 401


def test_guessing_is_slowed_down_and_the_right_password_waits_too() -> None:
    guard = Guard(Recorder(), SECRETS)
    codes = [log_in(guard, f"wrong {number}").status_code for number in range(30)]
    assert codes == [401] * 5 + [429] * 25
    refused = log_in(guard)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert log_in(guard, address="192.0.2.2").status_code == 303, "another address is not locked out by it"
    bearer = {"authorization": "Bearer wrong"}
    codes = [ask(guard, "/x", headers=bearer, address="192.0.2.3").status_code for _ in range(7)]
    assert codes == [401] * 5 + [429] * 2


def test_the_pause_grows_and_all_addresses_together_are_limited() -> None:
    now = [0.0]
    throttle = Throttle(clock=lambda: now[0])
    pauses = []
    for _ in range(12):
        throttle.failed("a")
        pauses.append(throttle.wait("a"))
        now[0] += throttle.wait("a")
    assert pauses[:7] == [0, 0, 0, 0, 5, 10, 20]
    assert max(pauses) == 300
    for number in range(60):
        throttle.failed(f"address {number}")
    assert throttle.wait("a fresh one") > 0
    now[0] += 61
    assert throttle.wait("a fresh one") == 0


def test_sessions_end_by_themselves() -> None:
    now = [0.0]
    sessions = Sessions(clock=lambda: now[0])
    cookie = sessions.begin()
    for _ in range(20):
        now[0] += 11 * 3600
        held = sessions.holds(cookie)
    assert not held, "after a week, however busy"
    idle = sessions.begin()
    now[0] += 13 * 3600
    assert not sessions.holds(idle)


def test_the_time_of_a_refusal_tells_nothing() -> None:
    guesses = ("correct horse batterz", "x", "")
    times: dict[str, list[float]] = {guess: [] for guess in guesses}
    for _ in range(200):
        for guess in guesses:
            begun = time.perf_counter()
            SECRETS.opens(guess)
            times[guess].append(time.perf_counter() - begun)
    medians = [statistics.median(taken) for taken in times.values()]
    assert max(medians) - min(medians) < 0.005


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:1", "/a\nb", ""]
)
def test_the_login_leads_only_to_our_own_pages(target: str) -> None:
    assert local_path(target) == "/"
    guard = Guard(Recorder(), SECRETS)
    data = {"password": SECRETS.password, "next": target}
    assert ask(guard, "/login", method="POST", data=data).headers["location"] == "/"


def test_the_login_page_escapes_where_it_leads() -> None:
    page = ask(Guard(Recorder(), SECRETS), "/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]


def test_short_secrets_are_refused_without_being_told() -> None:
    with pytest.raises(UsageError, match="shorter than 8") as raised:
        secrets_of(Settings(password="ohno12"))
    assert "ohno12" not in str(raised.value)
    assert "ohno" not in repr(Secrets("ohno", "ohno"))


def test_a_password_may_stand_in_a_file(tmp_path: Any) -> None:
    file = tmp_path / "secret"
    file.write_text("open sesame\nsecond line\n")
    assert secrets_of(Settings(password_file=file)).password == "open sesame"
    for content in ("", "\nsecond"):
        file.write_text(content)
        with pytest.raises(UsageError, match="is empty"):
            secrets_of(Settings(password_file=file))
    with pytest.raises(UsageError, match="cannot be read"):
        secrets_of(Settings(password_file=tmp_path / "nowhere"))


# Bodies and headers


@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_are_limited_before_anything_reads_them(chunked: bool) -> None:
    app = Recorder()
    guard = Guard(app, Secrets(), Rules(upload_bytes=1000))

    async def parts() -> Any:
        for _ in range(12):
            yield b"x" * 100_000

    content = parts() if chunked else b"x" * 1_200_000
    response = ask(guard, "/api/v1/ask", method="POST", content=content)
    assert response.status_code == 413
    assert "larger" in response.json()["error"]["message"]
    assert len(app.body) <= 1024 * 1024
    if not chunked:
        assert app.done == []
    assert ask(guard, "/api/v1/documents", method="POST", content=b"x" * 900).status_code == 200


def test_requests_that_contradict_themselves_are_refused() -> None:
    app = Recorder()
    guard = Guard(app, Secrets())
    for headers in ([("host", "localhost"), ("host", "evil.example")], [("content-length", "-1")],
                    [("content-length", "1, 2")], [("origin", "http://localhost"), ("origin", "null")]):  # fmt: skip
        assert ask(guard, "/x", headers=headers).status_code in {400, 403}
    for path in ("/a%00b", "/%2e%2e/b", "/a/%2e%2e", "/a/%2e/b", "/a%5c..%5cb", "/a%0ab"):
        assert ask(guard, path).status_code == 400, path
    assert app.done == []


def test_our_headers_replace_those_of_the_app() -> None:
    response = ask(Guard(Recorder(), Secrets()), "/x")
    assert "access-control-allow-origin" not in response.headers
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert "unsafe-inline" not in response.headers["content-security-policy"].split("style-src")[0]


def test_only_scripts_that_stand_in_a_page_get_its_nonce() -> None:
    async def page(scope: Scope, _: Receive, send: Send) -> None:
        kind = b"text/html" if scope["path"] != "/data" else b"application/json"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": b"<script>1</script>", "more_body": True})
        await send({"type": "http.response.body", "body": b"<scripture>"})

    guard = Guard(page, Secrets())
    first, second = ask(guard, "/"), ask(guard, "/")
    nonce = first.text.partition('nonce="')[2].partition('"')[0]
    assert f"'nonce-{nonce}'" in first.headers["content-security-policy"]
    assert first.text == f'<script nonce="{nonce}">1</script><scripture>'
    assert nonce not in second.text
    for path in ("/data", "/gradio_api/file=x", "/api/v1/x"):
        assert "nonce" not in ask(guard, path).text
