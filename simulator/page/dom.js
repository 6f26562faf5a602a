// Builds elements. Text always goes in as text, never as HTML.

export const byId = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `icons.svg#${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

// Keeps a list in step with its records: an element is rebuilt only when its record changed,
// so focus, scroll position and open details stay where they are.
export function keyed(list, records, key, build) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let place = list.firstElementChild;
  for (const record of records) {
    const id = key(record);
    const version = JSON.stringify(record);
    let node = old.get(id);
    old.delete(id);
    if (!node || node.version !== version) {
      const fresh = build(record);
      fresh.dataset.key = id;
      fresh.version = version;
      if (node) {
        fresh.querySelectorAll("details").forEach((one, index) => {
          one.open = node.querySelectorAll("details")[index]?.open ?? false;
        });
        if (place === node) place = fresh;
        const focused = focusable(node).indexOf(document.activeElement);
        node.replaceWith(fresh);
        focusable(fresh)[focused]?.focus({ preventScroll: true });
      }
      node = fresh;
    }
    if (place === node) place = place.nextElementSibling;
    else list.insertBefore(node, place);
  }
  old.forEach((gone) => gone.remove());
}

const focusable = (node) => [...node.querySelectorAll("button, summary")];

const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat([], { timeStyle: "medium" });

export const time = (iso) =>
  el("time", { datetime: iso, title: exact.format(new Date(iso)) }, clock.format(new Date(iso)));
export const timeExact = (iso) => el("time", { datetime: iso }, exact.format(new Date(iso)));
