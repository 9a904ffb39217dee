// Charts: direct labels, zero-based, the same colour for the same thing. Their
// width is that of the page, so that their text keeps its size on a phone.

const WIDEST = 880;
let chartWidth = WIDEST;
const LINE = 18;
// Pixels that a text takes in the reader's own font, bold to be on the safe side.
const pen = document.createElement("canvas").getContext("2d");
const letters = (text) => {
  pen.font = "bold 14px " + getComputedStyle(document.body).fontFamily;
  return pen.measureText(text).width;
};
const roleClass = (role) => "c-" + role;
const frame = (width, height, ...children) =>
  svg("svg", { viewBox: "0 0 " + width + " " + height, width: width, height: height }, children);
const words = (text, x, y, kind, anchor) => svg("text", { x, y, class: kind || null, "text-anchor": anchor || "start" }, text);

const STEPS = [1, 2, 5, 10];
// 1, 2 or 5 times a power of ten, at most five steps up to the value.
const niceStep = (most) => {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most / 5));
  return Math.max(1, (STEPS.find((step) => step * power * 5 >= most) || 10) * power);
};

// Horizontal bars: { label, value, shown, kind }; marks stand where a bar would.
const bars = (rows, top) => {
  if (!rows.some((row) => isNumber(row.value))) return null;
  const width = chartWidth;
  const narrow = width < 480;
  const left = narrow ? 0 : Math.min(width * 0.4, Math.max(...rows.map((row) => letters(row.label))) + 20);
  const right = Math.max(...rows.map((row) => letters(row.shown))) + 12;
  const most = top || Math.max(...rows.map((row) => (isNumber(row.value) ? row.value : 0)), 1);
  const pitch = narrow ? 46 : 32;
  const parts = rows.map((row, place) => {
    const y = place * pitch + (narrow ? LINE + 4 : 4);
    const length = isNumber(row.value) ? Math.max(row.value > 0 ? 1 : 0, ((width - left - right) * row.value) / most) : 0;
    return [
      narrow ? words(row.label, 0, y - 6) : words(row.label, left - 10, y + 15, null, "end"),
      svg("rect", { x: left, y, width: length, height: 21, class: "barre " + (row.kind || "c-1") }),
      words(row.shown, left + length + 8, y + 15, isNumber(row.value) ? "valeur" : "signe"),
    ];
  });
  parts.push(svg("line", { x1: left, x2: left, y1: 0, y2: rows.length * pitch, class: "axe" }));
  return frame(width, rows.length * pitch + 4, parts);
};

// Parts of a whole in a row: { label, parts: [{ label, value (of 1000), kind }] }.
const stacks = (rows) => {
  const drawn = rows.filter((row) => row.parts.length);
  if (!drawn.length) return null;
  const width = chartWidth;
  const key = new Map();
  for (const row of drawn) for (const part of row.parts) key.set(part.kind, part.label);
  let x = 0;
  let y = 14;
  const parts = [];
  for (const [kind, name] of key) {
    const wide = letters(name) + 34;
    if (x + wide > width && x > 0) { x = 0; y += 24; }
    parts.push(svg("rect", { x, y: y - 11, width: 13, height: 13, class: "barre " + kind }), words(name, x + 19, y));
    x += wide;
  }
  y += 14;
  for (const row of drawn) {
    parts.push(words(row.label, 0, y + 14));
    let at = 0;
    for (const part of row.parts) {
      const long = (width * part.value) / 1000;
      parts.push(svg("rect", { x: at, y: y + 20, width: Math.max(0, long - 2), height: 24, class: "barre " + part.kind }));
      if (long > letters(part.shown) + 8) parts.push(words(part.shown, at + (long - 2) / 2, y + 37, "dans " + part.kind, "middle"));
      at += long;
    }
    y += 54;
  }
  return frame(width, y + 4, parts);
};

const pathOf = (points) => {
  let path = "";
  let open = false;
  for (const point of points) {
    if (!point) { open = false; continue; }
    path += (open ? "L" : "M") + point[0].toFixed(1) + " " + point[1].toFixed(1);
    open = true;
  }
  return path;
};

