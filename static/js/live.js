// The socket client: watches topics, resumes by number, finds gaps, and knows whether the page is live.
// Everything it touches is passed in, so tests need no browser.

const SILENCE = 9000; // without a frame for this long, the page is not live; looked at once a second
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

export class Live {
  #topics = new Map(); // topic -> {last, missed}
  #listeners = {};
  #socket = null;
  #heard = 0;
  #failures = 0;
  #timer = null;
  #stopped = false;

  constructor({ url, WebSocket, clock = defaultClock }) {
    Object.assign(this, { url, WebSocket, clock, live: false, offset: 0, parts: () => undefined });
  }

  /** Kinds: news, part, ended, hello, ack, refused, status. */
  on(kind, listener) {
    (this.#listeners[kind] ??= []).push(listener);
    return this;
  }

  watch(topic, after) {
    if (!topic || this.#topics.has(topic)) return;
    this.#topics.set(topic, { last: after, missed: 0 });
    if (this.live) this.#ask(topic);
  }

  unwatch(topic) {
    if (this.#topics.delete(topic)) this.send({ unwatch: topic });
  }

  start() {
    this.#stopped = false;
    this.#connect();
    return this;
  }

  stop() {
    this.#stopped = true;
    this.clock.clearTimeout(this.#timer);
    this.#leave();
  }

  /** Back on line, or awake again: no reason to wait for the next attempt. */
  hurry() {
    if (this.#stopped || (this.live && !this.#silent())) return;
    this.#failures = 0;
    this.#connect();
  }

  /** True if the frame went into an open socket; whether it arrived, only an answer tells. */
  send(frame) {
    if (!this.live) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Server time in milliseconds, by the last hello. */
  now() {
    return this.clock.now() + this.offset;
  }

  #connect() {
    this.#leave();
    this.clock.clearTimeout(this.#timer);
    const socket = (this.#socket = new this.WebSocket(this.url));
    this.#heard = this.clock.now();
    socket.onmessage = (event) => socket === this.#socket && this.#hear(event.data);
    socket.onclose = () => socket === this.#socket && this.#lost();
    this.#listen();
  }

  #leave() {
    const socket = this.#socket;
    this.#socket = null;
    this.#say(false);
    if (socket) socket.close();
  }

  #lost() {
    this.#leave();
    if (this.#stopped) return;
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures++);
    const wait = FIRST_WAIT / 2 + this.clock.random() * longest; // spread: a thousand tabs come back at once
    this.clock.clearTimeout(this.#timer);
    this.#timer = this.clock.setTimeout(() => this.#connect(), wait);
  }

  /** Looks once a second whether the line has fallen silent. */
  #listen() {
    this.#timer = this.clock.setTimeout(() => {
      if (this.#silent()) this.#lost();
      else this.#listen();
    }, 1000);
  }

  #silent() {
    return this.clock.now() - this.#heard >= SILENCE;
  }

  #hear(text) {
    this.#heard = this.clock.now();
    const frame = JSON.parse(text);
    if (frame.beat) this.#failures = 0; // it lasted; a line that only greets and breaks is tried ever more slowly
    if (frame.hello) this.#welcome(frame.hello);
    else if (frame.part) this.#tell("part", frame);
    else if (frame.topic) this.#news(frame);
    else if (frame.watching) this.#caughtUp(frame);
    else if (frame.ack) this.#tell("ack", frame);
    else if (frame.ended) this.#end("ended", frame);
    else if (frame.refused) this.#end("refused", frame);
  }

  #welcome(hello) {
    this.offset = hello.now ? Date.parse(hello.now) - this.clock.now() : 0;
    this.#say(true);
    for (const topic of this.#topics.keys()) this.#ask(topic);
    this.#tell("hello", hello);
  }

  #ask(topic) {
    this.send({ watch: topic, after: this.#topics.get(topic).last, parts: this.parts(topic) });
  }

  #news(frame) {
    const topic = this.#topics.get(frame.topic);
    if (!topic || frame.number <= topic.last) return;
    if (frame.previous > topic.last) {
      // Something in between was lost. Ask once; the replay brings this frame again.
      const asked = topic.missed > topic.last;
      topic.missed = Math.max(topic.missed, frame.number);
      if (!asked) this.#ask(frame.topic);
      return;
    }
    topic.last = frame.number;
    this.#tell("news", frame);
  }

  #caughtUp({ watching, number }) {
    const topic = this.#topics.get(watching);
    if (!topic) return;
    const missed = topic.missed;
    topic.last = Math.max(topic.last, number ?? 0);
    topic.missed = 0;
    if (missed > topic.last) this.#ask(watching);
  }

  #end(kind, frame) {
    this.#topics.delete(frame[kind]);
    this.#tell(kind, frame);
  }

  #say(live) {
    if (this.live === live) return;
    this.live = live;
    this.#tell("status", live);
  }

  #tell(kind, what) {
    for (const listener of this.#listeners[kind] ?? []) listener(what);
  }
}

const defaultClock = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimeout: (work, wait) => setTimeout(work, wait),
  clearTimeout: (timer) => clearTimeout(timer),
};
