// From the address to the page, and back.

let state = parse(location.hash);
const titles = new Map([...document.querySelectorAll("#vues a")].map((link) => [link.dataset.vue, link.textContent]));
const go = (change) => { location.hash = fragment({ ...state, ...change }); };

// The order of a table lives in the address, without a new page in the history.
const orderOf = (from, name) => {
  const found = /^([a-z])(\d+)(d?)$/.exec(from.tri);
  return found && found[1] === name ? { column: Number(found[2]), descending: found[3] === "d" } : null;
};
const keepOrder = (name) => (order) => {
  state = { ...state, tri: name + order.column + (order.descending ? "d" : "") };
  history.replaceState(null, "", fragment(state));
};

// Not by its address, which says the choice.
document.querySelector(".evitement").addEventListener("click", (event) => { event.preventDefault(); byId("contenu").focus(); });

// ---- Filters ---------------------------------------------------------------

const options = (select, list) => {
  select.replaceChildren(...list.map(([value, text]) => el("option", { value }, text)));
};
const codes = (kind) => Object.entries(facts.labels[kind]);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const present = (column) => { const found = new Set(); for (let row = 0; row < places.count; row += 1) found.add(places[column](row)); return found; };
const FILTERS = { periode: "f-periode", territoire: "f-territoire", degre: "f-degre", type: "f-type", secteur: "f-secteur", profil: "f-profil", comparer: "f-compare" };
const prepare = () => {
  const kept = (kind, column) => { const found = present(column); return codes(kind).filter(([code]) => found.has(code)); };
  options(byId("f-periode"), facts.periods.map((period) => [period.id, capital(period.label)]));
  options(byId("f-degre"), [["all", "Tous degrés"], ...kept("level", "level")]);
  options(byId("f-type"), [["all", "Tous types"], ...kept("type", "type")]);
  options(byId("f-secteur"), [["all", "Tous secteurs"], ...kept("sector", "sector")]);
  options(byId("f-profil"), [["all", "Tous profils"], ...codes("role").filter(([role]) => table("usage", 0, AREA).texts.role.includes(role))]);
  for (const name in FILTERS) byId(FILTERS[name]).addEventListener("change", (event) => go({ [name]: event.target.value, tri: "" }));
};
const areaOptions = (extra) => {
  const list = facts.areas.map(([kind, code, name]) => [code, (kind === "departement" ? NBSP + NBSP : "") + name]);
  return extra ? [...list, [extra, placeName(places.index.get(extra))]] : list;
};
const showFilters = () => {
  const own = places.index.has(state.territoire) ? state.territoire : null;
  const other = places.index.has(state.comparer) ? state.comparer : null;
  options(byId("f-territoire"), areaOptions(own));
  const region = facts.region ? [] : [["region", "Ensemble de la région"]];
  options(byId("f-compare"), [["", "Aucune comparaison"], ...region, ...areaOptions(other)]);
  for (const name in FILTERS) byId(FILTERS[name]).value = state[name];
};

// ---- Search ----------------------------------------------------------------

const showFound = () => {
  const list = byId("trouves");
  const text = byId("f-cherche").value.trim();
  if (text.length < 2) { list.hidden = true; list.replaceChildren(); return; }
  const found = search(text, 20);
  list.replaceChildren(...found.slice(0, 20).map((row) => el("li", null,
    el("a", { href: fragment({ ...state, territoire: places.uai[row], tri: "" }) }, placeName(row), el("span", { class: "uai" }, NBSP + places.uai[row])),
    el("button", { type: "button", onclick: () => { closeFound(); go({ comparer: places.uai[row] }); } }, "Comparer", el("span", { class: "cache" }, NBSP + placeName(row))))));
  if (!found.length) list.append(el("li", { class: "vide" }, "Aucun établissement trouvé."));
  if (found.length > 20) list.append(el("li", { class: "vide" }, typeset("D’autres existent : précisez la recherche.")));
  list.hidden = false;
  announce(found.length > 20 ? "Plus de 20 établissements trouvés" : found.length + " établissement" + (found.length > 1 ? "s trouvés" : " trouvé"));
};
const closeFound = () => { byId("f-cherche").value = ""; byId("trouves").hidden = true; };

// ---- The page ---------------------------------------------------------------

const trail = () => {
  const look = lookAt(state, state.territoire);
  const steps = [facts.areas[0]];
  const academie = look.kind === "place" ? places.academie(look.row) : look.kind === "departement" ? academieOf(look.node) : null;
  if (academie && areaOf(academie)) steps.push(areaOf(academie));
  if (look.kind === "place" && areaOf(places.departement(look.row))) steps.push(areaOf(places.departement(look.row)));
  if (look.kind !== "scope") steps.push([look.kind, look.node, look.name]);
  byId("fil").replaceChildren(el("ol", null, steps.map(([, code, name], place) => el("li", null,
    place === steps.length - 1 ? el("span", { "aria-current": "true" }, name) : el("a", { href: fragment({ ...state, territoire: code, tri: "" }) }, name)))));
};
const choice = () => [lookAt(state, state.territoire).name, facts.periods[lookAt(state, state.territoire).period].label,
  state.degre !== "all" && label("level", state.degre), state.type !== "all" && label("type", state.type),
  state.secteur !== "all" && "secteur " + label("sector", state.secteur).toLowerCase(), roleLabel(state.profil)].filter(Boolean).join(", ");

