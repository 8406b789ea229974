// A ballot on its way: kept on this device until it is acknowledged, sent again with the same key, never twice.
// Nothing here knows the page; `startBallots` at the end ties it to the forms.

const PATIENCE = 5000; // without an answer from the socket for this long, the same ballot goes by POST
const LONGEST_WAIT = 30_000;

export class Ballots {
  #pending = new Map(); // key -> {paper, timer, tries}

  /** `report(paper, state, detail)` with state sending, kept, recorded, refused or signed_out. */
  constructor({ live, storage, fetch, clock, person, report }) {
    Object.assign(this, { live, storage, fetch, clock, report, prefix: `deliberate.ballot.${person}.` });
    live.on("ack", (frame) => this.#settle(frame.ack, "recorded", frame.number));
    live.on("refused", (frame) => this.#settle(frame.refused, frame.error === "Unconfirmed" ? "kept" : "refused", frame.message));
    live.on("hello", () => this.sendAll());
    for (const paper of this.#storing(() => this.#stored()) ?? []) this.#pending.set(paper.key, { paper, timer: null, tries: 0 });
  }

  /** paper: {vote, key, action, choice, rating, nsp, reason, for: the member who is represented}; `secret` papers never touch the storage. */
  cast(paper) {
    if (this.#pending.has(paper.key)) return;
    this.#pending.set(paper.key, { paper, timer: null, tries: 0 });
    if (!paper.secret) this.#storing((storage) => storage.setItem(this.prefix + paper.key, JSON.stringify(paper)));
    this.#send(paper.key);
  }

  sendAll() {
    for (const key of this.#pending.keys()) this.#send(key);
  }

  waiting() {
    return [...this.#pending.values()].map(({ paper }) => paper);
  }

  #send(key) {
    const one = this.#pending.get(key);
    const { vote, choice, rating, nsp, reason } = one.paper;
    const held = one.paper.for ? { for: one.paper.for } : {};
    this.clock.clearTimeout(one.timer);
    if (this.live.send({ cast: { vote, choice, rating, nsp, reason, key, ...held } })) {
      this.report(one.paper, "sending");
      one.timer = this.clock.setTimeout(() => this.#post(key), PATIENCE);
    } else this.#post(key);
  }

  /** The other door: the same key gets the same answer there. */
  async #post(key) {
    const one = this.#pending.get(key);
    if (!one || one.posting) return;
    one.posting = true;
    let answer = {};
    try {
      const body = new URLSearchParams(Object.entries(one.paper.fields));
      const headers = { Accept: "application/json" };
      const response = await this.fetch(one.paper.action, { method: "POST", body, headers, redirect: "manual" });
      answer = { status: response.status, said: await response.json().catch(() => null) };
    } catch {
      // No connection, or the answer was lost: the outcome is unknown, so ask again later.
    }
    one.posting = false;
    if (!this.#pending.has(key)) return; // the socket answered meanwhile
    const { status, said } = answer;
    if (status >= 200 && status < 300 && said) this.#settle(key, "recorded", said.number);
    else if (status === 401) this.#again(one, "signed_out");
    else if (status >= 400 && status < 500 && ![408, 425, 429].includes(status) && said) this.#settle(key, "refused", said.message);
    else this.#again(one, "kept");
  }

  #again(one, state) {
    this.report(one.paper, state);
    const wait = Math.min(LONGEST_WAIT, 2000 * 2 ** one.tries++) * (0.5 + this.clock.random() / 2);
    one.timer = this.clock.setTimeout(() => this.#send(one.paper.key), wait);
  }

  #settle(key, state, detail) {
    const one = this.#pending.get(key);
    if (!one) return;
    this.clock.clearTimeout(one.timer);
    if (state === "kept") return this.#again(one, state); // what could not be confirmed is asked again
    this.#pending.delete(key);
    this.#storing((storage) => storage.removeItem(this.prefix + key));
    this.report(one.paper, state, detail);
  }

  #stored() {
    const keys = Object.keys(this.storage).filter((key) => key.startsWith(this.prefix));
    return keys.map((key) => JSON.parse(this.storage.getItem(key)));
  }

  /** Storage is a help, not a condition: full or forbidden, the page itself still keeps the ballot. */
  #storing(work) {
    try {
      return work(this.storage);
    } catch {
      return null;
    }
  }
}

/** What a ballot form says, as a paper. */
export function paperOf(form, data) {
  const fields = Object.fromEntries([...data].filter(([, value]) => typeof value === "string"));
  const rating = /^[1-9]$/.test(fields.rating ?? "") ? Number(fields.rating) : null;
  return {
    vote: Number(form.dataset.ballot),
    key: fields.key,
    for: fields.member ? Number(fields.member) : null,
    action: form.action,
    secret: "secret" in form.dataset,
    choice: fields.choice ?? null,
    rating,
    nsp: fields.rating === "nsp",
    reason: fields.reason ?? "", // of "I cannot judge", the comment of a rating, the explanation of a choice
    fields,
  };
}

export function startBallots({ live, word, announce, person }) {
  const ballots = new Ballots({ live, storage: localStorage, fetch: fetch.bind(window), clock: live.clock, person, report });

  function report(paper, state, detail) {
    const settled = state === "recorded" || state === "refused";
    const sentence = state === "refused" && detail ? detail : word(state === "recorded" && detail == null ? "recorded_plain" : state, detail);
    const form = formOf(paper);
    if (!form) return settled && announce(state === "recorded" ? word("elsewhere", detail) : sentence);
    if (settled) form.elements.key.value = crypto.randomUUID(); // another ballot is another key
    hold(form, !settled);
    if (state === "recorded") delete form.dataset.started;
    say(form, sentence, state);
    if (settled) form.dispatchEvent(new CustomEvent(`ballot-${state}`, { bubbles: true, detail }));
  }

  addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-ballot]") || event.defaultPrevented) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    const paper = paperOf(form, new FormData(form, event.submitter));
    if ("rating" in paper.fields || "choice" in paper.fields) return ballots.cast(paper);
    say(form, word("choose"), "refused");
    form.querySelector("input[type=radio]")?.focus();
  });
  // While a ballot is under way its form holds still, so that what is shown is what was sent.
  addEventListener("click", (event) => event.target.matches("form[data-busy] input") && event.preventDefault(), true);

  for (const paper of ballots.waiting()) {
    const form = formOf(paper);
    for (const [name, value] of Object.entries(form ? paper.fields : {})) if (form.elements[name]) form.elements[name].value = value;
    report(paper, "sending");
  }
  setTimeout(() => live.live || ballots.sendAll(), PATIENCE); // no socket: the other door
  return ballots;
}

function formOf(paper) {
  const held = paper.for ? `[data-for="${paper.for}"]` : ":not([data-for])";
  return document.querySelector(`form[data-ballot="${paper.vote}"]${held}`);
}

function say(form, sentence, state) {
  const receipt = form.querySelector("[data-receipt]");
  if (!receipt) return;
  receipt.dataset.state = state;
  if (receipt.textContent !== sentence) receipt.textContent = sentence;
}

function hold(form, held) {
  if (held) form.dataset.busy = "yes";
  else delete form.dataset.busy;
  for (const element of form.elements) {
    if (element.type === "submit") element.setAttribute("aria-disabled", String(held));
    if (element.localName === "textarea") element.readOnly = held;
  }
}
