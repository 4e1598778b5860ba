// What Blazor cannot do from the server: cookies of the look, scrolling to a line, shortcuts, and the lost connection.
(() => {
  "use strict";
  const year = 31536000;
  const keep = (name, value) => {
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${year}; samesite=lax`;
  };
  const kept = name => document.cookie.split("; ").some(cookie => cookie.startsWith(name + "="));

  // The server renders the first page in the right colours and times only if it knows them.
  const system = matchMedia("(prefers-color-scheme: dark)");
  const firstVisit = !kept("ala-dark");
  keep("ala-dark", system.matches ? "1" : "0");
  system.addEventListener("change", () => keep("ala-dark", system.matches ? "1" : "0"));
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) {
    keep("ala-zone", zone);
  }
  if (firstVisit && kept("ala-dark") && system.matches && location.pathname === "/sign-in") {
    location.reload();
  }

  const edges = new WeakMap();

  window.ala = {
    keepTheme: theme => keep("ala-theme", theme),
    showTheme: dark => { document.documentElement.className = dark ? "dark" : "light"; },
    submit: id => document.getElementById(id)?.submit(),
    showLine: number => {
      const line = document.getElementById("L" + number);
      const box = line?.closest(".text");
      if (box) {
        const place = line.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
        box.scrollTop = place - box.clientHeight / 3;
      }
    },
    watchEdges: (box, page) => {
      const check = () => {
        if (box.scrollTop < 800) {
          page.invokeMethodAsync("NearEdge", true);
        } else if (box.scrollHeight - box.scrollTop - box.clientHeight < 800) {
          page.invokeMethodAsync("NearEdge", false);
        }
      };
      let due = 0;
      const onScroll = () => {
        if (!due) {
          due = setTimeout(() => { due = 0; check(); }, 80);
        }
      };
      box.addEventListener("scroll", onScroll, { passive: true });
      edges.set(box, () => { clearTimeout(due); box.removeEventListener("scroll", onScroll); });
    },
    unwatchEdges: box => { edges.get(box)?.(); edges.delete(box); },
    copy: async text => {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        return false;
      }
    },
  };

  // "/" goes to the search, single letters to fields of the page that ask for them.
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, [contenteditable]")) {
      return;
    }
    // The page's own field comes after the frame's, and goes before it.
    const field = event.key.length === 1 && [...document.querySelectorAll(`[data-shortcut="${CSS.escape(event.key)}"]`)].at(-1);
    if (field) {
      event.preventDefault();
      field.focus();
      field.select?.();
    }
  });

  // The list of files by keyboard. Rows beyond those drawn are drawn when the list is scrolled to them.
  const rowLinks = () => [...document.querySelectorAll("[data-list] a.row-link")];
  const focusRow = link => {
    link?.focus({ preventScroll: true });
    link?.closest("tr").scrollIntoView({ block: "nearest" });
  };
  const moveRow = by => {
    const links = rowLinks();
    const current = links.indexOf(document.activeElement?.closest?.("tr")?.querySelector("a.row-link"));
    const next = links[current < 0 ? (by > 0 ? 0 : links.length - 1) : current + by];
    if (next) {
      focusRow(next);
    }
  };
  // The rows at an end of a long list are drawn some time after it was scrolled there, over a slow line a long time. Whatever is done meanwhile goes before.
  let ends = 0;
  const isDrawnTo = (box, last) =>
    !box.querySelector("tr.placeholder") && [...box.querySelectorAll("tbody > tr:not(.up)")].at(last ? -1 : 0)?.offsetHeight === 0;
  const toEnd = last => {
    const box = document.querySelector("[data-list].list-box");
    const mine = ++ends;
    const look = tries => {
      if (mine !== ends) {
        return;
      }
      if (box) {
        box.scrollTop = last ? box.scrollHeight : 0;
      }
      if (!box || isDrawnTo(box, last)) {
        focusRow(rowLinks().at(last ? -1 : 0));
      } else if (tries > 0) {
        setTimeout(() => look(tries - 1), 50);
      }
    };
    look(200);
  };
  for (const act of ["keydown", "wheel", "pointerdown"]) {
    document.addEventListener(act, () => { ends++; }, { capture: true, passive: true });
  }
  const help = () => document.querySelector("dialog.keys")?.showModal();
  document.addEventListener("click", event => {
    if (event.target.closest?.("[data-open-keys]")) {
      help();
    }
  });
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open], .mud-dialog")) {
      return;
    }
    const filter = event.target.closest?.("[data-filter]");
    if (filter && (event.key === "ArrowDown" || event.key === "Escape")) {
      event.preventDefault();
      focusRow(rowLinks()[0]);
      if (rowLinks().length === 0) {
        filter.blur();
      }
      return;
    }
    const box = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (box && !(box.type === "checkbox" && event.key.startsWith("Arrow"))) {
      return;
    }
    if (event.key === "?") {
      event.preventDefault();
      help();
      return;
    }
    // The button of a dialog that was closed a moment ago keeps the focus until the next frame.
    if (!document.querySelector("[data-browse]") || event.target.closest?.("button:not(dialog *), .tree")) {
      return;
    }
    const row = document.activeElement?.closest?.("[data-list] tr");
    const keys = {
      ArrowDown: () => moveRow(1),
      ArrowUp: () => moveRow(-1),
      Home: () => toEnd(false),
      End: () => toEnd(true),
      Backspace: () => (document.querySelector("[data-up]") ?? document.querySelector(".trail a:last-of-type"))?.click(),
      " ": row && (() => row.querySelector(".pick input")?.click()),
      i: row && (() => row.querySelector("[data-details]")?.click()),
    };
    if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  // A dialog has the focus, or its first field has, in the same moment as it is seen, and gives it back to what opened it.
  const openers = new WeakMap();
  new MutationObserver(changes => {
    for (const { addedNodes, removedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.nodeType === Node.ELEMENT_NODE && node.matches(".mud-dialog-container")) {
          openers.set(node, document.activeElement);
          (node.querySelector("[data-first]") ?? node.querySelector("[role=dialog]")).focus();
        }
      }
      for (const node of removedNodes) {
        if (openers.has(node) && document.activeElement === document.body) {
          openers.get(node)?.focus();
        }
      }
    }
  }).observe(document.body, { childList: true, subtree: true });

  // When the archive was restarted the circuit is gone for good: load the page again as soon as it answers.
  const answers = async () => {
    try {
      return (await fetch("/health/live", { cache: "no-store" })).ok;
    } catch {
      return false;
    }
  };
  let waiting = false;
  const reloadWhenBack = async () => {
    if (waiting) {
      return;
    }
    waiting = true;
    while (!(await answers())) {
      await new Promise(resolve => setTimeout(resolve, 1500));
    }
    location.reload();
  };
  const lost = document.getElementById("components-reconnect-modal");
  if (lost) {
    new MutationObserver(() => {
      if (lost.classList.contains("components-reconnect-failed") || lost.classList.contains("components-reconnect-rejected")) {
        reloadWhenBack();
      }
    }).observe(lost, { attributes: true, attributeFilter: ["class"] });
    document.getElementById("reconnect-now").addEventListener("click", async () => {
      if (await answers()) {
        location.reload();
      }
    });
  }
  document.querySelector("#blazor-error-ui .reload")?.addEventListener("click", event => {
    event.preventDefault();
    location.reload();
  });
})();
