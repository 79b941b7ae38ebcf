"""Make docs/img/answer.svg: what `qa ask` shows on a terminal, for the README.

pip install rich && python scripts/build_answer_picture.py
"""

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
QUESTION = "Which countries backed Macron's idea?"
_COLUMNS = 100


def terminal_output(command: list[str]) -> str:
    """What a command writes to a terminal of 100 columns."""
    parent, child = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(_COLUMNS), "LINES": "40", "TERM": "xterm-256color"}
    with subprocess.Popen(command, stdout=child, stderr=subprocess.DEVNULL, env=environment) as process:
        os.close(child)
        output = b""
        while True:
            try:
                part = os.read(parent, 65536)
            except OSError:  # the terminal is gone: the command has ended
                break
            if not part:
                break
            output += part
        process.wait()
    return output.decode().replace("\r\n", "\n")


def main() -> None:
    """Index seeds/, ask, draw."""
    with tempfile.TemporaryDirectory() as work:
        qa = [sys.executable, "-m", "qa.cli"]
        subprocess.run([*qa, "index", str(ROOT / "seeds"), "--store", work], check=True, capture_output=True)
        answer = terminal_output([*qa, "ask", QUESTION, "--store", work])
    console = Console(record=True, width=_COLUMNS, file=io.StringIO())
    console.print(Text(f'$ qa ask "{QUESTION}"', style="bold"))
    console.print(Text.from_ansi(answer))
    svg = console.export_svg(title="qa ask")
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)  # it would fetch a font
    target = ROOT / "docs" / "img" / "answer.svg"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(svg, encoding="utf-8")
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
