// Text that the server does not have yet stays in this browser: through a lost connection or sign-in, a closed tab.
// It goes as soon as the server has it, and comes back into its form when the page is opened again.

export function startTyped({ word, person }) {
  const place = (form) => `deliberate.typed.${person}.${form.dataset.autosave}`;
  for (const done of document.querySelectorAll("[data-stored]")) localStorage.removeItem(`deliberate.typed.${person}.${done.dataset.stored}`);
  for (const form of forms()) bringBack(form, place(form), word);

  addEventListener("input", ({ target: { form } }) => form?.dataset.typed && form.dataset.autosave && keep(form, place(form)));
  addEventListener("draftsaved", ({ target: form, detail }) => {
    if (form.dataset.typed && new URLSearchParams(new FormData(form)).toString() === detail) localStorage.removeItem(place(form));
  });
}

function forms() {
  return document.querySelectorAll("form[data-typed][data-autosave]");
}

function keep(form, key) {
  const { value } = form.elements[form.dataset.typed];
  try {
    localStorage.setItem(key, JSON.stringify({ value, based_on: form.elements.based_on.value, at: Date.now() }));
  } catch {
    // No room: the draft on the server is what there is.
  }
}

/** With the version it began from, so that the server notices when somebody stored another meanwhile. */
function bringBack(form, key, word) {
  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  const field = form.elements[form.dataset.typed];
  if (!kept) return;
  if (plain(kept.value) === plain(field.value)) return localStorage.removeItem(key);
  field.value = kept.value;
  form.elements.based_on.value = kept.based_on;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const status = form.querySelector("[data-autosave-status]");
  if (status) status.textContent = word("brought_back");
}

function plain(text) {
  return text.replaceAll("\r\n", "\n").trim().normalize();
}
