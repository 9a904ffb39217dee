// Elements, tables, files: text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const fill = (node, attributes, children) => {
  for (const name in attributes) {
    if (attributes[name] === null || attributes[name] === undefined || attributes[name] === false) continue;
    if (name === "onclick") node.addEventListener("click", attributes[name]);
    else node.setAttribute(name, attributes[name] === true ? "" : attributes[name]);
  }
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child.nodeType ? child : document.createTextNode(String(child)));
  }
  return node;
};
const el = (name, attributes, ...children) => fill(document.createElement(name), attributes || {}, children);
const svg = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes || {}, children);
const byId = (id) => document.getElementById(id);
const announce = (text) => { byId("annonce").textContent = text; };
const typeset = (text) => text.replace(/ ([:%»])/g, NBSP + "$1").replace(/ ([;!?])/g, THIN + "$1").replace(/« /g, "«" + NBSP);
const para = (text, kind) => el("p", { class: kind }, typeset(text));
let counter = 0;
const fresh = (prefix) => prefix + "-" + (counter += 1);

const fileName = (title) => fold(title).replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 80);
const save = (name, type, text) => {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // A busy machine takes its time to begin the download.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  announce("Fichier " + name + " téléchargé");
};

// A text that a spreadsheet would take for a formula stays a text.
const csvText = (text) => '"' + text.replace(/^([=+@\t\r]|-.)/, "'$1").replace(/"/g, '""') + '"';
// `;`, decimal comma, UTF-8 with BOM; a column for the marks of each row.
const csv = (columns, rows) => {
  const lines = [[...columns.map((column) => csvText(column.title)), '"statut"'].join(";")];
  for (const row of rows) {
    const marks = new Set();
    const cells = columns.map((column) => {
      if (column.text) return csvText(column.text(row));
      const number = column.number(row);
      if (number !== null) return String(number).replace(".", ",");
      marks.add(column.shown(row));
      return "";
    });
    lines.push([...cells, csvText([...marks].join(" "))].join(";"));
  }
  return "\ufeff" + lines.join("\r\n") + "\r\n";
};

// Columns: { title, text(row) } or { title, shown(row), number(row), definition }.
const textColumn = (title, text, link) => ({ title, text, link });
const measureColumn = (name) => ({
  title: MEASURES[name].title, shown: (row) => shown(row, name), number: (row) => plain(row, name),
  definition: MEASURES[name].id, name,
});

const sorted = (rows, columns, order) => {
  if (!order) return rows;
  const column = columns[order.column];
  if (!column) return rows;
  const value = (row) => (column.text ? column.text(row) : column.number(row));
  const compare = (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    const less = typeof a === "string" ? a.localeCompare(b, "fr", { numeric: true }) : a - b;
    return order.descending ? -less : less;
  };
  return rows.map((row) => [value(row), row]).sort((a, b) => compare(a[0], b[0])).map((pair) => pair[1]);
};

const STEP = 100;
// A table that sorts, that opens by parts and that gives itself as a file.
const dataTable = ({ caption, columns, rows, note, order, onOrder }) => {
  if (!rows.length) return para(caption + " : aucune ligne pour ce choix.", "vide");
  let current = order || null;
  let most = STEP;
  const body = el("tbody");
  const count = el("p", { class: "legende" });
  const heads = columns.map((column, place) => {
    const button = el("button", { type: "button", onclick: () => {
      const descending = current && current.column === place ? !current.descending : !column.text;
      current = { column: place, descending };
      draw();
      if (onOrder) onOrder(current);
      announce("Tableau trié par " + column.title + (descending ? ", décroissant" : ", croissant"));
    } }, column.title);
    return el("th", { scope: "col", class: column.text ? "texte" : "nombre" }, button);
  });
  const more = el("button", { type: "button", onclick: () => { most += 5 * STEP; draw(); } }, "Afficher plus de lignes");
  const cellOf = (row, column, place) => {
    const text = column.text ? column.text(row) : column.shown(row);
    const address = column.link && column.link(row);
    const inner = address ? el("a", { href: address }, text) : text;
    return el(place === 0 ? "th" : "td", { scope: place === 0 ? "row" : null, class: column.text ? null : "nombre" }, inner);
  };
  const draw = () => {
    heads.forEach((head, place) => {
      const way = current && current.column === place ? (current.descending ? "descending" : "ascending") : "none";
      head.setAttribute("aria-sort", way);
    });
    const all = sorted(rows, columns, current);
    body.replaceChildren(...all.slice(0, most).map((row) => el("tr", null, columns.map((column, place) => cellOf(row, column, place)))));
    more.hidden = all.length <= most;
    count.hidden = all.length <= most;
    count.textContent = format.count(Math.min(most, all.length)) + " lignes affichées sur " + format.count(all.length)
      + NBSP + "; le fichier CSV les contient toutes.";
  };
  draw();
  const download = el("button", { type: "button", class: "csv", onclick: () =>
    save(fileName(caption) + ".csv", "text/csv", csv(columns, sorted(rows, columns, current))) },
  "Télécharger en CSV", el("span", { class: "cache" }, NBSP + ": " + caption));
  const grid = el("table", null, el("caption", null, el("span", null, caption)), el("thead", null, el("tr", null, heads)), body);
  return el("div", { class: "bloc" },
    el("div", { class: "tableau", tabindex: "0", role: "region", "aria-label": caption }, grid),
    count, note && para(note, "legende"), el("p", { class: "outils" }, more, download), definitions(columns));
};

// The definitions of the measures shown, at hand.
const definitions = (columns) => {
  const known = columns.filter((column) => column.definition && facts.definitions[column.definition]);
  if (!known.length) return null;
  return el("details", null, el("summary", null, "Définitions"),
    el("dl", null, known.map((column) => [
      el("dt", null, column.title), el("dd", null, facts.definitions[column.definition][1])])));
};

// A chart with its title, its words, its table and its files.
const figure = ({ title, subtitle, reading, drawing, data, source }) => {
  const name = fresh("figure");
  if (!drawing) return el("div", { class: "bloc" }, para(title + " : rien à tracer pour ce choix (effectifs nuls ou trop faibles pour être publiés).", "vide"), data && dataTable(data));
  // What has links inside is no image to skip over.
  drawing.setAttribute("role", drawing.querySelector("a") ? "group" : "img");
  drawing.setAttribute("aria-labelledby", name + "-t " + name + "-d");
  drawing.prepend(svg("title", { id: name + "-t" }, title), svg("desc", { id: name + "-d" }, reading || subtitle || ""));
  const take = el("button", { type: "button", class: "svg", onclick: () => save(fileName(title) + ".svg", "image/svg+xml", standalone(drawing)) },
    "Télécharger en SVG", el("span", { class: "cache" }, NBSP + ": " + title));
  return el("figure", null,
    el("figcaption", null, el("strong", null, title), subtitle && el("span", { class: "legende" }, subtitle)),
    el("div", { class: "dessin", tabindex: "0", role: "region", "aria-label": title }, drawing),
    reading && para(reading, "legende"), para(source || "Source : observatoire des usages, journaux d’accès et annuaires de l’ENT.", "legende"),
    el("p", { class: "outils" }, take),
    data && el("details", null, el("summary", null, "Tableau des données", el("span", { class: "cache" }, NBSP + ": " + title)), dataTable(data)));
};

// A drawing that stands alone: the colours of the style are written into it.
const standalone = (drawing) => {
  const copy = drawing.cloneNode(true);
  const from = [drawing, ...drawing.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, place) => {
    const style = getComputedStyle(from[place]);
    for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-weight", "text-anchor"]) {
      const value = style.getPropertyValue(name);
      if (value && !["title", "desc"].includes(node.nodeName)) node.setAttribute(name, value);
    }
    node.removeAttribute("class");
  });
  copy.setAttribute("xmlns", SVG);
  copy.setAttribute("font-family", "Noto Sans, Arial, sans-serif");
  const [, , width, height] = copy.getAttribute("viewBox").split(" ");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  const back = svg("rect", { width, height, fill: getComputedStyle(document.body).backgroundColor });
  copy.insertBefore(back, copy.querySelector("desc").nextSibling);
  return '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(copy);
};
