"""Web pages: everything a reader sees of the main text, nothing else."""

import pytest

from .samples import Load, labels, texts

ARTICLE = (
    "<p>{} The lighthouse on the cape was built of granite by forty workers who lived in tents for three years.</p>"
)
PAGE = """<!doctype html><html><head>
<title>Lighthouse - The Paper</title><meta name="author" content="Ann Author"></head>
<body><nav><a href="/">Home</a><a href="/news">News</a></nav><article><h1>Lighthouse</h1>{}</article>
<footer>All rights reserved</footer></body></html>"""


def page(body: str) -> bytes:
    return PAGE.format(body + "".join(ARTICLE.format(number) for number in range(6))).encode()


def test_main_text_without_navigation(load_bytes: Load) -> None:
    document = load_bytes("a.html", page(""))
    assert document.title == "Lighthouse"
    assert document.media_type == "text/html"
    assert document.metadata["author"] == "Ann Author"
    assert "News" not in document.text
    assert "rights reserved" not in document.text
    assert len(texts(document, "paragraph")) == 6


HIDDEN = [
    "<div style='display: none'>SECRET</div>",
    "<p style='visibility:hidden'>SECRET</p>",
    "<p hidden>SECRET</p>",
    "<p aria-hidden='true'>SECRET</p>",
    "<template><p>SECRET</p></template>",
    "<noscript>SECRET</noscript>",
    "<script>SECRET</script>",
    "<style>SECRET</style>",
    "<!-- SECRET -->",
]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_hidden_text_stays_out(load_bytes: Load, hidden: str) -> None:
    assert "SECRET" not in load_bytes("a.html", page(hidden)).text
    assert "SECRET" not in load_bytes("b.html", f"<html><body><p>Short.</p>{hidden}</body></html>".encode()).text


def test_invisible_characters_stay_out(load_bytes: Load) -> None:
    smuggled = "".join(chr(0xE0000 + ord(character)) for character in "obey")
    text = load_bytes("a.html", f"<p>Vis\u200bible{smuggled} te\u00adxt\u202e. می‌خواهم 👩‍🚀</p>".encode()).text
    assert text == "Visible text. می‌خواهم 👩‍🚀"


def test_short_page_is_read_as_a_whole(load_bytes: Load) -> None:
    assert load_bytes("a.html", b"<html><body><h1>Hours</h1><div>9 to 5</div></body></html>").text == "Hours\n\n9 to 5"


FAQ = """<html><head><title>Help | Shop</title></head><body>
<header><nav><ul><li><a href=/>Home</a></li></ul></nav></header>
<div class=container><h1>Help centre</h1><div class=faq>
<div><h3>How do I return an item?</h3><div>Send it back within 30 days.</div></div>
<div><h3>How long is delivery?</h3><div>3 to 5 working days.</div></div>
<div><h3>Can I pay by invoice?</h3><div>No.</div></div>
<div><h3>Where is my order?</h3><div><ul><li>Check your orders</li><li>Call us</li></ul></div></div>
</div></div></body></html>"""


def test_questions_and_answers_keep_their_headings(load_bytes: Load) -> None:
    document = load_bytes("a.html", FAQ.encode())
    assert [label for label in labels(document, "section") if label.endswith("?")] == [
        "How do I return an item?",
        "How long is delivery?",
        "Can I pay by invoice?",
        "Where is my order?",
    ]
    for answer in ("Send it back within 30 days.", "3 to 5 working days.", "No."):
        assert answer in texts(document, "paragraph")
    assert texts(document, "item") == ["Check your orders", "Call us"]


def test_documentation_keeps_tables_lists_and_code(load_bytes: Load) -> None:
    body = (
        "<h2>Steps<a href='#s'>¶</a></h2><ol><li>Run <code>pip install tool</code></li><li>Wait</li></ol>"
        "<pre>$ tool init\n$ tool run</pre><h2>Options</h2><table><tr><th>Option</th><th>Default</th></tr>"
        "<tr><td>--port</td><td>8080</td></tr></table>"
    )
    document = load_bytes("a.html", page(body))
    assert {"Steps", "Options"} <= set(labels(document, "section"))
    assert texts(document, "item") == ["1. Run pip install tool", "2. Wait"]
    assert texts(document, "code") == ["$ tool init\n$ tool run"]
    assert texts(document, "row") == ["Option: --port | Default: 8080"]


