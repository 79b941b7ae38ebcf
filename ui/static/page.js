// What the page does in the browser: opens the evidence, marks answers, copies, exports, and keeps the keyboard's place.
// Buttons of our own HTML carry data- attributes; what they ask is written into a hidden field that Python listens to.
"use strict";
(() => {
  const root = document.documentElement;
  const panelHost = () => document.getElementById("evidence");
  let opener = null; // where the focus returns when the panel closes
  let wish = null; // what is to happen when the panel's new content is there

  let messages = 0;
  function tell(bridge, request) {
    write(`#bridge-${bridge} textarea`, JSON.stringify({ ...request, time: ++messages }));
  }

  function write(place, text) {
    const field = document.querySelector(place);
    if (!field) return;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // The evidence panel

  function openEvidence(button) {
    const more = button.hasAttribute("data-more");
    const inside = panelHost().contains(button);
    if (!inside) opener = button;
    const body = panelHost().querySelector(".panel-body");
    const anchor = more ? firstSeen(body) : null;
    wish = more ? { kind: "more", anchor } : { kind: "place", step: inside ? button.dataset.step : "" };
    root.dataset.evidence = "open";
    panelHost().setAttribute("aria-busy", "true");
    markCurrent(inside ? null : button);
    tell("evidence", JSON.parse(button.dataset.evidence));
  }

  function markCurrent(button) {
    document.querySelectorAll("[data-evidence].now").forEach((other) => other.classList.remove("now"));
    if (button) button.classList.add("now");
  }

  function closeEvidence() {
    if (root.dataset.evidence !== "open") return;
    root.dataset.evidence = "closed";
    markCurrent(null);
    if (opener && opener.isConnected) opener.focus();
  }

  function evidenceCame() {
    if (!wish || !panelHost().querySelector(".panel")) return;
    const body = panelHost().querySelector(".panel-body");
    panelHost().removeAttribute("aria-busy");
    showView(wish.kind === "more" ? "text" : preferredView());
    if (wish.kind === "more") {
      if (wish.anchor) keepInPlace(body, wish.anchor);
    } else {
      body.scrollTop = 0;
      settle(body);
      const step = wish.step && panelHost().querySelector(`[data-step="${wish.step}"]`);
      (step || document.getElementById("panel-title"))?.focus({ preventScroll: true });
    }
    wish = null;
  }

  // Blocks out of sight have only a guessed height until they are seen, so the place is looked up twice.
  function settle(body) {
    const view = body.closest(".panel").dataset.view;
    const target = body.querySelector(view === "page" ? ".box" : "mark.current");
    if (!target) return;
    const go = () => {
      const wanted = target.getBoundingClientRect();
      const frame = body.getBoundingClientRect();
      body.scrollTop += wanted.top - frame.top - frame.height / 3;
      body.scrollLeft += wanted.left - frame.left - 40;
    };
    go();
    requestAnimationFrame(() => { go(); requestAnimationFrame(go); });
  }

  // The printed page where there is room for it, else the text; whoever chooses once keeps the choice.
  let chosenView = "";
  const preferredView = () => chosenView || (window.innerWidth >= 900 ? "page" : "text");

  function showView(view) {
    const panel = panelHost().querySelector(".panel");
    panel.dataset.view = panel.querySelector(".page-view img") ? view : "text";
    panel.querySelectorAll("button[data-view]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.view === panel.dataset.view));
    });
  }

  function chooseView(view) {
    chosenView = view;
    showView(view);
    settle(panelHost().querySelector(".panel-body"));
  }

  function toggleZoom(button) {
    const zoomed = panelHost().querySelector(".panel").classList.toggle("zoomed");
    button.setAttribute("aria-pressed", String(zoomed));
    settle(panelHost().querySelector(".panel-body"));
  }

  function firstSeen(body) {
    const top = body.getBoundingClientRect().top;
    for (const block of body.querySelectorAll(".block")) {
      const place = block.getBoundingClientRect();
      if (place.bottom > top) return { text: block.textContent, offset: place.top - top };
    }
    return null;
  }

  function keepInPlace(body, anchor) {
    const block = [...body.querySelectorAll(".block")].find((item) => item.textContent === anchor.text);
    if (!block) return;
    const go = () => { body.scrollTop += block.getBoundingClientRect().top - body.getBoundingClientRect().top - anchor.offset; };
    go();
    requestAnimationFrame(go);
  }

  // Quotes beside their markers

  function placePeek(cite) {
    const peek = cite.querySelector(".peek");
    cite.classList.remove("hushed");
    const spot = cite.getBoundingClientRect();
    const width = Math.min(420, window.innerWidth - 24);
    const left = Math.max(12, Math.min(spot.left - width / 3, window.innerWidth - width - 12));
    peek.style.width = `${width}px`;
    peek.style.left = `${left}px`;
    const below = window.innerHeight - spot.bottom;
    if (below > 220 || below > spot.top) {
      peek.style.top = `${spot.bottom + 6}px`;
      peek.style.bottom = "auto";
    } else {
      peek.style.bottom = `${window.innerHeight - spot.top + 6}px`;
      peek.style.top = "auto";
    }
  }

  // Answers

  async function copy(button, text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea"); // pages that are not served over TLS have no clipboard
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    }
    flash(button, "Copied");
  }

  function download(name, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown;charset=utf-8" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function flash(button, words) {
    const before = button.dataset.label || button.textContent;
    button.dataset.label = before;
    button.textContent = words;
    announce(words);
    setTimeout(() => { button.textContent = before; }, 1600);
  }

  function chooseMark(button) {
    const group = button.closest(".feedback");
    group.querySelectorAll("[data-mark]").forEach((item) => item.setAttribute("aria-pressed", String(item === button)));
    const comment = group.querySelector(".comment");
    comment.hidden = false;
    comment.querySelector("input").focus();
  }

  function sendMark(group) {
    const mark = group.querySelector('[data-mark][aria-pressed="true"]');
    if (!mark) return;
    const comment = group.querySelector("input").value;
    tell("feedback", { number: Number(group.dataset.number), mark: mark.dataset.mark, comment });
    announce("Thank you");
  }

  function askExample(text) {
    write("#question textarea", text);
    setTimeout(() => document.getElementById("send").click(), 60); // Gradio takes the text over first
  }

  function showTab(name) {
    const tab = [...document.querySelectorAll('#tabs [role="tab"]')].find((item) => item.textContent.trim() === name);
    if (tab) tab.click();
  }

  // What cannot be undone is asked first; to keep is the answer at hand, and that of Escape.
  function confirmThen(button, question, label, action) {
    const dialog = document.createElement("dialog");
    dialog.className = "confirm";
    const words = document.createElement("p");
    words.id = "confirm-words";
    words.dir = "auto";
    words.textContent = question;
    dialog.setAttribute("aria-labelledby", words.id);
    const choices = [["Keep it", "", "keep"], [label, "yes", "go"]].map(([text, value, kind]) => {
      const choice = document.createElement("button");
      choice.type = "button";
      choice.className = kind;
      choice.textContent = text;
      choice.addEventListener("click", () => dialog.close(value));
      return choice;
    });
    const row = document.createElement("div");
    row.append(...choices);
    dialog.append(words, row);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue === "yes") { action(); document.querySelector('#tabs [role="tab"][aria-selected="true"]')?.focus(); }
      else if (button.isConnected) button.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  // What screen readers are told

  const voice = document.createElement("div");
  voice.className = "unseen";
  voice.setAttribute("role", "status");
  voice.setAttribute("aria-live", "polite");

  function announce(words) {
    voice.textContent = "";
    setTimeout(() => { voice.textContent = words; }, 50);
  }

  let told = "";
  let seen = 0;
  function conversationChanged() {
    const last = document.querySelector("#talk .exchange:last-of-type");
    if (!last) { told = ""; seen = 0; return; }
    const number = Number(last.dataset.number);
    if (number !== seen || last.dataset.state === "searching") bringIntoView(last);
    seen = number;
    const state = `${number} ${last.dataset.state}`;
    if (state === told) return;
    told = state;
    if (last.dataset.state === "searching") { announce("Reading the documents"); return; }
    const words = [...last.querySelectorAll(".sentence, .verdict, .note, .failure, .disagreement > h3")].map((part) => {
      const clone = part.cloneNode(true);
      clone.querySelectorAll(".peek").forEach((peek) => peek.remove());
      return clone.textContent;
    });
    announce(words.join(" "));
  }

  // Gradio names its button for uploads otherwise than what stands on it, so that nobody can say its name to press it.
  function nameUpload() {
    document.querySelector("#files button[aria-label]")?.removeAttribute("aria-label");
  }

  function bringIntoView(article) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    requestAnimationFrame(() => article.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" }));
  }

  // One listener for each kind of event

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button, a");
    if (!button) return;
    const data = button.dataset;
    if ("evidence" in data) openEvidence(button);
    else if ("close" in data) closeEvidence();
    else if ("view" in data) chooseView(data.view);
    else if ("zoom" in data) toggleZoom(button);
    else if ("copy" in data) copy(button, document.getElementById(data.copy)?.textContent ?? "");
    else if ("download" in data) download(data.name, document.getElementById(data.download)?.textContent ?? "");
    else if ("again" in data) tell("again", { again: Number(data.again) });
    else if ("mark" in data) chooseMark(button);
    else if (button.matches(".feedback .send")) sendMark(button.closest(".feedback"));
    else if ("question" in data) askExample(data.question);
    else if ("tab" in data) showTab(data.tab);
    else if ("remove" in data) tell("documents", { remove: data.remove });
    else if ("reindex" in data) tell("documents", { reindex: data.reindex });
    else if ("delete" in data) confirmThen(button, data.confirm, "Delete", () => tell("delete", { delete: data.delete }));
    else if ("undo" in data) tell("documents", { undo: data.undo });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
      const cite = document.querySelector(".cite:hover:not(.hushed), .cite:focus-within:not(.hushed)");
      if (cite && root.dataset.evidence !== "open") cite.classList.add("hushed");
      else closeEvidence();
    }
    if (event.key === "Enter" && event.target.matches?.(".feedback input")) sendMark(event.target.closest(".feedback"));
  });

  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, (event) => {
      const cite = event.target.closest?.(".cite");
      if (cite) placePeek(cite);
    });
  }

  // Gradio builds the page; begin when it is there.
  const waiting = new MutationObserver(begin);
  function begin() {
    const talk = document.getElementById("talk");
    const panel = panelHost();
    if (!talk || !panel || !document.querySelector("#question textarea")) return;
    waiting.disconnect();
    document.body.append(voice);
    panel.setAttribute("role", "complementary");
    panel.setAttribute("aria-label", "Evidence");
    root.dataset.evidence = "closed";
    root.dataset.ready = "yes";
    new MutationObserver(conversationChanged).observe(talk, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-state", "data-number"] });
    new MutationObserver(nameUpload).observe(document.getElementById("desk"), { childList: true, subtree: true });
    new MutationObserver(evidenceCame).observe(panel, { childList: true, subtree: true, characterData: true });
  }
  waiting.observe(document.body, { childList: true, subtree: true });
  begin();
})();
