"""Pictures of the page in its main states, on a desktop and on a phone -> docs/img/.

make screenshots        or, some only:  python -m scripts.build_screenshots answer evidence
"""

import io
import sys
from typing import Any

from PIL import Image

from scripts.page_states import ROOT, STATES, chromium, opened, served_seeds

SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
}
_COLOURS = 128
_MOST_BYTES = 150_000


def main(names: list[str]) -> None:
    """Draw the states named, or all; with ``--dark`` in the dark, under names that say so."""
    dark = "--dark" in names
    wanted = [name for name in names if name in STATES] or list(STATES)
    folder = ROOT / "docs" / "img"
    with served_seeds() as address, chromium() as browser:
        for state in wanted:
            for size, options in SIZES.items():
                with opened(browser, address, color_scheme="dark" if dark else "light", **options) as page:
                    STATES[state](page)
                    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
                path = folder / f"page-{state}-{size}{'-dark' if dark else ''}.png"
                picture.quantize(_COLOURS).save(path, optimize=True)
                print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
                assert path.stat().st_size <= _MOST_BYTES, "too large to keep"


if __name__ == "__main__":
    main(sys.argv[1:])
