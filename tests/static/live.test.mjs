import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, load, sockets } from "./load.mjs";

const { Live } = await load("live.js");
const HELLO = { hello: { protocol: 1, now: new Date(1_002_000).toISOString(), beat_seconds: 5 } };

function line() {
  const clock = new Clock();
  const WebSocket = sockets();
  const live = new Live({ url: "ws://here/live", WebSocket, clock });
  const heard = { news: [], status: [], ended: [], refused: [] };
  for (const kind of Object.keys(heard)) live.on(kind, (what) => heard[kind].push(what));
  return { clock, WebSocket, live, heard };
}

function news(number, previous, topic = "vote-7") {
  return { topic, number, previous, kind: "ballot_cast", about: "", facts: { cast: number }, changed: false };
}

test("topics are watched from the number the page was rendered at", () => {
  const { WebSocket, live } = line();
  live.watch("vote-7", 214);
  live.watch("vote-7", 999); // once is enough
  live.start();
  assert.deepEqual(WebSocket.last.sent, []);
  WebSocket.last.says(HELLO);
  assert.deepEqual(WebSocket.last.sent, [{ watch: "vote-7", after: 214 }]);
});

test("a topic found later is watched at once", () => {
  const { WebSocket, live } = line();
  live.start();
  WebSocket.last.says(HELLO);
  live.watch("vote-8", 300);
  assert.deepEqual(WebSocket.last.sent, [{ watch: "vote-8", after: 300 }]);
});

test("old frames are ignored and new ones told in order", () => {
  const { WebSocket, live, heard } = line();
  live.watch("vote-7", 10);
  live.start();
  WebSocket.last.says(HELLO);
  for (const frame of [news(10, 9), news(12, 10), news(12, 10), news(11, 10), news(15, 12)]) WebSocket.last.says(frame);
  assert.deepEqual(heard.news.map((frame) => frame.number), [12, 15]);
});

test("a gap asks once for the replay and loses nothing", () => {
  const { WebSocket, live, heard } = line();
  live.watch("vote-7", 10);
  live.start();
  const socket = WebSocket.last;
  socket.says(HELLO);
  socket.says(news(20, 15));
  socket.says(news(22, 20));
  assert.deepEqual(socket.sent.slice(1), [{ watch: "vote-7", after: 10 }]);
  assert.deepEqual(heard.news, []);
  for (const frame of [news(15, 10), news(20, 15), news(22, 20)]) socket.says(frame);
  socket.says({ watching: "vote-7", number: 22 });
  assert.deepEqual(heard.news.map((frame) => frame.number), [15, 20, 22]);
  assert.equal(socket.sent.length, 2);
});

test("a replay that ends before what was missed is asked for again", () => {
  const { WebSocket, live } = line();
  live.watch("vote-7", 10);
  live.start();
  const socket = WebSocket.last;
  socket.says(HELLO);
  socket.says(news(20, 15));
  socket.says({ watching: "vote-7", number: 10 });
  assert.deepEqual(socket.sent.at(-1), { watch: "vote-7", after: 10 });
  assert.equal(socket.sent.length, 3);
});

test("one topic's gap does not hold up another", () => {
  const { WebSocket, live, heard } = line();
  live.watch("vote-7", 10);
  live.watch("meeting-1", 10);
  live.start();
  WebSocket.last.says(HELLO);
  WebSocket.last.says(news(20, 15));
  WebSocket.last.says(news(21, 9, "meeting-1"));
  assert.deepEqual(heard.news.map((frame) => frame.topic), ["meeting-1"]);
});

test("after a lost connection watching resumes with the last number", () => {
  const { clock, WebSocket, live, heard } = line();
  live.watch("vote-7", 10);
  live.start();
  WebSocket.last.says(HELLO);
  WebSocket.last.says(news(12, 10));
  WebSocket.last.drops();
  assert.equal(live.live, false);
  clock.pass(2000);
  assert.equal(WebSocket.all.length, 2);
  WebSocket.last.says(HELLO);
  assert.deepEqual(WebSocket.last.sent, [{ watch: "vote-7", after: 12 }]);
  assert.deepEqual(heard.status, [true, false, true]);
});

