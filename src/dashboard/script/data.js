// What is in the file: blocks of JSON, read when they are needed, and the
// choice of the reader, which lives in the fragment of the address.

const read = (id) => {
  const node = document.getElementById("d-" + id);
  return node ? JSON.parse(node.textContent) : null;
};
const facts = read("faits");
for (const kind in facts.labels) if (kind !== "weekday") facts.labels[kind] = Object.fromEntries(facts.labels[kind]);
const label = (kind, code) => {
  if (code === "all") return "Ensemble";
  const known = facts.labels[kind];
  return (known && known[code]) || code;
};

const NBSP = "\u00a0";
const THIN = "\u202f";
const MINUS = "\u2212";

// ---- Columns -------------------------------------------------------------

const MARKS = { S: "s", N: "ns", D: "nd" };
// Words in base 36; a capital is a mark, `=` repeats the value before.
const decode = (text) => {
  if (text === "") return [];
  const values = text.split(" ");
  for (let place = 0; place < values.length; place += 1) {
    const word = values[place];
    values[place] = word === "=" ? values[place - 1] : MARKS[word] || parseInt(word, 36);
  }
  return values;
};
const codesOf = (dimension, rows) => {
  if (dimension.c !== undefined) return decode(dimension.c);
  const codes = new Int32Array(rows);
  const runs = decode(dimension.r);
  let at = 0;
  for (let run = 0; run < runs.length; run += 2) {
    codes.fill(runs[run], at, at + runs[run + 1]);
    at += runs[run + 1];
  }
  return codes;
};

const tables = new Map();
// A table by name and period, with the ranges of rows of each cell: `outer`
// counts the dimensions that name a cell, what follows them lies inside.
const table = (name, period, outer) => {
  const id = name + "-" + period;
  if (tables.has(id)) return tables.get(id);
  const raw = read(id);
  if (!raw) return null;
  const names = Object.keys(raw.d);
  const made = { codes: {}, texts: {}, measures: {}, cells: new Map() };
  for (const measure in raw.m) made.measures[measure] = decode(raw.m[measure]);
  for (const dimension of names) {
    made.codes[dimension] = codesOf(raw.d[dimension], raw.n);
    made.texts[dimension] = raw.d[dimension].v || places.uai;
  }
  const columns = outer.map((dimension) => made.codes[dimension]);
  const texts = outer.map((dimension) => made.texts[dimension]);
  for (let row = 0; row < raw.n; ) {
    let end = row + 1;
    while (end < raw.n && columns.every((codes) => codes[end] === codes[row])) end += 1;
    made.cells.set(columns.map((codes, place) => texts[place][codes[row]]).join("|"), [row, end]);
    row = end;
  }
  tables.set(id, made);
  return made;
};
const AREA = ["area_kind", "area", "slice", "sector", "role"];

// The rows of a cell as objects: its inner dimensions and its measures.
const rowsOf = (found, key) => {
  const range = found && found.cells.get(key);
  if (!range) return [];
  const rows = [];
  for (let row = range[0]; row < range[1]; row += 1) {
    const made = {};
    for (const name in found.codes) made[name] = found.texts[name][found.codes[name][row]];
    for (const name in found.measures) made[name] = found.measures[name][row];
    rows.push(made);
  }
  return rows;
};

// Thousands of rows that are looked at, a few that are shown: each says where
// it stands and reads its measures when asked.
const lightRows = (found) => {
  if (!found.light) {
    found.light = {};
    for (const name in found.measures) {
      Object.defineProperty(found.light, name, { enumerable: true, get() { return found.measures[name][this.at]; } });
    }
  }
  return (key, place) => {
    const range = found.cells.get(key);
    if (!range) return null;
    const row = Object.create(found.light);
    row.at = range[0];
    row.place = place;
    return row;
  };
};

// ---- Establishments ------------------------------------------------------

