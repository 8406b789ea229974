import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, Storage, load, settle } from "./load.mjs";

const { Ballots, paperOf } = await load("ballot.js");

class FakeLive {
  open = true;
  sent = [];
  listeners = {};
  on(kind, listener) {
    this.listeners[kind] = listener;
  }
  send(frame) {
    if (this.open) this.sent.push(frame);
    return this.open;
  }
  tell(kind, frame) {
    this.listeners[kind](frame);
  }
}

const PAPER = { vote: 7, key: "k1", action: "/votes/7/ballots", choice: null, rating: 8, nsp: false, reason: "", fields: { key: "k1", rating: "8" } };

function desk({ storage = new Storage(), answers = [], person = "ada" } = {}) {
  const clock = new Clock();
  const live = new FakeLive();
  const posted = [];
  const reports = [];
  const fetch = async (url, options) => {
    posted.push({ url, body: Object.fromEntries(options.body), accept: options.headers.Accept });
    const answer = answers.shift();
    if (!answer) throw new TypeError("no connection");
    return { status: answer.status, json: async () => answer.said };
  };
  const report = (paper, state, detail) => reports.push([paper.key, state, detail]);
  return { clock, live, posted, reports, storage, ballots: new Ballots({ live, storage, fetch, clock, person, report }) };
}

test("a ballot is kept before it is sent and forgotten once acknowledged", () => {
  const { live, reports, storage, ballots } = desk();
  ballots.cast(PAPER);
  assert.equal(Object.keys(storage).length, 1);
  assert.deepEqual(live.sent, [{ cast: { vote: 7, choice: null, rating: 8, nsp: false, reason: "", key: "k1" } }]);
  live.tell("ack", { ack: "k1", number: 231 });
  assert.equal(Object.keys(storage).length, 0);
  assert.deepEqual(reports, [["k1", "sending", undefined], ["k1", "recorded", 231]]);
});

test("a double click is one ballot", () => {
  const { live, ballots } = desk();
  ballots.cast(PAPER);
  ballots.cast(PAPER);
  assert.equal(live.sent.length, 1);
});

test("after a reconnect the same key is sent again", () => {
  const { live, ballots } = desk();
  ballots.cast(PAPER);
  live.tell("hello", {});
  assert.deepEqual(live.sent.map((frame) => frame.cast.key), ["k1", "k1"]);
});

test("without an answer from the socket the other door is tried with the same key", async () => {
  const { clock, posted, reports, ballots } = desk({ answers: [{ status: 200, said: { number: 240 } }] });
  ballots.cast(PAPER);
  clock.pass(5000);
  await settle();
  assert.deepEqual(posted, [{ url: "/votes/7/ballots", body: { key: "k1", rating: "8" }, accept: "application/json" }]);
  assert.deepEqual(reports.at(-1), ["k1", "recorded", 240]);
});

test("an acknowledgement that comes by both doors counts once", async () => {
  const { clock, live, reports, ballots } = desk({ answers: [{ status: 200, said: { number: 240 } }] });
  ballots.cast(PAPER);
  clock.pass(5000);
  live.tell("ack", { ack: "k1", number: 240 });
  await settle();
  assert.equal(reports.filter(([, state]) => state === "recorded").length, 1);
});

test("offline the ballot is kept, tried again and again, and at last recorded", async () => {
  const { clock, live, posted, reports, storage, ballots } = desk();
  live.open = false;
  ballots.cast(PAPER);
  for (let i = 0; i < 10; i++) {
    await settle();
    clock.pass(31_000);
  }
  await settle();
  assert.equal(posted.length, 11);
  assert.deepEqual(reports.at(-1), ["k1", "kept", undefined]);
  assert.equal(Object.keys(storage).length, 1);
  live.open = true;
  live.tell("hello", {});
  live.tell("ack", { ack: "k1", number: 300 });
  assert.deepEqual(reports.at(-1), ["k1", "recorded", 300]);
  clock.pass(120_000);
  await settle();
  assert.equal(posted.length, 11);
});

test("a new page sends what the last one kept", () => {
  const first = desk();
  first.live.open = false;
  first.ballots.cast(PAPER);
  const second = desk({ storage: first.storage });
  assert.deepEqual(second.ballots.waiting().map((paper) => paper.key), ["k1"]);
  second.live.tell("hello", {});
  assert.equal(second.live.sent[0].cast.key, "k1");
});