test("ten seconds of silence are not live, and a beat is enough to stay so", () => {
  const { clock, WebSocket, live, heard } = line();
  live.start();
  WebSocket.last.says(HELLO);
  for (let i = 0; i < 4; i++) {
    clock.pass(5000);
    WebSocket.last.says({ beat: "2026-11-23T10:00:00Z" });
  }
  assert.equal(live.live, true);
  clock.pass(8500);
  assert.equal(live.live, true);
  clock.pass(1500); // ten seconds after the last frame at the latest
  assert.equal(live.live, false);
  assert.equal(WebSocket.all[0].closed, true);
  clock.pass(2000);
  assert.equal(WebSocket.all.length, 2);
  assert.deepEqual(heard.status, [true, false]);
});

test("reconnecting is tried without limit, spread, and never more than fifteen seconds apart", () => {
  const { clock, WebSocket, live } = line();
  const waits = [];
  const plain = clock.setTimeout;
  clock.setTimeout = (work, wait) => (wait === 1000 || waits.push(wait), plain(work, wait));
  live.start();
  for (let i = 0; i < 60; i++) {
    WebSocket.last.drops();
    clock.random = () => (i % 10) / 10;
    clock.pass(15_300);
  }
  assert.ok(WebSocket.all.length > 60);
  assert.ok(Math.max(...waits) <= 15_250);
  assert.ok(new Set(waits.slice(20)).size > 5);
});

test("a line that greets and breaks at once is tried ever more slowly, until one lasts", () => {
  const { clock, WebSocket, live } = line();
  clock.random = () => 0.999;
  live.start();
  const waits = [];
  const breaks = (beats) => {
    WebSocket.last.says(HELLO);
    if (beats) WebSocket.last.says({ beat: "2026-11-23T10:00:00Z" });
    const before = WebSocket.all.length;
    WebSocket.last.onclose();
    const began = clock.time;
    while (WebSocket.all.length === before) clock.pass(50);
    waits.push(clock.time - began);
  };
  for (let i = 0; i < 6; i++) breaks(false);
  assert.ok(waits.every((wait, i) => i === 0 || wait > waits[i - 1]) || waits.at(-1) >= 15_000, waits.join());
  assert.ok(waits.at(-1) > 8 * waits[0]);
  breaks(true);
  assert.ok(waits.at(-1) < 1000);
});

test("every frame delivered twice is told once", () => {
  const { WebSocket, live, heard } = line();
  live.watch("vote-7", 10);
  live.start();
  const frames = [HELLO, news(12, 10), news(15, 12), { watching: "vote-7", number: 15 }, news(16, 15)];
  for (const frame of frames) for (let i = 0; i < 2; i++) WebSocket.last.says(frame);
  assert.deepEqual(heard.news.map((frame) => frame.number), [12, 15, 16]);
});

test("a socket that was left says nothing more", () => {
  const { clock, WebSocket, live, heard } = line();
  live.watch("vote-7", 1);
  live.start();
  const old = WebSocket.last;
  old.says(HELLO);
  old.drops();
  clock.pass(2000);
  WebSocket.last.says(HELLO);
  old.says(news(2, 1));
  old.drops();
  assert.deepEqual(heard.news, []);
  assert.equal(live.live, true);
});

test("a browser that wakes up connects at once, also when it slept through the silence", () => {
  const { clock, WebSocket, live } = line();
  live.start();
  WebSocket.last.says(HELLO);
  live.hurry();
  assert.equal(WebSocket.all.length, 1);
  clock.time += 60_000; // asleep: no timer ran
  live.hurry();
  assert.equal(WebSocket.all.length, 2);
});

test("an ended topic is told and not asked for again", () => {
  const { clock, WebSocket, live, heard } = line();
  live.watch("meeting-12", 5);
  live.start();
  WebSocket.last.says(HELLO);
  WebSocket.last.says({ ended: "meeting-12", message: "You no longer take part." });
  assert.equal(heard.ended[0].message, "You no longer take part.");
  WebSocket.last.drops();
  clock.pass(2000);
  WebSocket.last.says(HELLO);
  assert.deepEqual(WebSocket.last.sent, []);
});

test("the clock follows the server", () => {
  const { WebSocket, live } = line();
  live.start();
  WebSocket.last.says(HELLO);
  assert.equal(live.now(), 1_002_000);
});

test("nothing is sent before the hello, and the caller is told", () => {
  const { WebSocket, live } = line();
  live.start();
  assert.equal(live.send({ cast: {} }), false);
  WebSocket.last.says(HELLO);
  assert.equal(live.send({ cast: {} }), true);
});