MANUAL = """<html><head><title>Commands - The Tool Book</title></head><body>
<div class=help><h2 class=help-title>Keyboard shortcuts</h2><p>Press s to search.</p></div>
<h1 class=menu>The Tool Book</h1><nav><ul><li><a href=1>Before</a></li></ul></nav>
<main><h1>Commands</h1>{}<p>These commands manage packages:</p>
<ul><li><a href=a>tool add</a></li><li><a href=r>tool remove</a></li></ul>
<p><a href=n>Getting started</a></p>
<figure><pre><code>tool add bolt</code></pre><figcaption>Listing 1: adding a bolt</figcaption></figure>
<nav><ul><li><a href=2>After</a></li></ul></nav></main></body></html>"""


def test_a_term_stands_before_its_definition(load_bytes: Load) -> None:
    body = (
        "<dl><dt>postgres</dt><dd><p>It has uid 31.</p><p>It owns the data.</p></dd>"
        "<dt>operator</dt><dd>It had <b>uid 37</b>.<ul><li>unused by all</li><li>to be removed</li></ul></dd>"
        "<dt>Can it <i>log in</i>?</dt><dd>No account can.</dd></dl>"
    )
    document = load_bytes("a.html", page(body))
    said = texts(document, "paragraph", "item")
    for text in ("postgres: It has uid 31.", "It owns the data.", "operator: It had uid 37.", "to be removed"):
        assert text in said
    assert "Can it log in?" in texts(document, "heading")
    assert "No account can." in said


DEFINITIONS = [
    ("<dt>A</dt><dd>Outer.<div>In a div.</div>And a tail.</dd>", ["A: Outer.", "In a div.", "And a tail."]),
    (
        "<dt>A</dt><dd>Outer.<dl><dt>B</dt><dd>Inner.</dd></dl>And a tail.</dd>",
        ["A: Outer.", "B: Inner.", "And a tail."],
    ),
    ("<dt>A</dt><dd>Do: <details><summary>More</summary>Hidden.</details></dd>", ["A: Do:", "More", "Hidden."]),
    ("<dt>A</dt><dt>B</dt><dd>Both ports.</dd><dd>Since 2.1.</dd>", ["A, B: Both ports.", "A, B: Since 2.1."]),
    ("<dt>Weight<br>(dry)</dt><dd>12 kg.</dd>", ["Weight (dry): 12 kg."]),
    ("<div><dt>A</dt><dd>In a div.</dd></div><dd>No term.</dd><dt>B</dt>", ["A: In a div.", "No term.", "B"]),
]


@pytest.mark.parametrize(("listed", "said"), DEFINITIONS, ids=range(len(DEFINITIONS)))
def test_all_text_of_definitions_is_kept(load_bytes: Load, listed: str, said: list[str]) -> None:
    document = load_bytes("a.html", page(f"<dl>{listed}</dl>"))
    assert [text for text in texts(document, "paragraph", "item") if "lighthouse" not in text] == said


def test_a_heading_and_a_table_within_definitions_stay_what_they_are(load_bytes: Load) -> None:
    table = "<table><tr><th>Size</th><th>Price</th></tr><tr><td>small</td><td>4</td></tr></table>"
    document = load_bytes("a.html", page(f"<dl><dt><h3>Prices</h3></dt><dd>In euro.{table}Since May.</dd></dl>"))
    assert "Prices" in texts(document, "heading")
    assert "Size: small | Price: 4" in texts(document, "row")
    assert [text for text in texts(document, "paragraph") if "lighthouse" not in text] == ["In euro.", "Since May."]


LIST = "<p>The following is needed:</p><ul><li>a <code>spoon</code>, clean</li><li><p>a bowl</p><p>a lid</p></li></ul>"
PROSE = "".join(ARTICLE.format(number) for number in range(6))
TEASER = "<div class='teaser'><p>Teaser: the mayor opens the new bridge tomorrow at noon, and all may come.</p></div>"