// Weeks: { label, values, kind, dashed } over the weeks shown.
const lines = (series, inside) => {
  const numbers = series.flatMap((line) => inside.map((week) => line.values[week])).filter(isNumber);
  if (!numbers.length) return null;
  const width = chartWidth;
  const height = width < 480 ? 260 : 300;
  const step = niceStep(Math.max(...numbers, 1));
  const top = Math.ceil(Math.max(...numbers, 1) / step) * step;
  const left = letters(format.count(top)) + 14;
  const right = 12;
  const base = height - 30;
  const head = 14 + 20 * Math.ceil(series.length / (width < 480 ? 1 : 2));
  const x = (place) => left + ((width - left - right) * (place + 0.5)) / inside.length;
  const y = (value) => base - ((base - head) * value) / top;
  const half = (width - left - right) / inside.length / 2;
  const parts = [];
  const holidays = new Set(facts.weeks.holidays);
  const bad = new Set(facts.weeks.bad);
  inside.forEach((week, place) => {
    if (holidays.has(week)) parts.push(svg("rect", { x: x(place) - half, y: head, width: 2 * half, height: base - head, class: "vacances" }));
    if (bad.has(week)) parts.push(svg("rect", { x: x(place) - half, y: head, width: 2 * half, height: base - head, class: "errone" }));
  });
  for (let value = 0; value <= top; value += step) {
    parts.push(svg("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: value ? "grille" : "axe" }));
    parts.push(words(value === 0 ? "0" : format.count(value), left - 8, y(value) + 5, "doux", "end"));
  }
  let last = -100;
  for (const [week, name] of facts.weeks.ticks) {
    const place = inside.indexOf(week);
    if (place < 0 || x(place) - last < letters(name) + 10) continue;
    last = x(place);
    parts.push(words(name, x(place) - half, height - 8, "doux"));
  }
  let at = left;
  let row = 12;
  for (const line of series) {
    const points = inside.map((week, place) => (isNumber(line.values[week]) ? [x(place), y(line.values[week])] : null));
    parts.push(svg("path", { d: pathOf(points), class: "ligne " + line.kind + (line.dashed ? " tirets" : "") }));
    points.forEach((point, place) => {
      const alone = point && !points[place - 1] && !points[place + 1];
      if (point && (alone || inside.length < 8)) parts.push(svg("circle", { cx: point[0], cy: point[1], r: 3.5, class: "point " + line.kind }));
    });
    const wide = letters(line.label) + 50;
    if (at > left && at + wide > width) { at = left; row += 20; }
    parts.push(svg("path", { d: "M" + at + " " + (row - 4) + "h26", class: "ligne " + line.kind + (line.dashed ? " tirets" : "") }));
    parts.push(words(line.label, at + 32, row));
    at += wide;
  }
  return frame(width, height, parts);
};

const sparkline = (values) => {
  const numbers = values.filter(isNumber);
  if (numbers.length < 3) return null;
  const most = Math.max(...numbers, 1);
  const points = values.map((value, place) => (isNumber(value) ? [2 + (place * 156) / (values.length - 1), 34 - (30 * value) / most] : null));
  const drawing = frame(160, 38, svg("path", { d: "M2 36h156", class: "axe" }), svg("path", { d: pathOf(points), class: "ligne c-1" }));
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", "etincelle");
  return drawing;
};

// Seven days by 24 hours, darker where there is more.
const heatmap = (value) => {
  const width = chartWidth;
  const names = facts.labels.weekday.map((name) => (width < 480 ? name.slice(0, 3) : name));
  const left = Math.ceil(Math.max(...names.map(letters))) + 10;
  const cell = (width - left) / 24;
  const high = Math.max(22, Math.min(30, cell));
  let most = 1;
  for (let day = 1; day <= 7; day += 1) for (let hour = 0; hour < 24; hour += 1) if (isNumber(value(day, hour))) most = Math.max(most, value(day, hour));
  const parts = [];
  for (let day = 1; day <= 7; day += 1) {
    const y = (day - 1) * high;
    parts.push(words(names[day - 1], left - 8, y + high / 2 + 5, null, "end"));
    for (let hour = 0; hour < 24; hour += 1) {
      const found = value(day, hour);
      const x = left + hour * cell;
      const depth = isNumber(found) ? (found === 0 ? 0 : 0.08 + 0.92 * Math.sqrt(found / most)) : 0;
      parts.push(svg("rect", { x, y, width: cell - 1.5, height: high - 1.5, class: "chaleur", "fill-opacity": depth.toFixed(3) }));
      if (!isNumber(found)) parts.push(words(found, x + cell / 2, y + high / 2 + 4, "petit", "middle"));
    }
  }
  const every = cell < 16 ? 6 : cell < 24 ? 3 : 2;
  for (let hour = 0; hour < 24; hour += every) parts.push(words(hour + NBSP + "h", left + hour * cell + cell / 2, 7 * high + 18, "doux", "middle"));
  return frame(width, 7 * high + 26, parts);
};

// The five départements, their share as depth, and the places of
// establishments by class of the same share.
const CLASSES = [[0, 250], [250, 500], [500, 750], [750, 1001]];
const map = (areas, dots) => {
  const { width, height, outlines } = facts.map;
  const parts = [];
  for (const area of areas) {
    const outline = outlines[area.code];
    const depth = isNumber(area.value) ? 0.05 + 0.4 * (area.value / 1000) : 0;
    const shape = svg("path", { d: outline.path, class: "contour", "fill-opacity": depth.toFixed(3) });
    parts.push(area.href ? svg("a", { href: area.href, "aria-label": area.name + " : " + area.shown }, shape) : shape);
  }
  CLASSES.forEach(([low, high], place) => {
    const inside = dots.filter((dot) => isNumber(dot.value) && dot.value >= low && dot.value < high);
    if (inside.length) parts.push(svg("path", { d: inside.map((dot) => "M" + dot.at[0] + " " + dot.at[1] + "h0").join(""), class: "lieux k" + place }));
  });
  const hidden = dots.filter((dot) => !isNumber(dot.value));
  if (hidden.length) parts.push(svg("path", { d: hidden.map((dot) => "M" + dot.at[0] + " " + dot.at[1] + "h0").join(""), class: "lieux ks" }));
  for (const area of areas) {
    const { x, y } = outlines[area.code];
    parts.push(words(area.name, x, y - 4, "lieu", "middle"), words(area.shown, x, y + 14, "lieu valeur", "middle"));
  }
  const drawing = frame(width, height, parts);
  drawing.setAttribute("class", "carte");
  return drawing;
};