const places = (() => {
  const raw = read("etablissements");
  const list = { count: raw.n, uai: raw.uai, place: raw.place, index: new Map() };
  for (const name in raw.d) {
    const codes = codesOf(raw.d[name], raw.n);
    const texts = raw.d[name].v;
    list[name] = (row) => texts[codes[row]];
  }
  raw.uai.forEach((uai, row) => list.index.set(uai, row));
  return list;
})();
const placeName = (row) => places.name(row) + ", " + places.commune(row);
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
let folded = null;
// Establishments whose name, commune or UAI holds every word.
const search = (text, most) => {
  folded ||= places.uai.map((uai, row) => fold(places.name(row) + " " + places.commune(row) + " " + uai));
  const words = fold(text).split(/[\s,]+/).filter(Boolean);
  const found = [];
  for (let row = 0; row < places.count && found.length <= most; row += 1) {
    if (words.every((word) => folded[row].includes(word))) found.push(row);
  }
  return found;
};

// ---- The choice ----------------------------------------------------------

const scopeCode = facts.areas[0][1];
const areaOf = (code) => facts.areas.find((area) => area[1] === code);
const DEFAULTS = {
  vue: "ensemble", periode: facts.periods[0].id, territoire: scopeCode,
  degre: "all", type: "all", secteur: "all", profil: "all", comparer: "", tri: "", ouvert: "",
};
const TYPES_2D = Object.keys(facts.labels.type).filter((type) => type !== "ECOLE");
const isNode = (code) => Boolean(areaOf(code)) || places.index.has(code) || code === "region";
const VALID = {
  periode: (id) => facts.periods.some((period) => period.id === id),
  territoire: isNode,
  comparer: (code) => code === "" || isNode(code),
  degre: (code) => code === "all" || code in facts.labels.level,
  type: (code) => code === "all" || code in facts.labels.type,
  secteur: (code) => code === "all" || code in facts.labels.sector,
  profil: (code) => code === "all" || code in facts.labels.role,
};

// A fragment that says something unknown falls back on the whole.
const parse = (fragment) => {
  const state = { ...DEFAULTS };
  for (const [name, value] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    if (!(name in DEFAULTS)) continue;
    if (VALID[name] && !VALID[name](value)) continue;
    state[name] = value;
  }
  return state;
};
const fragment = (state) => {
  const said = new URLSearchParams();
  for (const name in DEFAULTS) if (name === "vue" || state[name] !== DEFAULTS[name]) said.set(name, state[name]);
  return "#" + said.toString();
};

// The slice of a level and a type; none where there can be no such thing.
const sliceOf = (state) => {
  if (state.type === "all") return state.degre;
  if (state.type === "ECOLE") return state.degre === "2D" ? null : "1D";
  return state.degre === "1D" ? null : state.type;
};

// What a choice means for one territory: where to look, and what to say.
const lookAt = (state, node) => {
  const period = facts.periods.findIndex((known) => known.id === state.periode);
  const look = { node, period, role: state.profil, notes: [], slice: sliceOf(state), sector: state.secteur };
  const row = places.index.get(node);
  if (row === undefined) {
    const area = areaOf(node) || ["scope", "32", "Ensemble de la région"];
    look.kind = area[0];
    look.name = area[2];
    look.outside = node === "region";
    look.possible = look.slice !== null;
    return look;
  }
  look.kind = "place";
  look.row = row;
  look.name = placeName(row);
  const fits = (wanted, own) => wanted === "all" || wanted === own;
  look.possible = fits(state.degre, places.level(row)) && fits(state.type, places.type(row))
    && fits(state.secteur, places.sector(row));
  return look;
};
const keyOf = (look, role, sector) =>
  [look.kind, look.outside ? "32" : look.node, look.slice, sector || look.sector, role || look.role].join("|");

// The usage of a territory and a role, or null.
const usageOf = (look, role) => {
  if (!look.possible) return null;
  if (look.kind === "place") {
    const found = table("places", look.period, ["uai", "role"]);
    return rowsOf(found, look.node + "|" + (role || look.role))[0] || null;
  }
  const found = table(look.outside ? "region" : "usage", look.period, AREA);
  return rowsOf(found, keyOf(look, role))[0] || null;
};