test("another person at the same browser never sends it", () => {
  const first = desk({ person: "ada" });
  first.live.open = false;
  first.ballots.cast(PAPER);
  const second = desk({ storage: first.storage, person: "ben" });
  second.live.tell("hello", {});
  assert.deepEqual(second.live.sent, []);
});

test("a refusal is final and told in the server's words", () => {
  const { live, reports, storage, ballots } = desk();
  ballots.cast(PAPER);
  live.tell("refused", { refused: "k1", error: "VoteClosed", message: "This vote closed at 14:05." });
  assert.deepEqual(reports.at(-1), ["k1", "refused", "This vote closed at 14:05."]);
  assert.equal(Object.keys(storage).length, 0);
  live.tell("hello", {});
  assert.equal(live.sent.length, 1);
});

test("a ballot that could not be confirmed is kept and asked for again with the same key", () => {
  const { clock, live, reports, storage, ballots } = desk();
  ballots.cast(PAPER);
  live.tell("refused", { refused: "k1", error: "Unconfirmed", message: "Not confirmed." });
  assert.deepEqual(reports.at(-1), ["k1", "kept", undefined]);
  assert.equal(Object.keys(storage).length, 1);
  clock.pass(31_000);
  assert.deepEqual(live.sent.map((frame) => frame.cast.key), ["k1", "k1"]);
  live.tell("ack", { ack: "k1", number: 231 });
  assert.deepEqual(reports.at(-1), ["k1", "recorded", 231]);
});

test("a refusal by POST is final too; a server in trouble is not", async () => {
  const { clock, live, reports, ballots } = desk({
    answers: [{ status: 503, said: { message: "not confirmed" } }, { status: 409, said: { message: "Closed." } }],
  });
  live.open = false;
  ballots.cast(PAPER);
  await settle();
  assert.equal(reports.at(-1)[1], "kept");
  clock.pass(31_000);
  await settle();
  assert.deepEqual(reports.at(-1), ["k1", "refused", "Closed."]);
});

test("signed out, the ballot waits", async () => {
  const { live, reports, storage, ballots } = desk({ answers: [{ status: 401, said: {} }] });
  live.open = false;
  ballots.cast(PAPER);
  await settle();
  assert.equal(reports.at(-1)[1], "signed_out");
  assert.equal(Object.keys(storage).length, 1);
});

test("a secret ballot never touches the storage", () => {
  const { live, storage, ballots } = desk();
  ballots.cast({ ...PAPER, secret: true });
  assert.equal(live.sent.length, 1);
  assert.equal(Object.keys(storage).length, 0);
});

test("a full storage stops nobody from voting", () => {
  const full = new Storage();
  full.setItem = () => {
    throw new Error("quota exceeded");
  };
  const { live, reports, ballots } = desk({ storage: full });
  ballots.cast(PAPER);
  live.tell("ack", { ack: "k1", number: 1 });
  assert.deepEqual(reports.at(-1), ["k1", "recorded", 1]);
});

test("a form becomes a paper: a rating, or none for who cannot judge", () => {
  const form = { dataset: { ballot: "7" }, action: "/votes/7/ballots" };
  const rated = paperOf(form, [["key", "k"], ["rating", "8"], ["reason", ""]]);
  assert.deepEqual([rated.vote, rated.rating, rated.choice, rated.secret], [7, 8, null, false]);
  const unable = paperOf(form, [["key", "k"], ["rating", "nsp"], ["reason", "no data"]]);
  assert.deepEqual([unable.rating, unable.nsp, unable.reason], [null, true, "no data"]);
  const after = paperOf(form, [["key", "k"], ["rating", "3"], ["reason", "no data"]]);
  assert.deepEqual([after.rating, after.nsp, after.reason], [3, false, "no data"]); // a comment
  const voted = paperOf(form, [["key", "k"], ["choice", "abstain"], ["reason", "Because."]]);
  assert.equal(voted.reason, "Because.");
  assert.deepEqual([voted.rating, voted.choice], [null, "abstain"]);
});
