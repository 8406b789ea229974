// Plain forms made easier: asking before what cannot be undone, saving drafts, keys, no double sending.

const PAUSE = 1500; // after the last keystroke, before a draft is saved

export function startForms({ word, announce }) {
  startConfirm(word);
  startAutosave(word);
  startDigits();
  startShortcuts(word, announce);
  startHolding();
  document.getElementById("problems")?.focus();
}

/** A form someone has begun is never replaced by news. */
function startHolding() {
  addEventListener("input", (event) => event.target.form && (event.target.form.dataset.started = ""));
  addEventListener("reset", (event) => delete event.target.dataset.started);
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.matches("[data-ballot]") || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault(); // the second click of a double click
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
}

function startConfirm(word) {
  addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const sentence = event.submitter?.dataset.confirm ?? form.dataset.confirm;
      if (!sentence || form.dataset.confirmed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const submitter = event.submitter;
      ask(sentence, submitter?.firstChild?.textContent.trim() || word("confirm"), word).then((yes) => {
        if (!yes) return submitter?.focus();
        form.dataset.confirmed = "yes";
        form.requestSubmit(submitter?.isConnected ? submitter : null);
        delete form.dataset.confirmed;
      });
    },
    true,
  );
}

function ask(sentence, verb, word) {
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const yes = make("button", { className: "button is-primary", value: "yes", textContent: verb });
  const no = make("button", { className: "button is-plain", value: "no", textContent: word("cancel"), autofocus: true });
  const dialog = make(
    "dialog",
    { ariaLabel: word("sure") },
    make("h2", { textContent: word("sure") }),
    make("p", { textContent: sentence }),
    make("form", { method: "dialog", className: "actions" }, yes, no),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => (answer(dialog.returnValue === "yes"), dialog.remove()));
  });
}

function startAutosave(word) {
  const timers = new WeakMap();
  const wait = (form, pause) => {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form), pause));
  };
  const save = async (form) => {
    const sent = new URLSearchParams(new FormData(form)).toString();
    if (form.dataset.sent || form.dataset.saved === sent) return; // what is being sent is no draft any more
    const status = form.querySelector("[data-autosave-status]");
    if (status) status.textContent = word("saving");
    try {
      const headers = { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8" };
      const response = await fetch(form.dataset.autosave, { method: "POST", body: sent, headers, keepalive: sent.length < 60_000 });
      if (!response.ok) throw response;
      form.dataset.saved = sent;
      form.dispatchEvent(new CustomEvent("draftsaved", { bubbles: true, detail: sent }));
      if (status) status.textContent = word("saved", clock());
    } catch (problem) {
      const said = problem instanceof Response ? await problem.json().catch(() => null) : null;
      if (status) status.textContent = said?.message ?? word("not_saved");
      if (!said) wait(form, 5000);
    }
  };
  const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  addEventListener("input", (event) => event.target.form?.dataset.autosave && wait(event.target.form, PAUSE));
  addEventListener("pagehide", () => {
    for (const form of document.querySelectorAll("form[data-autosave][data-started]:not([data-sent])")) {
      const sent = new URLSearchParams(new FormData(form));
      if (form.dataset.saved !== sent.toString()) navigator.sendBeacon(form.dataset.autosave, sent);
    }
  });
}

/** Digits 1 to 9 choose on a rating row that has the focus; arrows are the browser's own. */
function startDigits() {
  addEventListener("keydown", (event) => {
    if (!/^[1-9]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!event.target.matches("[data-rating] input[type=radio]")) return;
    const choice = event.target.closest("[data-rating]").querySelector(`input[value="${event.key}"]`);
    if (!choice || choice.disabled) return;
    event.preventDefault();
    choice.focus();
    choice.click();
  });
}

/** Single keys of the console. They can be turned off, and never act while someone types. */
function startShortcuts(word, announce) {
  const key = "deliberate.shortcuts";
  const show = () => {
    const off = localStorage.getItem(key) === "off";
    document.documentElement.classList.toggle("shortcuts-off", off);
    for (const one of document.querySelectorAll("[data-shortcuts-switch]")) {
      one.setAttribute("aria-pressed", String(!off));
      one.textContent = word(off ? "shortcuts_off" : "shortcuts_on");
    }
    return off;
  };
  let off = show();
  addEventListener("click", (event) => {
    if (!event.target.closest("[data-shortcuts-switch]")) return;
    localStorage.setItem(key, off ? "on" : "off");
    off = show();
    announce(word(off ? "shortcuts_off" : "shortcuts_on"));
  });
  addEventListener("keydown", (event) => {
    if (off || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.matches("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    const button = document.querySelector(`[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!button) return;
    event.preventDefault();
    button.focus();
    button.click();
  });
}
