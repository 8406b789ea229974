// Fetches parts of the page again when their topic changed, and puts them in without moving anything under a hand:
// focus, selection, scroll and open details stay; a part in use waits. One fetch at a time per part keeps the order.

import { announce, spoken } from "deliberate/announce.js";

const SPREAD = 1000;
const PATIENCE = 2000; // a part that is to be brought to us and is not, is fetched after this
const states = new WeakMap(); // part -> {wanted, busy, failures, number}
let line = null;
let pressed = null;

export function startParts(live) {
  line = live;
  live.parts = brought;
  live.on("part", hearPart);
  watchTopics(document, Number(document.querySelector("[data-after]")?.dataset.after ?? 0));
  live.on("news", hearNews);
  live.on("ended", ({ ended, message }) => {
    for (const part of partsOf(ended)) part.dataset.stale = "";
    announce(message);
  });
  addEventListener("pointerdown", (event) => (pressed = event.target), true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => (pressed = null)), true);
}

export function hearNews(frame) {
  for (const [name, value] of Object.entries(frame.facts ?? {})) setFact(`${frame.topic}.${name}`, value);
  const starts = (kind) => frame.kind.startsWith(kind) || frame.kind === "caught_up"; // data-kinds="item_ member_"
  // A part of one person's own is left alone by what concerns another: data-about="person-5".
  const concerns = ({ about }) => !about || !frame.about?.startsWith("person-") || about === frame.about;
  for (const part of frame.changed ? partsOf(frame.topic) : [])
    if (part.dataset.part && concerns(part.dataset) && (!part.dataset.kinds || part.dataset.kinds.split(" ").some(starts))) want(part, frame.number);
}

function watchTopics(root, after) {
  for (const part of root.querySelectorAll("[data-topic]")) for (const topic of part.dataset.topic.split(/\s+/)) line.watch(topic, after);
  for (const fact of root.querySelectorAll("[data-fact]")) line.watch(fact.dataset.fact.split(".")[0], after);
}

function partsOf(topic) {
  return document.querySelectorAll(`[data-topic~="${CSS.escape(topic)}"]`);
}

/** What the server shall bring when it changed, and the kinds of news that change it: panels that many see alike. */
function brought(topic) {
  const shared = [...partsOf(topic)].filter((part) => part.dataset.part?.includes("/parts/"));
  return shared.length ? Object.fromEntries(shared.map((part) => [part.dataset.part, part.dataset.kinds ?? ""])) : undefined;
}

function hearPart({ part: path, number, html }) {
  for (const part of document.querySelectorAll(`[data-part="${CSS.escape(path)}"]`)) {
    const state = states.get(part);
    if (!state?.timer || number < state.number) continue; // not asked for, being fetched, or older than what is wanted
    clearTimeout(state.timer);
    state.timer = setTimeout(() => fetchPart(part, state, html), html == null ? delay(part) : 0);
  }
}

const delay = (part) => ("now" in part.dataset ? 0 : Math.random() * SPREAD);

function setFact(name, value) {
  for (const element of document.querySelectorAll(`[data-fact="${CSS.escape(name)}"]`)) {
    if (element instanceof HTMLProgressElement) element.value = value;
    else if (element.textContent !== String(value)) {
      element.textContent = value;
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) element.animate({ opacity: [0.3, 1] }, 150);
    }
  }
}

function want(part, number) {
  const state = states.get(part) ?? { busy: false, failures: 0 };
  states.set(part, Object.assign(state, { wanted: true, number }));
  if (state.busy) return; // fetched again when the one under way is in: never older over newer
  state.busy = true;
  state.timer = setTimeout(() => fetchPart(part, state), delay(part) + (part.dataset.part.includes("/parts/") ? PATIENCE : 0));
}

async function fetchPart(part, state, html = null) {
  const { number } = Object.assign(state, { wanted: false, timer: null });
  let again = false;
  try {
    const options = { cache: "no-store", headers: { Accept: "text/html" } };
    const response = html == null ? await fetch(part.dataset.part, options) : new Response(html);
    if (response.ok && !response.redirected) {
      html = await response.text();
      const shown = part.firstElementChild?.dataset.keep; // a ballot: untouched while this stays, gives way when it changes
      if (!shown) await free(part);
      if (!shown || !html.includes(` data-keep="${shown}"`)) put(part, html);
      watchTopics(part, number); // a vote that opened brings its own topic
      state.failures = 0;
      delete part.dataset.stale;
    } else if (response.status >= 500) again = true;
    else part.dataset.stale = "";
  } catch {
    again = true;
  }
  const wait = again ? Math.min(15_000, 1000 * 2 ** state.failures++) * (0.5 + Math.random()) : 0;
  if (again) part.dataset.stale = "";
  if ((again || state.wanted) && part.isConnected) state.timer = setTimeout(() => fetchPart(part, state), wait);
  else state.busy = false;
}

/** Waits while a button of the part is held down, or a form in it is being filled. */
async function free(part) {
  while (part.contains(pressed) || part.querySelector("form[data-started]")) await new Promise((on) => setTimeout(on, 100));
}

function put(part, html) {
  const kept = keep(part);
  const said = spoken(part);
  const { bottom, height } = part.getBoundingClientRect();
  part.innerHTML = html;
  restore(part, kept);
  const grown = part.getBoundingClientRect().height - height;
  if (bottom <= 0 && grown && !CSS.supports("overflow-anchor", "auto")) scrollBy(0, grown);
  for (const sentence of spoken(part)) if (!said.includes(sentence)) announce(sentence);
}

function keep(part) {
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  return {
    focus: active && where(part, active),
    selection: active && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null,
    open: [...part.querySelectorAll("details")].map((details) => [where(part, details), details.open]),
    scroll: [part, ...part.querySelectorAll(".table, [data-keep-scroll]")].map((box) => [where(part, box), box.scrollLeft, box.scrollTop]),
  };
}

function restore(part, kept) {
  for (const [path, open] of kept.open) find(part, path)?.toggleAttribute("open", open);
  for (const [path, left, top] of kept.scroll) find(part, path)?.scrollTo({ left, top, behavior: "instant" });
  if (!kept.focus) return;
  const element = find(part, kept.focus);
  if (!element) part.tabIndex = -1; // what had the focus is gone: stay in the part, not at the top of the page
  (element ?? part).focus({ preventScroll: true });
  if (kept.selection?.[0] != null) element?.setSelectionRange?.(...kept.selection);
}

/** How to find an element again in the new markup: by id, by what it does, else by its place among its kind. */
function where(part, element) {
  if (element === part) return ":scope";
  if (element.id) return `#${CSS.escape(element.id)}`;
  const action = element.closest("form")?.getAttribute("action");
  const inside = action ? `form[action="${CSS.escape(action)}"] ` : "";
  if (element.name) return `${inside}[name="${CSS.escape(element.name)}"][value="${CSS.escape(element.value)}"]`;
  if (action && element.type === "submit") return `${inside}button`;
  if (element.href) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
  return [element.localName, [...part.querySelectorAll(element.localName)].indexOf(element)];
}

function find(part, path) {
  if (path === ":scope") return part;
  return typeof path === "string" ? part.querySelector(path) : part.querySelectorAll(path[0])[path[1]];
}
