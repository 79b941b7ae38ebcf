"""Run axe-core on the page's main states, in both colours and sizes; 1 if a serious violation is found.

axe-core is not kept here (it is MPL-2.0): it is taken with npm at each run. Where that fails, so it is said.
"""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from scripts.page_states import STATES, chromium, opened, served_seeds

_PACKAGE = "axe-core@4"
_SERIOUS = {"serious", "critical"}
_VIEWS = (
    {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
)
_RUN = "axe.run(document, {resultTypes: ['violations']}).then(result => JSON.stringify(result.violations))"


def main() -> int:
    """Print what is found, state by state."""
    source = axe_source()
    if source is None:
        print(f"Skipped: {_PACKAGE} cannot be had with npm here.")
        return 0
    serious = 0
    with served_seeds() as address, chromium() as browser:
        for options in _VIEWS:
            for state, arrange in STATES.items():
                with opened(browser, address, **options) as page:
                    arrange(page)
                    page.evaluate(source)
                    found = json.loads(page.evaluate(_RUN))
                for violation in found:
                    serious += violation["impact"] in _SERIOUS
                    places = ", ".join(str(node["target"][0]) for node in violation["nodes"][:4])
                    print(f"{state}: {violation['impact']}: {violation['id']}: {violation['help']} ({places})")
                print(f"{state}, {options['color_scheme']}: {len(found)} violations")
    print(f"{serious} serious")
    return 1 if serious else 0


def axe_source() -> str | None:
    """The text of axe.min.js; None if npm is not there or cannot fetch it."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run([npm, "pack", "--silent", _PACKAGE], cwd=folder, capture_output=True, check=False)
        archives = list(Path(folder).glob("*.tgz"))
        if packed.returncode or not archives:
            return None
        with tarfile.open(archives[0]) as archive:
            member = archive.extractfile("package/axe.min.js")
            return member.read().decode() if member else None


if __name__ == "__main__":
    sys.exit(main())
