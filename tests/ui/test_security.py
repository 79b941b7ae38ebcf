"""A real server under attack: headers of every route, paths that climb, addresses to fetch, sizes, secrets, modes."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from ..helpers import ROOT
from .conftest import LIMITS
from .site import PASSWORD, TOKEN, Site, read_all

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
CANARIES = [b"canary-of-the-outside", b"root:x:0:0", b"SQLite format 3", b"class Guard", b"GRADIO_TEMP_DIR="]


def routes_of(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every route, those of mounted apps too."""
    for route in getattr(app, "routes", ()):
        path = prefix + getattr(route, "path", "")
        for method in getattr(route, "methods", None) or ():
            yield method, path
        if hasattr(route, "routes") and not getattr(route, "methods", None):
            yield from routes_of(route, path)
        elif hasattr(route, "original_router"):
            yield from routes_of(route.original_router, prefix)


@pytest.fixture(scope="module")
def routes(site: Site) -> list[tuple[str, str]]:
    described = httpx.get(f"{site.url}/openapi.json").json()["paths"]
    found = {(method.upper(), path) for path, methods in described.items() for method in methods}
    found |= set(routes_of(site.app))
    assert len(found) > 80
    return sorted(found)


def status_and_headers(site: Site, method: str, path: str) -> tuple[int, dict[str, str]]:
    """Of a response whose body may never end."""
    with site.client() as client, client.stream(method, path, timeout=20) as response:
        return response.status_code, dict(response.headers)


def test_every_route_sends_the_headers(site: Site, routes: list[tuple[str, str]]) -> None:
    missing = []
    for method, path in routes:
        _, headers = status_and_headers(site, method, re.sub(r"\{[^}]*\}", "x", path))
        policy = headers.get("content-security-policy", "")
        good = "frame-ancestors 'none'" in policy and "default-src 'self'" in policy and "http" not in policy
        if not good or any(headers.get(name) != value for name, value in HEADERS.items()):
            missing.append((method, path))
        if "access-control-allow-origin" in headers or "server" in headers:
            missing.append((method, path))
    assert missing == []


def test_every_route_asks_for_a_login(locked_site: Site, routes: list[tuple[str, str]]) -> None:
    unlocked = []
    for method, path in routes:
        status, _ = status_and_headers(locked_site, method, re.sub(r"\{[^}]*\}", "x", path))
        if status not in {401, 404} and path not in {"/login", "/api/v1/health"}:
            unlocked.append((method, path, status))
    assert unlocked == []


def test_one_login_opens_the_page_rest_and_the_queue(locked_site: Site) -> None:
    paths = ["/", "/config", "/api/v1/documents", "/v1/models", "/docs", "/page/page.js", "/metrics"]
    with locked_site.client() as client:
        assert {client.get(path).status_code for path in paths} == {401}
        assert client.post("/gradio_api/queue/join", json={}).status_code == 401
        assert client.post("/login", data={"password": PASSWORD}).status_code == 303
        assert {client.get(path).status_code for path in paths} == {200}
        assert client.post("/gradio_api/queue/join", json={}).status_code == 422
        client.post("/logout")
        assert {client.get(path).status_code for path in paths} == {401}
    with locked_site.client(authorization=f"Bearer {TOKEN}") as program:
        assert {program.get(path).status_code for path in paths} == {200}


# Paths

TARGETS = ["etc/passwd", "proc/self/environ", "outside/secret.txt", "ui/security.py", "store/catalog.sqlite"]
PREFIXES = ["/gradio_api/file=", "/gradio_api/file/", "/page/", "/assets/", "/static/", "/api/v1/documents/",
            "/api/v1/jobs/", "/gradio_api/custom_component/", "/svelte/", "/theme/", "/pwa_icon/", "/"]  # fmt: skip
CLIMBS = ["../../../../../../", "..%2f..%2f..%2f..%2f", "%2e%2e/%2e%2e/%2e%2e/", "%252e%252e%252f" * 4, "..%c0%af" * 4,
          "..\\..\\..\\", "..%5c..%5c..%5c", "/", "//", "%00/", "....//....//", "file:///", "\\\\127.0.0.1\\c$\\",
          "%2f", "/./", ";/../../"]  # fmt: skip


