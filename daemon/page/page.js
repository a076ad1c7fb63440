// Keeps the page up to date: the same address is read again, and the parts that changed are replaced. Without it the page
// works as it stands. What one reads, types or has opened stays.
"use strict";

(() => {
  const refreshEvery = 10000;
  const typingPause = 250;
  const copiedFor = 2000;
  const form = document.getElementById("filters");
  const connection = document.getElementById("connection");
  let timer = 0;
  let latest = 0;

  // ---- commands that can be copied ----

  const copy = async (button, text) => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      // Not allowed on plain HTTP: what is selected can be copied by hand.
      getSelection().selectAllChildren(text);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, copiedFor);
  };

  const addCopyButtons = (root) => {
    for (const command of root.querySelectorAll(".command")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", () => copy(button, command.querySelector("code")));
      command.append(button);
    }
  };

  // ---- what stays ----

  // A focused element has no name of its own: it is the n-th of those that are the same kind, in the same part.
  const likeIt = (part, element) =>
    [...part.querySelectorAll(element.localName)].filter((one) => one.getAttribute("href") === element.getAttribute("href"));

  const focusWithin = (part) => {
    const element = document.activeElement;
    if (!element || element === part || !part.contains(element)) {
      return () => {};
    }
    const place = likeIt(part, element).indexOf(element);
    return (fresh) => {
      const same = likeIt(fresh, element);
      (same[place] ?? same[0])?.focus({ preventScroll: true });
    };
  };

  const keepOpen = (part, fresh) => {
    for (const details of part.querySelectorAll("details[open][id]")) {
      fresh.querySelector(`#${CSS.escape(details.id)}`)?.setAttribute("open", "");
    }
  };

  const keepScroll = (part, fresh) => {
    const before = part.querySelectorAll(".scroll, pre");
    const after = fresh.querySelectorAll(".scroll, pre");
    before.forEach((one, i) => {
      if (after[i]) {
        after[i].scrollLeft = one.scrollLeft;
      }
    });
  };

  const isSelecting = (part) => {
    const selection = getSelection();
    return !selection.isCollapsed && part.contains(selection.anchorNode);
  };

  const replace = (part, fresh) => {
    addCopyButtons(fresh);
    if (part.innerHTML === fresh.innerHTML || isSelecting(part)) {
      return;
    }
    const restoreFocus = focusWithin(part);
    keepOpen(part, fresh);
    part.replaceWith(fresh);
    keepScroll(part, fresh);
    restoreFocus(fresh);
  };

  // ---- reading the page again ----

  const show = (page) => {
    document.title = page.title;
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      if (fresh) {
        replace(part, document.adoptNode(fresh));
      }
    }
  };

  const say = (text) => {
    if (connection.textContent !== text) {
      connection.textContent = text;
    }
  };

  const refresh = async () => {
    clearTimeout(timer);
    const turn = ++latest;
    try {
      const response = await fetch(location.origin + location.pathname + location.search, { cache: "no-store", headers: { Accept: "text/html" } });
      const type = response.headers.get("Content-Type") ?? "";
      const text = await response.text();
      if (turn !== latest) {
        return;
      }
      if (!response.ok || !type.startsWith("text/html")) {
        say(`Not up to date: whylink answers ${response.status}.`);
      } else {
        show(new DOMParser().parseFromString(text, "text/html"));
        say("");
      }
    } catch {
      if (turn !== latest) {
        return;
      }
      say("Not up to date: whylink cannot be reached.");
    }
    timer = setTimeout(refresh, refreshEvery);
  };

  // Nobody looks at a hidden page.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) {
      refresh();
    }
  });

  // ---- the form ----

  const choose = () => {
    const query = new URLSearchParams();
    for (const [key, value] of new FormData(form)) {
      if (value !== "") {
        query.append(key, value);
      }
    }
    history.replaceState(null, "", query.size > 0 ? `/?${query}` : "/");
    refresh();
  };

  if (form) {
    let typing = 0;
    form.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(choose, typingPause);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(typing);
      choose();
    });
  }

  addCopyButtons(document);
  timer = setTimeout(refresh, refreshEvery);
})();