// The area that stands for an establishment where nothing finer is published.
const above = (look) => {
  const code = places.departement(look.row);
  const area = areaOf(code) || facts.areas[0];
  return { ...look, kind: area[0], node: area[1], name: area[2] };
};

// Rows of a table for a territory; where the file has no such detail, those of
// the nearest that it has, and a note says so.
const detail = (look, name, placeTable) => {
  if (!look.possible || look.outside) return { rows: [], notes: look.outside ? ["La région n’est donnée qu’en totaux."] : [], about: look };
  const notes = [];
  let at = look;
  if (look.kind === "place" && placeTable) {
    if (look.role !== "all") notes.push("Par établissement, ce détail est publié tous profils confondus.");
    if (look.period !== 0) notes.push("Par établissement, ce détail est publié pour la période entière.");
    return { rows: rowsOf(table(placeTable, 0, ["uai"]), look.node), notes, about: look };
  }
  if (look.kind === "place") {
    at = { ...above(look), slice: sliceOfPlace(look.row), sector: "all", period: look.period, role: look.role };
    notes.push("Ce détail n’est pas publié par établissement : voici celui du territoire « " + at.name
      + " », pour le même type d’établissement.");
  }
  const found = table(name, at.period, AREA);
  let key = keyOf(at);
  if (name === "hours" && at.period !== 0 && at.sector !== "all") {
    notes.push("Les heures d’une partie de la période sont publiées tous secteurs confondus.");
    key = keyOf(at, at.role, "all");
  }
  return { rows: rowsOf(found, key), notes, about: at };
};

// Groups are published by level, all roles and sectors together, of the scope
// and of départements: else those of the nearest territory that has them.
const groupsOf = (look) => {
  const about = { ...(look.kind === "place" ? above(look) : look), sector: "all", role: "all" };
  if (!look.possible || look.outside) return { found: null, notes: look.outside ? ["La région n’est donnée qu’en totaux."] : [], about };
  const notes = [];
  const found = table("equity", look.period, ["area_kind", "area", "slice"]);
  const isTold = levelsOf(look).some((slice) => rowsOf(found, [about.kind, about.node, slice].join("|")).length);
  if (!isTold) [about.kind, about.node, about.name] = facts.areas[0];
  if (about.node !== look.node) notes.push("Ce détail n’est pas publié pour ce territoire : voici celui du territoire « " + about.name + " ».");
  if (look.role !== "all" || look.sector !== "all") notes.push("Les groupes sont publiés tous profils et tous secteurs confondus.");
  if (!["all", ...Object.keys(facts.labels.level)].includes(look.slice)) notes.push("Les groupes sont publiés par degré.");
  return { found, notes, about };
};
const levelOfType = (slice) => (slice in facts.labels.level ? slice : "2D");
const levelsOf = (look) => (look.kind === "place" ? [places.level(look.row)]
  : look.slice === "all" ? Object.keys(facts.labels.level) : [levelOfType(look.slice)]);
const sliceOfPlace = (row) => (places.level(row) === "1D" ? "1D" : places.type(row));

// Weekly visits of a territory: one number, mark or null a week.
const weeksOf = (look, measure, before) => {
  const mondays = before ? facts.weeks.mondaysBefore : facts.weeks.mondays;
  const bad = new Set(before ? facts.weeks.badBefore : facts.weeks.bad);
  if (!look.possible || look.outside) return mondays.map(() => "nd");
  let rows;
  if (look.kind === "place") {
    if (before || look.role !== "all") return mondays.map(() => "nd");
    rows = rowsOf(table("place_weeks", 0, ["uai"]), look.node);
  } else {
    rows = rowsOf(table(before ? "weeks_before" : "weeks", 0, AREA), keyOf(look));
  }
  const known = new Map(rows.map((row) => [row.week, row[measure]]));
  return mondays.map((monday, week) => (bad.has(week) ? "nd" : known.has(monday) ? known.get(monday) ?? "nd" : rows.length ? 0 : "nd"));
};
// Which weeks stand in the period chosen.
const weeksIn = (period) => {
  const { first, last } = facts.periods[period];
  const inside = [];
  facts.weeks.mondays.forEach((monday, week) => {
    const sunday = new Date(Date.parse(monday) + 6 * 86400000).toISOString().slice(0, 10);
    if (period === 0 || (sunday >= first && monday <= last)) inside.push(week);
  });
  return inside;
};