def test_no_path_leads_out(site: Site, place: Path) -> None:
    before = tree(place / "outside"), tree(place / "own")
    link = place / "store" / "link"
    link.symlink_to(place / "outside")
    leaked = []
    try:
        for prefix in PREFIXES:
            for climb in CLIMBS:
                for target in [
                    *TARGETS[:2],
                    f"{place}/outside/secret.txt",
                    f"{ROOT}/ui/security.py",
                    "store/link/secret.txt",
                ]:
                    path = prefix + climb + target.lstrip("/")
                    answer = site.get(path)
                    leaked += [path for canary in CANARIES if canary in answer]
        for absolute in (
            place / "outside" / "secret.txt",
            place / "store" / "catalog.sqlite",
            link / "secret.txt",
            Path("/etc/passwd"),
        ):
            for prefix in PREFIXES:
                answer = site.get(prefix + quote(str(absolute), safe="/")) + site.get(
                    prefix + quote(str(absolute), safe="")
                )
                leaked += [f"{prefix}{absolute}" for canary in CANARIES if canary in answer]
    finally:
        link.unlink()
    assert leaked == []
    assert (tree(place / "outside"), tree(place / "own")) == before


HOSTILE = ["../outside/secret.txt", "/etc/passwd", "..\\outside\\secret.txt", "%2e%2e/outside", "a\0b", "file:///etc/passwd",
           "store/../../outside", "documents/../../outside", "con", "~/.ssh/id_rsa", "$(id)", "*", "[!x]*"]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_field_leads_out(site: Site, place: Path, hostile: str) -> None:
    before = tree(place / "outside"), tree(place / "own"), sorted((place / "store").iterdir())
    with site.client() as client:
        answers = [
            client.post("/api/v1/ask", json={"question": "secret?", "collection": hostile}),
            client.get("/api/v1/documents", params={"collection": hostile}),
            client.delete("/api/v1/collections", params={"name": hostile}),
            client.post("/api/v1/documents/folder", json={"path": hostile}),
            client.post("/api/v1/documents/folder", json={"path": f"{place}/allowed/{hostile}"}),
            client.post("/api/v1/documents/remove", json={"sources": [hostile]}),
            client.post("/api/v1/documents/reindex", json={"sources": [hostile]}),
            client.post("/api/v1/documents/undo", json={"token": hostile[:64]}),
            client.get(f"/api/v1/documents/{quote(hostile, safe='')}/original"),
            client.get(f"/api/v1/documents/{quote(hostile, safe='')}/text"),
            client.get(f"/api/v1/jobs/{quote(hostile, safe='')}"),
        ]
    assert all(400 <= answer.status_code < 500 for answer in answers), [answer.status_code for answer in answers]
    assert not any(canary in answer.content for answer in answers for canary in CANARIES)
    assert (tree(place / "outside"), tree(place / "own"), sorted((place / "store").iterdir())) == before


def test_a_folder_link_does_not_lead_out_of_the_allowed_folders(site: Site, place: Path) -> None:
    link = place / "allowed" / "way-out"
    link.symlink_to(place / "outside")
    try:
        with site.client() as client:
            assert client.post("/api/v1/documents/folder", json={"path": str(link)}).status_code == 403
    finally:
        link.unlink()


def tree(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.lstat().st_size) for path in folder.rglob("*"))


# Fetching


@pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'")  # of pandas, in Gradio's statistics
def test_nothing_that_is_sent_is_fetched(site: Site) -> None:
    """Every field that could hold an address, over REST and over the page's queue."""
    with socket.create_server(("127.0.0.1", 0)) as sentinel:
        sentinel.settimeout(0.01)
        port = sentinel.getsockname()[1]
        addresses = [
            f"http://127.0.0.1:{port}/x",
            f"http://2130706433:{port}/",
            f"//127.0.0.1:{port}/x",
            f"ftp://127.0.0.1:{port}/",
        ]
        with site.client() as client:
            for address in addresses:
                file = {"path": address, "url": address, "orig_name": "x.txt", "meta": {"_type": "gradio.FileData"}}
                client.post("/api/v1/ask", json={"question": address, "collection": "documents", "sources": [address]})
                client.post("/api/v1/documents/folder", json={"path": address})
                client.post("/api/v1/documents/reindex", json={"sources": [address]})
                client.post("/api/v1/documents", files={"files": (address, address.encode())})
                client.post("/api/v1/collections", json={"name": address})
                client.delete("/api/v1/collections", params={"name": address})
                image = {"type": "image_url", "image_url": {"url": address}}
                messages = [{"role": "user", "content": [image, {"type": "text", "text": address}]}]
                client.post("/v1/chat/completions", json={"messages": messages})
                for path in ("/gradio_api/proxy=", "/gradio_api/file="):
                    client.get(path + address)
                for number, function in enumerate(client.get("/config").json()["dependencies"]):
                    for value in (address, file, [file]):
                        body = {"data": [value] * len(function["inputs"]), "fn_index": number, "session_hash": "x"}
                        client.post("/gradio_api/queue/join", json=body)
        time.sleep(1)
        with pytest.raises(TimeoutError):
            sentinel.accept()


# Sizes


def test_a_file_one_byte_over_the_limit_is_failed_and_the_others_go_in(site: Site) -> None:
    exact = (b"The pump is blue.\n\n" * LIMITS.file_bytes)[: LIMITS.file_bytes]
    files = [("files", ("exact.txt", exact)), ("files", ("over.txt", exact + b"."))]
    with site.client() as client:
        job = client.post("/api/v1/documents", files=files).json()
        states = {file["source"]: (file["state"], file["error"]) for file in job["files"]}
        assert states["exact.txt"][0] == "waiting"
        assert states["over.txt"][0] == "failed"
        assert "more than" in states["over.txt"][1]
        wait_for_jobs(client)
        client.post("/api/v1/documents/remove", json={"sources": ["exact.txt", "over.txt"]}).raise_for_status()


