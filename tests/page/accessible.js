// What can be told of a page by itself: an expression whose value is a list of findings. It is no replacement for axe-core,
// which page_test.py uses where it is installed.
(() => {
  const found = [];
  const name = (element) => element.outerHTML.slice(0, 120);
  const report = (what, element) => found.push(`${what}: ${name(element)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true });

  // ---- structure ----

  for (const landmark of ["header", "main", "footer"]) {
    if (all(landmark).length !== 1) {
      found.push(`${all(landmark).length} <${landmark}>`);
    }
  }
  if (all("h1").length !== 1) {
    found.push(`${all("h1").length} <h1>`);
  }
  let level = 0;
  for (const heading of all("h1, h2, h3, h4")) {
    const own = Number(heading.localName[1]);
    if (own > level + 1) {
      report(`a heading of level ${own} behind one of level ${level}`, heading);
    }
    level = own;
  }
  if (!document.documentElement.lang) {
    found.push("no language");
  }
  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) {
    found.push(`two elements have the ID ${id}`);
  }
  for (const element of all("[aria-labelledby]")) {
    if (!document.getElementById(element.getAttribute("aria-labelledby"))?.textContent.trim()) {
      report("labelled by nothing", element);
    }
  }
  for (const nav of all("nav, section, [role=region]")) {
    if (!nav.hasAttribute("aria-label") && !nav.hasAttribute("aria-labelledby")) {
      report("a region without a name", nav);
    }
  }

  // ---- names ----

  for (const element of all("a, button, summary")) {
    if (!element.textContent.trim() && !element.getAttribute("aria-label")) {
      report("no name", element);
    }
  }
  for (const field of all("input, select, textarea")) {
    if (!field.labels.length) {
      report("no label", field);
    }
  }
  for (const image of all("svg")) {
    const hidden = image.getAttribute("aria-hidden") === "true";
    const named = image.getAttribute("role") === "img" && image.getAttribute("aria-label");
    if (!hidden && !named) {
      report("an image without words", image);
    }
  }
  for (const table of all("table")) {
    if (!table.caption?.textContent.trim()) {
      report("a table without a caption", table);
    }
    if (!table.querySelector("thead th[scope=col]") || !table.querySelector("tbody th[scope=row]")) {
      report("a table without headers", table);
    }
  }
  for (const element of all("[tabindex]")) {
    if (Number(element.getAttribute("tabindex")) > 0) {
      report("an order of its own", element);
    }
  }

  // ---- contrast, WCAG 2.2 section 1.4.3 ----

  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([red, green, blue]) => {
    const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  const groundOf = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = channels(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] === 1) {
        return color;
      }
    }
    return [255, 255, 255];
  };
  const checked = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || checked.has(element) || !isShown(element) || element.closest("svg, script, .unseen")) {
      continue;
    }
    checked.add(element);
    const style = getComputedStyle(element);
    const [a, b] = [light(channels(style.color)), light(groundOf(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) {
      report(`contrast ${ratio.toFixed(2)}`, element);
    }
  }
  return [...new Set(found)].slice(0, 20);
})()