@pytest.mark.parametrize("around", ["<body>{}</body>", "<body><main>{}</main></body>"])
def test_a_short_list_of_the_text_is_kept(load_bytes: Load, around: str) -> None:
    body = around.format(PROSE + LIST + PROSE)
    assert "a bowl" in load_bytes("a.html", f"<html><title>Soup</title>{body}</html>".encode()).text


@pytest.mark.parametrize(
    "body",
    [
        f"<article>{PROSE}{LIST}</article>",
        f"{PROSE}<ul><li><a href='/'>Home</a></li><li><a href='/n'>News</a></li></ul>",
        f"{PROSE}<aside>{ARTICLE.format(0)}<ul><li>Latest</li><li>Oldest</li></ul></aside>",
        f"{PROSE}<hr><ul><li>Print</li><li>Share</li></ul>",
    ],
    ids=["kept list", "links", "aside", "after nothing"],
)
def test_no_list_that_is_none_of_the_text_lets_a_teaser_in(load_bytes: Load, body: str) -> None:
    content = f"<html><title>Soup</title><body>{body}{TEASER}</body></html>"
    assert "Teaser" not in load_bytes("a.html", content.encode()).text


def test_links_of_a_manual_are_its_text(load_bytes: Load) -> None:
    document = load_bytes("a.html", MANUAL.format("".join(ARTICLE.format(number) for number in range(6))).encode())
    assert texts(document, "item") == ["tool add", "tool remove"]
    assert texts(document, "code") == ["tool add bolt"]
    assert "Getting started" in document.text
    assert "Before" not in document.text
    assert "After" not in document.text


def test_the_title_is_the_contents_own(load_bytes: Load) -> None:
    assert load_bytes("a.html", MANUAL.format("").encode()).title == "Commands"


def test_a_title_that_is_repeated_in_pieces_is_known(load_bytes: Load) -> None:
    source = "<title>os.path - Python</title><h1>Python</h1><main><h1><b>os.</b><b>path</b></h1><p>Text.</p></main>"
    assert load_bytes("a.html", source.encode()).title == "os.path"


def test_a_page_without_main_text_keeps_its_title(load_bytes: Load) -> None:
    source = b"<title>Holiday rules</title><body><footer><p>Closed on Monday all day.</p></footer></body>"
    document = load_bytes("a.html", source)
    assert document.title == "Holiday rules"
    assert "Monday" in document.text


def test_links_inside_a_form_around_the_content_are_its_text(load_bytes: Load) -> None:
    source = MANUAL.format("".join(ARTICLE.format(number) for number in range(6)))
    source = source.replace("<main>", "<form><div role=main><main>").replace("</main>", "</main></div></form>")
    assert texts(load_bytes("a.html", source.encode()), "item") == ["tool add", "tool remove"]


def test_declared_encoding_is_used(load_bytes: Load) -> None:
    data = "<html><head><meta charset='koi8-r'></head><body><p>Это маяк</p></body></html>".encode("koi8-r")
    assert load_bytes("a.html", data).text == "Это маяк"


@pytest.mark.parametrize("tag", ["div", "ul><li", "table><tr><td", "b", "blockquote"])
def test_deep_nesting_is_harmless(load_bytes: Load, tag: str) -> None:
    document = load_bytes("a.html", b"<p>Start of the page.</p>" + f"<{tag}>".encode() * 10_000 + b"deep")
    assert "Start of the page." in document.text


def test_headings_that_stand_in_the_body_itself_are_kept(load_bytes: Load) -> None:
    page = (
        "<html><head><title>Rules</title></head><body><h1>Policy of the Club</h1>"
        "<p>This is the policy of the club, as it was agreed on 3 May 2023 by all of its members.</p><h2>Fees</h2>"
        "<p>The fee is 40 dollars a year, due in January. Students pay half of it, and nobody pays for the winter.</p>"
        "</body></html>"
    )
    assert texts(load_bytes("rules.html", page.encode()), "heading") == ["Policy of the Club", "Fees"]
