// Speaks through the one polite live region of the page, and only when something is new.

let queue = [];

export function announce(text, region = document.getElementById("announcer")) {
  if (!region || !text) return;
  queue.push(text);
  if (queue.length > 1) return;
  setTimeout(() => {
    region.textContent = queue.join(" ");
    queue = [];
  }, 150); // news that come together are read together
}

/** Sentences of a part that are meant to be read out, before and after it changed. */
export function spoken(part) {
  return [...part.querySelectorAll("[data-announce]")].map((element) => element.textContent.trim());
}

/** Sentences of `ballot.js`, `forms.js` and `app.js`, in the language of the page. */
export function words(document) {
  const script = document.getElementById("words");
  const all = script ? JSON.parse(script.textContent) : {};
  return (key, value = "") => (all[key] ?? key).replace("{0}", value);
}