def wait_for_jobs(client: httpx.Client) -> None:
    deadline = time.monotonic() + 120
    while any(not job["finished"] for job in client.get("/api/v1/jobs").json()["jobs"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_too_much_is_refused_at_once_and_leaves_nothing(site: Site, place: Path) -> None:
    uploads = place / "store" / "uploads"
    before = tree(uploads)
    many = [("files", (f"{number}.txt", b"x")) for number in range(LIMITS.files + 1)]
    with site.client() as client:
        too_many = client.post("/api/v1/documents", files=many)
        assert (too_many.status_code, "21 files" in too_many.text) == (413, True)
        begun = time.monotonic()
        boundary = {"content-type": "multipart/form-data; boundary=x"}
        parts = b"".join(b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n' for _ in range(10_000))
        assert client.post("/api/v1/documents", content=parts + b"--x--\r\n", headers=boundary).status_code in {
            400,
            422,
        }
        header = b"--x\r\nX-Long: " + b"y" * 1_000_000 + b"\r\n\r\n1\r\n--x--\r\n"
        assert client.post("/api/v1/documents", content=header, headers=boundary).status_code in {400, 422}
        for path in ("/api/v1/documents", "/gradio_api/upload"):
            large = client.post(path, content=b"x" * (LIMITS.total_bytes + 2**20 + 1), headers=boundary)
            assert large.status_code == 413, path
        assert client.post("/api/v1/documents", files={"files": ("empty.txt", b"")}).json()["failed"] == 1
        assert time.monotonic() - begun < 20
        client.post("/api/v1/documents/remove", json={"sources": ["empty.txt"]}).raise_for_status()
    assert tree(uploads) == before


@pytest.mark.parametrize("path", ["/api/v1/documents", "/gradio_api/upload"])
def test_a_body_without_a_length_is_cut(site: Site, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    piece = b"y" * 100_000
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n".encode() + body + b"\r\n")
        answer = b""
        try:
            for _ in range(40):  # 4 MB, where 2 are taken
                connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        except ConnectionError:
            pass
        connection.settimeout(3)
        answer = read_all(connection)
    assert not answer or b" 413 " in answer.split(b"\r\n")[0]
    with site.client() as client:
        assert "a.txt" not in client.get("/api/v1/documents").text


def test_a_length_that_lies_does_no_harm(site: Site) -> None:
    head = "POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    short = site.raw(f'{head}Content-Length: 5\r\nConnection: close\r\n\r\n{{"question": "x"}}'.encode(), seconds=5)
    assert b" 200 " not in short.split(b"\r\n")[0]
    with site.client() as client:
        assert client.get("/api/v1/health").status_code == 200


def test_slow_callers_do_not_hold_up_the_others(site: Site) -> None:
    slow = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(20)]
    try:
        for connection in slow:
            connection.sendall(b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        with site.client() as client:
            begun = time.monotonic()
            assert client.post("/api/v1/search", json={"query": "pump"}).status_code == 200
            assert time.monotonic() - begun < 5
    finally:
        for connection in slow:
            connection.close()


# Secrets and modes


@pytest.mark.timeout(200)
def test_secrets_questions_and_documents_are_not_told_and_files_are_private(tmp_path: Path) -> None:
    """A whole server as a user starts it, with a mask that would let everybody in."""
    canaries = ["canary-password", "canary-token", "canary-question", "canary-document", "canary-guess"]
    environment = {**os.environ, "QA_PASSWORD": canaries[0], "QA_TOKEN": canaries[1], "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, "-m", "qa.cli", "ui", "--store", str(tmp_path / "store"), "--port", "0"], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, umask=0,
    )  # fmt: skip
    assert server.stdout is not None
    lines: list[str] = []
    try:
        url = ""
        while not url:
            line = server.stdout.readline()
            assert line, lines
            lines.append(line)
            url = re.search(r"http://\S+/", line).group() if "http://" in line else ""  # type: ignore[union-attr]
        reader = threading.Thread(target=lambda: lines.extend(server.stdout or ()))
        reader.start()
        told = _use(url, canaries)
        commands = [Path(f"/proc/{path.name}/cmdline") for path in Path("/proc").iterdir() if path.name.isdecimal()]
        for command in commands:
            told += command.read_bytes().decode("utf-8", "replace") if command.exists() else ""
        modes = {path: path.stat().st_mode & 0o077 for path in [tmp_path / "store", *(tmp_path / "store").rglob("*")]}
    finally:
        server.terminate()
        server.wait(timeout=30)
        reader.join(timeout=10)
        server.stdout.close()
    told += "".join(lines)
    assert [canary for canary in canaries if canary in told] == []
    assert [str(path) for path, mode in modes.items() if mode] == []
    assert not [path for path in (tmp_path / "store" / "temporary").rglob("*") if path.is_file()]


def _use(url: str, canaries: list[str]) -> str:
    """Do what a user does, right and wrong; all error texts that came back."""
    password, token, question, document, guess = canaries
    with httpx.Client(base_url=url, timeout=60) as client:
        told = client.post("/login", data={"password": guess}).text
        told += client.post(
            "/api/v1/ask", json={"question": question}, headers={"authorization": f"Bearer {guess}"}
        ).text
        assert client.post("/login", data={"password": password}).status_code == 303
        client.headers["authorization"] = f"Bearer {token}"
        files = {"files": ("a.txt", f"The {document} weighs 3 kg.".encode())}
        client.post("/api/v1/documents", files=files).raise_for_status()
        wait_for_jobs(client)
        client.post("/api/v1/ask", json={"question": f"How much does the {question} weigh?"}).raise_for_status()
        told += client.post("/api/v1/ask", json={"question": question, "top_k": "x"}).text
        told += client.post("/api/v1/documents/undo", content=b'{"token": "' + question.encode()).text
        told += client.get("/nowhere").text + json.dumps(client.get("/config").json())
    return told
