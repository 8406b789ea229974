// The agenda by hand and by keys. What moves an item is always one of the plain forms beside it.

export function startAgenda() {
  const list = document.querySelector("[data-agenda]");
  if (!list) return;
  for (const item of list.querySelectorAll("[data-item]")) {
    const handle = item.querySelector("[data-handle]");
    if (!item.querySelector('form[action$="/move"]')) continue;
    item.tabIndex = 0;
    handle.draggable = true;
    handle.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData("text/plain", item.dataset.item);
      event.dataTransfer.setDragImage(item, 0, 0);
      item.classList.add("is-dragged");
    });
    handle.addEventListener("dragend", () => item.classList.remove("is-dragged"));
  }
  list.addEventListener("dragover", (event) => {
    const target = event.target.closest("[data-item]");
    if (!target || !list.querySelector(".is-dragged") || target.matches(".is-dragged")) return;
    event.preventDefault();
    for (const one of list.querySelectorAll(".is-target")) one.classList.remove("is-target");
    target.classList.add("is-target");
  });
  list.addEventListener("drop", (event) => {
    const [moved, target] = [list.querySelector(".is-dragged"), event.target.closest("[data-item]")];
    if (!moved || !target || moved === target) return;
    event.preventDefault();
    const form = moved.querySelector('form[action$="/move"]');
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "before", value: target.dataset.item }));
    form.requestSubmit(); // with no button pressed: "before" alone says where
  });
  list.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" }[event.key];
    if (!direction || !event.altKey || !event.target.matches("[data-item]")) return;
    event.preventDefault();
    const button = event.target.querySelector(`[name="direction"][value="${direction}"]`);
    button?.form.requestSubmit(button);
  });
  if (/^#item-\d+$/.test(location.hash)) document.querySelector(location.hash)?.focus();
}
