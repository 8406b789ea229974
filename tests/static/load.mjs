// Loads a browser module that imports nothing, whatever Node thinks of its file name; and the fakes the tests share.
import { readFileSync } from "node:fs";

export function load(name) {
  const text = readFileSync(new URL(`../../static/js/${name}`, import.meta.url), "utf8");
  return import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
}

/** Time that moves only when told to. */
export class Clock {
  time = 1_000_000;
  timers = new Map();
  next = 1;
  random = () => 0.5;
  now = () => this.time;
  setTimeout = (work, wait) => (this.timers.set(this.next, { work, at: this.time + wait }), this.next++);
  clearTimeout = (timer) => this.timers.delete(timer);

  pass(milliseconds) {
    const until = this.time + milliseconds;
    for (;;) {
      const due = [...this.timers].filter(([, { at }]) => at <= until).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.time = Math.max(this.time, due[1].at);
      this.timers.delete(due[0]);
      due[1].work();
    }
    this.time = until;
  }
}

/** A socket class whose instances the test plays the server for. */
export function sockets() {
  return class FakeSocket {
    static all = [];
    static get last() {
      return this.all.at(-1);
    }
    sent = [];
    closed = false;
    constructor(url) {
      this.url = url;
      FakeSocket.all.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.closed = true;
    }
    says(frame) {
      this.onmessage({ data: JSON.stringify(frame) });
    }
    drops() {
      this.onclose({ code: 1006 });
    }
  };
}

export class Storage {
  getItem(key) {
    return this[key] ?? null;
  }
  setItem(key, value) {
    this[key] = String(value);
  }
  removeItem(key) {
    delete this[key];
  }
}

export const settle = () => new Promise((on) => setImmediate(on));