const drawView = (view) => {
  const nodes = state.comparer && state.comparer !== state.territoire ? [state.territoire, state.comparer] : [state.territoire];
  const wide = byId("contenu").clientWidth - 32;
  const beside = nodes.length > 1 && wide >= 700;
  chartWidth = Math.max(240, Math.min(WIDEST, beside ? (wide - 32) / 2 : wide));
  const columns = nodes.map((node) => {
    const look = lookAt(state, node);
    const parts = view(look, state).flat().filter(Boolean);
    return nodes.length > 1 ? el("section", { "aria-label": look.name }, el("h3", null, look.name), parts) : parts;
  });
  byId("vue").className = nodes.length > 1 ? "cote-a-cote" : "";
  byId("vue").replaceChildren(...columns.flat());
};

const render = () => {
  const view = titles.has(state.vue) ? state.vue : DEFAULTS.vue;
  const drawn = VIEWS[view];
  for (const link of document.querySelectorAll("#vues a")) {
    link.href = fragment({ ...state, vue: link.dataset.vue, tri: "" });
    if (link.dataset.vue === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  for (const fixed of document.querySelectorAll("section.fixe")) fixed.hidden = fixed.dataset.vue !== view;
  byId("titre").textContent = titles.get(view);
  byId("filtres").classList.toggle("inactif", !drawn);
  byId("choix").hidden = !drawn;
  byId("fil").hidden = !drawn;
  byId("choix").textContent = choice();
  document.title = titles.get(view) + " — " + facts.scope;
  showFilters();
  if (drawn) { trail(); drawView(drawn); } else byId("vue").replaceChildren();
};

const follow = () => {
  const before = state;
  state = parse(location.hash);
  closeFound();
  render();
  if (before.vue !== state.vue) { closeViews(); byId("titre").focus({ preventScroll: false }); }
  announce(byId("titre").textContent + (VIEWS[state.vue] ? ", " + choice() : ""));
};

// On a narrow page, the list of views and the filters open by a button.
const opener = (button, part) => {
  const set = (open) => { byId(part).classList.toggle("ouvert", open); byId(button).setAttribute("aria-expanded", String(open)); };
  byId(button).addEventListener("click", () => set(!byId(part).classList.contains("ouvert")));
  return () => set(false);
};
const closeViews = opener("ouvrir-vues", "vues");
opener("ouvrir-filtres", "champs");
byId("f-cherche").addEventListener("input", showFound);
byId("f-cherche").addEventListener("keydown", (event) => { if (event.key === "Escape") closeFound(); });
byId("filtres").addEventListener("submit", (event) => event.preventDefault());
byId("raz").addEventListener("click", () => { location.hash = fragment({ ...DEFAULTS, vue: state.vue }); });
byId("imprimer").addEventListener("click", () => window.print());
byId("lien").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    announce("Lien copié");
    byId("lien").textContent = "Lien copié";
  } catch {
    // Without the right to write, the address is there to be copied by hand.
    window.prompt("Adresse de cette vue", location.href);
  }
  setTimeout(() => { byId("lien").textContent = "Copier le lien"; }, 2000);
});

// Tables of the fixed views: sorted and saved like the others.
for (const grid of document.querySelectorAll("section.fixe table")) {
  const heads = [...grid.tHead.rows[0].cells];
  const value = (row, column) => { const cell = row.cells[column]; return cell.dataset.valeur === undefined ? cell.textContent : Number(cell.dataset.valeur); };
  heads.forEach((head, column) => head.addEventListener("click", () => {
    const descending = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const rank = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : typeof a === "number" ? -1 : typeof b === "number" ? 1 : a.localeCompare(b, "fr"));
    const rows = [...grid.tBodies[0].rows].sort((a, b) => rank(value(a, column), value(b, column)));
    grid.tBodies[0].append(...(descending ? rows.reverse() : rows));
    announce("Tableau trié par " + head.textContent + (descending ? ", décroissant" : ", croissant"));
  }));
  const caption = grid.caption.textContent;
  grid.caption.replaceChildren(el("span", null, caption));
  const holder = grid.closest(".tableau");
  let tools = holder.nextElementSibling;
  while (tools && !tools.querySelector("button.csv")) tools = tools.nextElementSibling;
  const button = tools && tools.querySelector("button.csv");
  if (!button) continue;
  button.append(el("span", { class: "cache" }, NBSP + ": " + caption));
  const columns = heads.map((head, column) => (head.classList.contains("texte") ? textColumn(head.textContent, (row) => row.cells[column].textContent)
    : { title: head.textContent, shown: (row) => row.cells[column].textContent, number: (row) => (row.cells[column].dataset.valeur === undefined ? null : Number(row.cells[column].dataset.valeur)) }));
  button.addEventListener("click", () => save(fileName(caption) + ".csv", "text/csv", csv(columns, [...grid.tBodies[0].rows])));
}

// Drawings of the fixed views are files already.
for (const drawn of document.querySelectorAll("section.fixe figure")) {
  const drawing = drawn.querySelector("svg");
  const title = drawn.querySelector("figcaption strong").textContent;
  drawn.querySelector("details").before(el("p", { class: "outils" }, el("button", { type: "button", class: "svg", onclick: () =>
    save(fileName(title) + ".svg", "image/svg+xml", new XMLSerializer().serializeToString(drawing)) },
  "Télécharger en SVG", el("span", { class: "cache" }, NBSP + ": " + title))));
}

let wait = 0;
let drawnWidth = window.innerWidth;
window.addEventListener("resize", () => {
  clearTimeout(wait);
  wait = setTimeout(() => { if (window.innerWidth !== drawnWidth) { drawnWidth = window.innerWidth; render(); } }, 120);
});
window.addEventListener("hashchange", follow);
prepare();
render();
