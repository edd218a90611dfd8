"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const song = JSON.parse(byId("lanes-data").textContent);
  const show = (element) => { if (element) element.hidden = false; };

  // Sorting: each head becomes a button, so that it is reached by the keyboard.
  const table = byId("files");
  if (table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.tagName !== "TH") return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const value = (row) => {
          const cell = row.cells[column];
          const text = cell.dataset.sort ?? cell.textContent.trim();
          if (head.dataset.kind !== "num") return text.toLowerCase();
          const number = Number.parseFloat(text.replace("\u2212", "-"));
          return Number.isNaN(number) ? -1e9 : number;
        };
        const rows = [...table.tBodies[0].rows].sort((a, b) => {
          const [x, y] = [value(a), value(b)];
          return typeof x === "number" ? x - y : x.localeCompare(y, undefined, { numeric: true });
        });
        if (down) rows.reverse();
        table.tBodies[0].append(...rows);
      });
    });
  }

  // Filter by severity.
  const filter = document.querySelector(".filter");
  if (filter && document.querySelector(".finding")) {
    show(filter);
    filter.addEventListener("change", () => {
      const on = Object.fromEntries([...filter.querySelectorAll("input")].map((i) => [i.dataset.severity, i.checked]));
      document.querySelectorAll(".finding").forEach((finding) => {
        const settled = finding.classList.contains("settled");
        const severity = ["error", "warning", "note"].find((s) => finding.classList.contains(s));
        finding.hidden = settled ? !on.settled : !on[severity];
      });
    });
  }

  // Copy the message.
  const copy = byId("copy");
  show(copy);
  copy.addEventListener("click", async () => {
    const message = byId("message");
    let done = false;
    try {
      await navigator.clipboard.writeText(message.textContent);
      done = true;
    } catch {
      const range = document.createRange();
      range.selectNodeContents(message);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      done = document.execCommand("copy");
    }
    byId("copied").textContent = done ? "Copied." : "Press Ctrl + C to copy the marked text.";
  });

  // The lanes.
  const lanes = byId("lanes");
  if (!lanes || !song.lanes.length) return;
  show(document.querySelector(".zoom"));
  show(document.querySelector(".script-hint"));
  document.querySelector(".no-script-hint").hidden = true;
  const unpack = (text) => Int8Array.from(atob(text), (c) => c.charCodeAt(0) << 24 >> 24);
  const view = { start: 0, end: song.seconds };
  const shortest = Math.min(0.02, song.seconds);
  const rows = song.lanes.map((lane, number) => ({
    ...lane, data: unpack(lane.peaks), box: byId(`lane-${number}`).querySelector(".wave"), visible: false,
  }));
  const residualRow = byId("lane-residual");
  if (residualRow) {
    show(residualRow);
    rows.push({ residual: song.residual, box: residualRow.querySelector(".wave"), visible: false, marks: [] });
  }
  const ruler = byId("ruler");
  show(ruler);
  rows.forEach((row) => {
    const still = row.box.querySelector(".still");
    if (still) still.setAttribute("hidden", "");
    row.canvas = row.box.querySelector("canvas");
    show(row.canvas);
  });

  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(["ink", "soft", "line", "wave", "mix", "window", "fail", "warn", "note", "gap", "accent"]
      .map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  };
  let ink = colours();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { ink = colours(); redraw(); });

  const clock = (s) => `${Math.floor(s / 60)}:${(s % 60).toFixed(view.end - view.start < 4 ? 3 : 1).padStart(view.end - view.start < 4 ? 6 : 4, "0")}`;
  const sized = (canvas) => {
    const scale = devicePixelRatio || 1;
    const width = Math.max(1, Math.round(canvas.clientWidth * scale));
    const height = Math.max(1, Math.round(canvas.clientHeight * scale));
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    return { pen, width, height, scale, x: (s) => (s - view.start) / (view.end - view.start) * width };
  };
  const lines = (pen, x, height) => {
    pen.fillStyle = ink.line;
    const gap = song.bars.length > 1 ? x(song.bars[1]) - x(song.bars[0]) : 0;
    const every = gap ? Math.max(1, 2 ** Math.ceil(Math.log2(14 / gap))) : 1;
    song.bars.forEach((bar, index) => { if (index % every === 0) pen.fillRect(Math.round(x(bar)), 0, 1, height); });
    pen.fillStyle = ink.accent;
    song.markers.forEach((marker) => pen.fillRect(Math.round(x(marker.at_s)), 0, 1, height));
  };

  const drawWave = (row) => {
    const { pen, width, height, x } = sized(row.canvas);
    const middle = height / 2;
    pen.fillStyle = ink.window;
    const [high, low] = [0.7079, 0.5012];
    pen.fillRect(0, middle - high * middle, width, (high - low) * middle);
    pen.fillRect(0, middle + low * middle, width, (high - low) * middle);
    lines(pen, x, height);
    const columns = row.data.length / 2;
    if (columns) {
      pen.fillStyle = row.role.endsWith("mix") ? ink.mix : ink.wave;
      const perSecond = columns / row.seconds;
      const perPixel = (view.end - view.start) / width * perSecond;
      for (let pixel = 0; pixel < width; pixel += 1) {
        const from = Math.floor(view.start * perSecond + pixel * perPixel);
        if (from >= columns) break;
        const to = Math.min(columns, Math.max(from + 1, Math.floor(view.start * perSecond + (pixel + 1) * perPixel)));
        let least = 127;
        let most = -128;
        for (let column = from; column < to; column += 1) {
          if (row.data[2 * column] < least) least = row.data[2 * column];
          if (row.data[2 * column + 1] > most) most = row.data[2 * column + 1];
        }
        const top = middle - most / 127 * middle;
        pen.fillRect(pixel, top, 1, Math.max(1, middle - least / 127 * middle - top));
      }
    }
    row.marks.forEach((mark) => {
      if (mark.kind === "silence") {
        pen.fillStyle = ink.line;
        pen.fillRect(x(mark.start_s), middle - 2, Math.max(1, x(mark.end_s) - x(mark.start_s)), 4);
        return;
      }
      const left = Math.floor(x(mark.start_s));
      const right = Math.max(left + 3, Math.ceil(x(mark.end_s)));
      if (right < 0 || left > width) return;
      const colour = { error: ink.fail, warning: ink.warn, note: ink.note, gap: ink.gap }[mark.kind];
      pen.fillStyle = colour;
      pen.globalAlpha = mark.kind === "gap" ? 1 : 0.25;
      pen.fillRect(left, 0, right - left, height);
      pen.globalAlpha = 1;
      if (mark.kind !== "gap") pen.fillRect(left, 0, right - left, 4);
    });
  };
  const drawResidual = (row) => {
    const { pen, width, height, x } = sized(row.canvas);
    lines(pen, x, height);
    row.residual.forEach((level, second) => {
      const tall = Math.max(0, Math.min(1, (level + 100) / 100)) * height;
      pen.fillStyle = level > -40 ? ink.fail : level > -80 ? ink.warn : ink.wave;
      pen.fillRect(x(second), height - Math.max(1, tall), Math.max(1, x(second + 1) - x(second) - 1), Math.max(1, tall));
    });
  };
  const drawRuler = () => {
    const { pen, width, height, scale, x } = sized(ruler);
    lines(pen, x, height);
    pen.fillStyle = ink.soft;
    pen.font = `${11 * scale}px system-ui, sans-serif`;
    const span = view.end - view.start;
    const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((s) => s / span * width > 80 * scale) || 1200;
    for (let at = Math.ceil(view.start / step) * step; at <= view.end; at += step) pen.fillText(clock(at), x(at) + 3, 11 * scale);
    pen.fillStyle = ink.accent;
    let free = -1;
    song.markers.forEach((marker) => {
      const left = x(marker.at_s) + 3;
      if (left < free || left < 0) return;
      pen.fillText(marker.name, left, 24 * scale);
      free = left + pen.measureText(marker.name).width + 8;
    });
  };

  let waiting = false;
  const redraw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      drawRuler();
      rows.forEach((row) => { if (row.visible) (row.residual ? drawResidual : drawWave)(row); });
      byId("span").textContent = `${clock(view.start)} – ${clock(view.end)}`;
    });
  };
  const look = (start, end) => {
    const span = Math.min(song.seconds, Math.max(shortest, end - start));
    view.start = Math.min(Math.max(0, start), song.seconds - span);
    view.end = view.start + span;
    redraw();
  };
  const zoom = (factor, at = (view.start + view.end) / 2) => look(at - (at - view.start) * factor, at + (view.end - at) * factor);
  const seen = new IntersectionObserver((entries) => {
    entries.forEach((entry) => { rows.find((row) => row.box === entry.target).visible = entry.isIntersecting; });
    redraw();
  }, { rootMargin: "200px" });
  rows.forEach((row) => seen.observe(row.box));
  new ResizeObserver(redraw).observe(lanes);

  const area = () => rows[0].box.getBoundingClientRect();
  const timeAt = (clientX) => view.start + (clientX - area().left) / area().width * (view.end - view.start);
  document.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    if (button.dataset.zoom === "all") look(0, song.seconds); else zoom(button.dataset.zoom === "in" ? 0.5 : 2);
  }));
  lanes.addEventListener("keydown", (event) => {
    if (event.target.closest("button")) return;
    const step = (view.end - view.start) / 5;
    const keys = {
      ArrowLeft: () => look(view.start - step, view.end - step), ArrowRight: () => look(view.start + step, view.end + step),
      "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: () => look(0, song.seconds),
      Home: () => look(0, view.end - view.start), End: () => look(song.seconds - (view.end - view.start), song.seconds),
    };
    if (keys[event.key] && !event.ctrlKey && !event.metaKey) { event.preventDefault(); keys[event.key](); }
  });
  lanes.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoom(Math.exp(event.deltaY / 300), timeAt(event.clientX));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      const move = (event.deltaX || event.deltaY) / area().width * (view.end - view.start);
      look(view.start + move, view.end + move);
    }
  }, { passive: false });

  const fingers = new Map();
  lanes.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".wave")) { fingers.set(event.pointerId, event.clientX); event.target.setPointerCapture(event.pointerId); }
  });
  lanes.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = fingers.get(event.pointerId);
    const other = [...fingers].find(([id]) => id !== event.pointerId);
    if (other) {
      const [was, is] = [Math.abs(before - other[1]), Math.abs(event.clientX - other[1])];
      if (was > 10 && is > 10) zoom(was / is, timeAt((event.clientX + other[1]) / 2));
    } else {
      const move = (before - event.clientX) / area().width * (view.end - view.start);
      look(view.start + move, view.end + move);
    }
    fingers.set(event.pointerId, event.clientX);
  });
  ["pointerup", "pointercancel"].forEach((name) => lanes.addEventListener(name, (event) => fingers.delete(event.pointerId)));

  // From a finding to its place.
  const places = document.querySelectorAll(".place");
  places.forEach((button) => button.addEventListener("click", () => {
    const [start, end] = [Number(button.dataset.start), Number(button.dataset.end)];
    const room = Math.max(0.25, (end - start) * 0.75);
    look(start - room, end + room);
    const row = rows.find((r) => r.path === button.dataset.subject) || rows[0];
    row.box.scrollIntoView({ block: "center" });
    lanes.focus({ preventScroll: true });
  }));

  // Listening, where the files lie beside the page. Nothing is asked for until somebody wants to listen, and only
  // the files that answer get a button.
  const buttonOf = (player) => document.querySelector(`.play[data-lane="${player.dataset.lane}"]`);
  const players = [...document.querySelectorAll("audio[data-lane]")];
  const listen = byId("listen");
  show(listen.parentElement);
  listen.addEventListener("click", () => {
    listen.disabled = true;
    let [answers, absent] = [0, 0];
    const told = () => {
      const all = answers + absent === players.length;
      byId("listen-answer").textContent = answers ? `${answers} files can be played.` : all ? "The files do not lie beside this page." : "";
    };
    players.forEach((player) => {
      player.addEventListener("loadedmetadata", () => { answers += 1; show(buttonOf(player)); told(); }, { once: true });
      player.addEventListener("error", () => { absent += 1; buttonOf(player).hidden = true; told(); }, { once: true });
      player.preload = "metadata";
      player.src = song.lanes[Number(player.dataset.lane)].path.split("/").map(encodeURIComponent).join("/");
    });
  });
  players.forEach((player) => {
    const button = buttonOf(player);
    ["pause", "ended"].forEach((name) => player.addEventListener(name, () => { button.textContent = "▶"; }));
    player.addEventListener("play", () => {
      players.forEach((other) => { if (other !== player) other.pause(); });
      button.textContent = "❚❚";
    });
    button.addEventListener("click", () => {
      if (!player.paused) { player.pause(); return; }
      player.currentTime = Math.min(view.start, song.lanes[Number(player.dataset.lane)].seconds);
      player.play();
    });
  });
  redraw();
})();