// ---- Numbers as a French reader expects them ------------------------------

const isNumber = (value) => typeof value === "number";
// Where the largest of cells that add up to a whole is; -1 where a hidden one may exceed it.
const peakOf = (values, whole) => {
  const shown = values.filter(isNumber);
  const most = Math.max(0, ...shown);
  const rest = isNumber(whole) ? whole - shown.reduce((sum, value) => sum + value, 0) : Infinity;
  const isLargest = !values.includes("s") || (rest >= 0 && rest < most);
  return most > 0 && isLargest && shown.filter((value) => value === most).length === 1 ? values.indexOf(most) : -1;
};
const isMostlyShown = (values) => values.filter((value) => isNumber(value) && value > 0).length >= values.filter((value) => value === "s").length;
const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, THIN);
const signed = (number, text) => (number < 0 ? MINUS : "") + text;
const format = {
  count: (n) => (n === 0 ? "-" : signed(n, grouped(String(Math.abs(n))))),
  tenths: (n) => signed(n, grouped(String(Math.floor(Math.abs(n) / 10))) + "," + (Math.abs(n) % 10)),
  // Whole percents under a base of 1,000.
  share: (n, base) => (isNumber(base) && base >= 1000 ? format.tenths(n) : String(n / 10)) + NBSP + "%",
  change: (n, base) => (n === 0 ? "stable" : (n > 0 ? "+" : MINUS) + NBSP + format.share(Math.abs(n), base)),
};
// How each measure is shown; `over` names the base of a share.
const MEASURES = {
  establishments: { title: "Établissements", as: "count" },
  loaded_accounts: { title: "Comptes chargés", as: "count", id: "loaded_accounts" },
  activated_accounts: { title: "Comptes activés", as: "count", id: "activated_accounts" },
  visitors: { title: "Visiteurs", as: "count", id: "visitors" },
  visits: { title: "Visites", as: "count", id: "visits" },
  activation_rate: { title: "Taux d’activation", as: "share", over: "loaded_accounts", id: "activation_rate" },
  active_rate: { title: "Taux de visiteurs", as: "share", over: "loaded_accounts", id: "active_rate" },
  visits_per_visitor: { title: "Visites par visiteur", as: "tenths", id: "visits_per_visitor" },
  visits_per_account: { title: "Visites par compte", as: "tenths" },
  visitors_before: { title: "Visiteurs un an avant", as: "count" },
  visits_before: { title: "Visites un an avant", as: "count" },
  visits_change: { title: "Évolution des visites sur un an", as: "change", over: "visits_before" },
  share: { title: "Part des visites", as: "share", over: "all_visits" },
  device_share: { title: "Part des visites", as: "share", over: "known_visits", id: "device_share", from: "share" },
};
const shown = (row, name) => {
  const { as, over, from } = MEASURES[name];
  const value = row ? row[from || name] : "nd";
  if (value === undefined) return "nd";
  if (!isNumber(value)) return value;
  // What is counted is not the same: nothing compares.
  if (as === "change" && facts.broken) return "nd";
  const mark = name === "visits_change" && facts.provisional ? NBSP + "(p)" : "";
  return format[as](value, over && row[over]) + mark;
};
// The number behind, for sorting and for files: shares as ratios.
const plain = (row, name) => {
  const { as, from } = MEASURES[name];
  const value = row && row[from || name];
  if (!isNumber(value) || (as === "change" && facts.broken)) return null;
  return as === "count" ? value : as === "tenths" ? value / 10 : value / 1000;
};
