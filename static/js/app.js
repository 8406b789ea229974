// Starts what a page needs. Without this file every page still works.

import { announce, words } from "deliberate/announce.js";
import { startAgenda } from "deliberate/agenda.js";
import { startBallots } from "deliberate/ballot.js";
import { startForms } from "deliberate/forms.js";
import { Live } from "deliberate/live.js";
import { startParts } from "deliberate/parts.js";
import { startTyped } from "deliberate/typed.js";

const word = words(document);
document.documentElement.classList.add("has-script");

const live = document.body.dataset.live ? connect(document.body.dataset.live) : null;
startForms({ word, announce });
startTyped({ word, person: document.body.dataset.person ?? "" });
startAgenda();
if (live) {
  startParts(live);
  startBallots({ live, word, announce, person: document.body.dataset.person ?? "" });
  live.start();
}
setInterval(tick, 1000);
tick();

addEventListener("beforeprint", () => document.querySelectorAll("details.data, .doc-contents-fold").forEach((details) => (details.open = true)));
if (matchMedia("(max-width: 60rem)").matches) document.querySelectorAll(".doc-contents-fold").forEach((details) => (details.open = false));

function connect(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const live = new Live({ url: url.href, WebSocket });
  let was = false;
  live.on("status", (on) => {
    for (const status of document.querySelectorAll("[data-live-status]")) {
      if (on || was) status.dataset.state = on ? "on" : "off";
      status.textContent = on ? status.dataset.liveWord : status.dataset.offWord;
    }
    if (was) announce(word(on ? "on" : "off"));
    was ||= on;
  });
  addEventListener("online", () => live.hurry());
  document.addEventListener("visibilitychange", () => document.hidden || live.hurry());
  return live;
}

/** Clocks that count down to a moment, or up from it, by the server's time. */
function tick() {
  const now = live ? live.now() : Date.now();
  for (const time of document.querySelectorAll("[data-countdown], [data-elapsed]")) {
    const sign = "countdown" in time.dataset ? -1 : 1;
    const seconds = Math.max(0, Math.round((sign * (now - Date.parse(time.dateTime))) / 1000));
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const two = (number) => String(number).padStart(2, "0");
    const text = `${hours ? `${hours}:` : ""}${hours || sign < 0 ? two(minutes) : minutes}:${two(seconds % 60)}`;
    if (time.textContent !== text) time.textContent = text;
    if ("warn" in time.dataset) warn(time, seconds);
  }
}

/** Says once that a speech comes to its end, in time to end it, and once that its time is up. */
function warn(time, seconds) {
  const state = seconds === 0 ? "over" : seconds <= Number(time.dataset.warn) ? "ending" : "";
  if (state === (time.dataset.state ?? "")) return;
  time.dataset.state = state;
  const words = state === "over" ? time.dataset.overWords : state ? time.dataset.warnWords : "";
  const place = time.parentElement.querySelector("[data-warning]");
  if (place) place.textContent = words;
  if (words) announce(words);
}
