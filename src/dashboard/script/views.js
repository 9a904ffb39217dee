// The views. Each takes what a choice means for one territory and gives
// elements. Figures are those of the file: nothing is computed here but which
// to show, in which order, at which size.

const ROLES = Object.keys(facts.labels.role);
const periodLabel = (look) => facts.periods[look.period].label;
const roleLabel = (role) => (role === "all" ? "tous profils" : label("role", role).toLowerCase());
// What a look is about, but for its role: of an establishment, its name says it all.
const placeWords = (look) => look.kind === "place" ? look.name : [look.name,
  look.slice && look.slice !== "all" && label(look.slice in facts.labels.level ? "level" : "type", look.slice).toLowerCase(),
  look.sector && look.sector !== "all" && "secteur " + label("sector", look.sector).toLowerCase()].filter(Boolean).join(", ");
const scopeWords = (look) => placeWords(look) + ", " + roleLabel(look.role) + ", " + periodLabel(look);
// A rank is a claim only where nothing that it is among is hidden.
const allShown = (rows, name) => rows.length > 1 && rows.every((row) => isNumber(row[name]));
const shownRoles = (look) => ROLES.map((role) => [role, usageOf(look, role)]).filter(([, row]) => row);
const NOTHING = "Aucun établissement ne correspond à ce choix.";

const key = (row, name, words, extra, spark) => {
  const text = shown(row, name);
  return el("li", null, el("strong", null, text), el("span", null, words), extra && extra.map((line) => el("span", { class: "evolution" }, line)), spark);
};

const overview = (look) => {
  const row = usageOf(look);
  if (!row) return [para(look.possible ? NOTHING : "/// : " + IMPOSSIBLE, "vide")];
  const inside = weeksIn(look.period);
  const spark = (measure) => { const all = weeksOf(look, measure); return sparkline(inside.map((week) => all[week])); };
  const before = isNumber(row.visits_before) ? [shown(row, "visits_change") + " sur un an", shown(row, "visits_before") + " un an avant"] : ["un an avant : " + shown(row, "visits_before")];
  const roles = shownRoles(look);
  const rows = roles.map(([role, of]) => ({ role, ...of }));
  const most = rows.filter((r) => isNumber(r.active_rate)).sort((a, b) => b.active_rate - a.active_rate);
  return [
    identity(look),
    el("ul", { class: "cles" },
      key(row, "visits", "visites", facts.compared ? before.map(typeset) : null, spark("visits")),
      key(row, "visitors", "visiteurs", facts.compared ? [typeset("un an avant : " + shown(row, "visitors_before"))] : null, spark("visitors")),
      key(row, "active_rate", "taux de visiteurs (visiteurs pour 100 comptes)"),
      key(row, "loaded_accounts", "comptes chargés au " + facts.periods[look.period].reference, row.establishments === undefined ? null : [typeset(shown(row, "establishments") + " établissement" + (row.establishments > 1 ? "s" : "") + " mesuré" + (row.establishments > 1 ? "s" : ""))]),
      key(row, "activation_rate", "des comptes sont activés"),
      key(row, "visits_per_visitor", "visites par visiteur")),
    figure({
      title: allShown(rows, "active_rate") ? typeset(label("role", most[0].role) + " : le profil dont la part de visiteurs est la plus forte") : "Part de visiteurs par profil",
      subtitle: "Taux de visiteurs par profil, " + placeWords(look) + ", " + periodLabel(look),
      reading: most.length ? "Lecture : profil « " + label("role", most[0].role) + " », taux de visiteurs de " + shown(most[0], "active_rate") + "." : "",
      drawing: bars(rows.map((r) => ({ label: label("role", r.role), value: r.active_rate, shown: shown(r, "active_rate"), kind: roleClass(r.role) })), 1000),
      data: roleTable(look, rows, ["loaded_accounts", "visitors", "active_rate", "visits", "visits_per_visitor", "visits_change"]),
    }),
  ];
};
const IMPOSSIBLE = "ce choix n’existe pas (le degré, le type et le secteur choisis ne vont pas avec ce territoire).";

const identity = (look) => {
  if (look.kind !== "place") return null;
  const row = look.row;
  const lines = [["UAI", places.uai[row]], ["Commune", places.commune(row)], ["Degré", label("level", places.level(row))],
    ["Type", oneOf(places.type(row))], ["Secteur", label("sector", places.sector(row))]];
  return el("dl", { class: "fiche" }, lines.map(([name, value]) => [el("dt", null, name), el("dd", null, value || "nd")]));
};

// Measures that a row of the file has.
const has = (rows, names) => names.filter((name) => rows.some((row) => (MEASURES[name].from || name) in row));
const roleTable = (look, rows, names) => ({
  caption: "Profils, " + placeWords(look) + ", " + periodLabel(look),
  columns: [textColumn("Profil", (row) => label("role", row.role)), ...has(rows, names).map(measureColumn)],
  rows,
});

const usageOverTime = (look) => {
  const inside = weeksIn(look.period);
  const drawn = (measure) => {
    const series = [];
    const before = weeksOf(look, measure, true);
    if (facts.compared && before.some(isNumber)) series.push({ label: facts.weeks.yearBefore, values: before, kind: "c-avant", dashed: true });
    series.push({ label: facts.weeks.year, values: weeksOf(look, measure), kind: "c-1" });
    return series;
  };
  const weekly = (measure, name) => {
    const series = drawn(measure);
    const now = series[series.length - 1].values;
    // Weeks make the visits of the whole period; nobody's visitors add up.
    const whole = look.period === 0 && measure === "visits" ? (usageOf(look) || {}).visits : null;
    const best = inside[peakOf(inside.map((week) => now[week]), whole)];
    const column = (line) => ({ title: name + " " + line.label, shown: (week) => (isNumber(line.values[week]) ? format.count(line.values[week]) : line.values[week]), number: (week) => (isNumber(line.values[week]) ? line.values[week] : null) });
    return figure({
      title: best === undefined ? name + " par semaine" : typeset("Le plus de " + name.toLowerCase() + " : semaine du " + facts.weeks.words[best]),
      subtitle: name + " par semaine, " + scopeWords(look),
      reading: (best === undefined ? "" : "Lecture : " + format.count(now[best]) + " " + name.toLowerCase() + " la semaine du " + facts.weeks.words[best] + ". ")
        + "Les semaines sans classe sont grisées, celles dont des journaux manquent ou sont signalés comme erronés sont hachurées et sans tracé.",
      drawing: lines(series, inside),
      data: {
        caption: name + " par semaine, " + scopeWords(look),
        columns: [textColumn("Semaine du", (week) => facts.weeks.words[week]), ...[...series].reverse().map(column)], rows: inside,
      },
    });
  };
  const parts = facts.periods.map((period, place) => [period, usageOf({ ...look, period: place })]).filter(([, row]) => row);
  const rows = parts.map(([period, row]) => ({ period: period.label, ...row }));
  const names = has(rows, ["visitors", "active_rate", "visits", "visits_before", "visits_change"]);
  const unknown = look.kind === "place" && look.role !== "all" ? para("Par établissement, les semaines sont publiées tous profils confondus.", "avis") : null;
  return [unknown, weekly("visits", "Visites"), look.kind === "place" ? null : weekly("visitors", "Visiteurs"),
    dataTable({
      caption: "Périodes, " + look.name + ", " + roleLabel(look.role),
      columns: [textColumn("Période", (row) => row.period), ...names.map(measureColumn)], rows,
      note: "Les visiteurs sont recomptés pour chaque période : ils ne s’additionnent pas.",
    })];
};

const placesIn = (look) => {
  const inside = [];
  for (let row = 0; row < places.count; row += 1) {
    if (look.kind === "academie" && places.academie(row) !== look.node) continue;
    if (look.kind === "departement" && places.departement(row) !== look.node) continue;
    if (look.slice !== "all" && look.slice !== places.level(row) && look.slice !== places.type(row)) continue;
    if (look.sector !== "all" && look.sector !== places.sector(row)) continue;
    inside.push(row);
  }
  return inside;
};
// The name of a type in the singular.
const oneOf = (type) => label("type", type).replace(/s\b/g, "");
const kindLabel = { scope: "Ensemble", academie: "Académie", departement: "Département" };
const academieOf = (departement) => { for (let row = 0; row < places.count; row += 1) if (places.departement(row) === departement) return places.academie(row); return ""; };
const childrenOf = (look) => facts.areas.filter(([kind, code]) =>
  look.kind === "scope" ? kind !== "scope" : look.kind === "academie" ? kind === "departement" && academieOf(code) === look.node : false);

const territories = (look, state) => {
  if (!look.possible) return [para("/// : " + IMPOSSIBLE, "vide")];
  if (look.outside) return [para("La région n’est donnée qu’en totaux.", "avis")];
  if (look.kind === "place") return [identity(look), dataTable(roleTable(look, shownRoles(look).map(([role, row]) => ({ role, ...row })), ["loaded_accounts", "visitors", "active_rate", "visits"]))];
  const to = (node) => fragment({ ...state, territoire: node });
  const areas = [[look.kind, look.node, look.name], ...childrenOf(look)].map(([kind, code, name]) => ({ kind, code, name, ...usageOf({ ...look, kind, node: code }) }));
  const found = table("places", look.period, ["uai", "role"]);
  const light = lightRows(found);
  const inside = placesIn(look).map((row) => light(places.uai[row] + "|" + look.role, row)).filter(Boolean);
  const departements = Object.keys(facts.map.outlines).map((code) => {
    const area = areaOf(code);
    const row = area ? usageOf({ ...look, kind: "departement", node: code }) : null;
    const here = look.kind === "scope" || look.node === code || (look.kind === "academie" && academieOf(code) === look.node);
    return { code, name: area ? area[2] : "", value: here && row ? row.active_rate : "nd", shown: here && row ? shown(row, "active_rate") : "", href: area ? to(code) : null };
  });
  const dots = inside.filter((row) => places.place[row.place]).map((row) => ({ at: places.place[row.place], value: row.active_rate }));
  const names = has(areas, ["establishments", "loaded_accounts", "visitors", "active_rate", "visits", "visits_per_visitor", "visits_change"]);
  const ofPlaces = has(inside, ["loaded_accounts", "visitors", "active_rate", "visits", "visits_change"]);
  const areaTable = {
    caption: "Territoires, " + scopeWords(look),
    columns: [textColumn("Territoire", (row) => row.name, (row) => to(row.code)), textColumn("Niveau", (row) => kindLabel[row.kind]), ...names.map(measureColumn)],
    rows: areas,
    note: "Une personne rattachée à plusieurs établissements compte une fois dans chaque territoire.",
  };
  return [
    figure({
      title: "Taux de visiteurs par département et par établissement",
      subtitle: "Visiteurs pour 100 comptes chargés, " + scopeWords(look),
      reading: "Lecture : plus la couleur du département est marquée, plus le taux est élevé. Un point par lieu, du plus pâle au plus vif : moins de 25 %, 25 à 50 %, 50 à 75 %, 75 % et plus ; un point gris est secret ou non significatif.",
      source: "Source : observatoire des usages. Fond : IGN, Admin Express 2018, Licence Ouverte.",
      drawing: map(departements, dots), data: areas.length > 1 ? null : areaTable,
    }),
    areas.length > 1 && dataTable({ ...areaTable, caption: "Des territoires aux établissements, " + scopeWords(look) }),
    dataTable({
      caption: "Établissements, " + scopeWords(look),
      columns: [textColumn("Établissement", (row) => places.name(row.place), (row) => to(places.uai[row.place])), textColumn("Commune", (row) => places.commune(row.place)),
        textColumn("UAI", (row) => places.uai[row.place]), textColumn("Type", (row) => oneOf(places.type(row.place))), textColumn("Secteur", (row) => label("sector", places.sector(row.place))),
        ...ofPlaces.map(measureColumn)],
      rows: inside, order: orderOf(state, "e") || { column: 5 + ofPlaces.indexOf("visits"), descending: true }, onOrder: keepOrder("e"),
      note: "Une personne rattachée à plusieurs établissements compte dans chacun : les lignes ne s’additionnent pas.",
    }),
  ];
};

const notesOf = (notes) => notes.map((note) => para(note, "avis"));
const byMeasure = (rows, name) => [...rows].sort((a, b) => (isNumber(b[name]) ? b[name] : -1) - (isNumber(a[name]) ? a[name] : -1));

const services = (look) => {
  const { rows, notes } = detail(look, "services", "place_services");
  const ranked = byMeasure(rows, "share");
  // The page that opens on its own is in nearly all visits: it is in the tables only.
  const drawn = ranked.filter((row) => row.service !== "accueil");
  const first = drawn.find((row) => isNumber(row.share));
  const name = (row) => label("service", row.service);
  const isFirst = first && drawn.every((row) => isNumber(row.share));
  const perRole = ROLES.map((role) => [role, look.kind === "place" ? [] : detail({ ...look, role }, "services").rows]).filter(([, found]) => found.length);
  const cross = (role, found) => { const known = new Map(found.map((row) => [row.service, row])); return {
    title: label("role", role), shown: (row) => (known.has(row.service) ? shown(known.get(row.service), "share") : "-"), number: (row) => (known.has(row.service) ? plain(known.get(row.service), "share") : 0) }; };
  return [...notesOf(notes),
    figure({
      title: isFirst ? typeset("Hors accueil, le service le plus présent dans les visites : " + name(first).toLowerCase()) : "Services présents dans les visites",
      subtitle: "Part des visites passant par chaque service, " + scopeWords(look),
      reading: first ? "Lecture : " + shown(first, "share") + " des visites passent par le service « " + name(first) + " ». L’accueil, qui s’ouvre à chaque connexion, n’est pas tracé." : "",
      drawing: bars(drawn.slice(0, 12).map((row) => ({ label: name(row), value: row.share, shown: shown(row, "share") }))),
      data: { caption: "Services, " + scopeWords(look), columns: [textColumn("Service", name), ...has(ranked, ["visits", "visitors", "share"]).map(measureColumn)], rows: ranked,
        note: "Une visite qui passe par plusieurs services compte dans chacun : les parts ne s’additionnent pas." },
    }),
    perRole.length > 1 && dataTable({ caption: "Part des visites passant par chaque service, selon le profil, " + placeWords(look) + ", " + periodLabel(look), columns: [textColumn("Service", name), ...perRole.map(([role, found]) => cross(role, found))], rows: ranked }),
  ];
};

const devices = (look) => {
  const { rows, notes } = detail(look, "devices", "place_devices");
  const name = (row) => label("device", row.device);
  const order = Object.keys(facts.labels.device);
  const parts = (found) => found.filter((row) => isNumber(row.share)).sort((a, b) => order.indexOf(a.device) - order.indexOf(b.device)).map((row) => ({ label: name(row), value: row.share, shown: shown(row, "device_share"), kind: "d-" + row.device }));
  const roles = look.kind === "place" || look.role !== "all" ? [[look.kind === "place" ? "all" : look.role, rows]]
    : [...ROLES.map((role) => [role, detail({ ...look, role }, "devices").rows]), ["all", rows]];
  const known = rows.find((row) => isNumber(row.known_visits));
  const first = byMeasure(rows, "share")[0];
  return [...notesOf(notes),
    figure({
      // Half of the visits, in thousandths: no hidden device can have more.
      title: first && isNumber(first.share) && (first.share > 500 || rows.every((row) => isNumber(row.share))) ? typeset(name(first) + " : le premier équipement") : "Équipements des visites",
      subtitle: "Part des visites dont l’équipement est connu, " + scopeWords(look),
      reading: (first && isNumber(first.share) ? "Lecture : " + shown(first, "device_share") + " des visites dont l’équipement est connu se font avec l’équipement « " + name(first).toLowerCase() + " ». " : "") + (known ? "Équipement connu pour " + format.count(known.known_visits) + " visites." : "")
        + (rows.every((row) => isNumber(row.share)) ? "" : " Ce qui manque à 100 % est secret."),
      drawing: stacks(roles.map(([role, found]) => ({ label: label("role", role), parts: parts(found) })).filter((row) => row.parts.length)),
      data: { caption: "Équipements, " + scopeWords(look), columns: [textColumn("Équipement", name), ...["visits", "device_share"].map(measureColumn)], rows: byMeasure(rows, "visits") },
    })];
};

const hours = (look) => {
  const { rows, notes, about } = detail(look, "hours");
  const known = new Map(rows.map((row) => [row.weekday + "|" + row.hour, row.visits]));
  const value = (day, hour) => (known.has(day + "|" + hour) ? known.get(day + "|" + hour) : 0);
  const all = [];
  for (let day = 1; day <= 7; day += 1) for (let hour = 0; hour < 24; hour += 1) all.push({ day, hour, visits: value(day, hour) });
  const visits = all.map((cell) => cell.visits);
  // Hours of a part of the period are told of all sectors together.
  const whole = about.period === 0 || about.sector === "all" ? (usageOf(about) || {}).visits : null;
  const best = all[peakOf(visits, whole)];
  const at = best ? facts.labels.weekday[best.day - 1] + " de " + best.hour + " h à " + (best.hour + 1) + " h" : "";
  return [...notesOf(notes),
    figure({
      title: at ? typeset("L’activité culmine le " + at).replace(/ h /g, NBSP + "h ") : "Visites par jour et heure",
      subtitle: "Visites selon le jour et l’heure de leur début, " + scopeWords(about),
      reading: (at ? "Lecture : " + format.count(best.visits) + " visites ont commencé un " + at + ". " : "") + "Plus la couleur est marquée, plus il y a de visites ; s : secret.",
      drawing: rows.length && isMostlyShown(visits) ? heatmap(value) : null,
      data: { caption: "Visites par jour et heure, " + scopeWords(about),
        columns: [textColumn("Jour", (row) => facts.labels.weekday[row.day - 1]), textColumn("Heure", (row) => row.hour + NBSP + "h"), measureColumn("visits")], rows: rows.length ? all : [] },
    })];
};

const accounts = (look) => {
  const roles = shownRoles(look).map(([role, row]) => ({ role, ...row }));
  if (!roles.length) return [para(look.possible ? NOTHING : "/// : " + IMPOSSIBLE, "vide")];
  const whole = { role: "all", ...usageOf({ ...look, role: "all" }) };
  const slices = look.kind === "place" ? [] : ["all", ...Object.keys(facts.labels.level), ...TYPES_2D].map((slice) => ({ slice, ...usageOf({ ...look, slice, possible: true }) })).filter((row) => row.area);
  const sliceName = (row) => (row.slice === "all" ? "Ensemble" : label(row.slice in facts.labels.level ? "level" : "type", row.slice));
  const low = roles.filter((row) => isNumber(row.activation_rate)).sort((a, b) => a.activation_rate - b.activation_rate)[0];
  const partial = has(roles, ["activation_rate"]).length ? null : para("Par établissement, l’activation est publiée pour la période entière.", "avis");
  return [partial,
    figure({
      title: low && allShown(roles, "activation_rate") ? typeset("Le profil le moins activé : " + label("role", low.role).toLowerCase()) : "Taux d’activation par profil",
      subtitle: "Comptes activés rapportés aux comptes chargés, " + placeWords(look) + ", au " + facts.periods[look.period].reference,
      reading: low ? "Lecture : " + shown(low, "activation_rate") + " des comptes « " + label("role", low.role) + " » sont activés." : "",
      drawing: bars(roles.map((row) => ({ label: label("role", row.role), value: row.activation_rate, shown: shown(row, "activation_rate"), kind: roleClass(row.role) })), 1000),
      data: roleTable(look, [...roles, whole], ["loaded_accounts", "activated_accounts", "activation_rate", "visitors", "active_rate"]),
    }),
    slices.length > 1 && dataTable({
      caption: "Comptes par degré et type, " + scopeWords(look),
      columns: [textColumn("Degré ou type", sliceName), ...["establishments", "loaded_accounts", "activated_accounts", "activation_rate", "visitors", "active_rate"].map(measureColumn)], rows: slices,
      note: "Les écoles sont le premier degré, les autres types le second.",
    })];
};

const groupFigure = (name, inside, about) => {
  const first = inside.find((row) => isNumber(row.visits_per_account));
  return figure({
    title: name, subtitle: "Visites par compte chargé, " + scopeWords(about),
    reading: (first ? "Lecture : groupe « " + first.group_name + " », " + shown(first, "visits_per_account") + " visites par compte chargé. Ces écarts décrivent, ils n’expliquent pas. " : "")
      + "nd : moins de cinq établissements, non publié.",
    drawing: first && bars(inside.map((row) => ({ label: row.group_name, value: row.visits_per_account, shown: shown(row, "visits_per_account") }))),
    data: { caption: name + ", " + scopeWords(about), columns: [textColumn("Groupe", (row) => row.group_name), ...["establishments", "loaded_accounts", "visitors", "active_rate", "visits_per_account"].map(measureColumn)], rows: inside },
  });
};

const equity = (look) => {
  const { found, notes, about } = groupsOf(look);
  const blocks = levelsOf(look).flatMap((slice) => Object.keys(facts.labels.grouping).map((grouping) => {
    const inside = rowsOf(found, [about.kind, about.node, slice].join("|")).filter((row) => row.grouping === grouping);
    return inside.length < 2 ? null : groupFigure(facts.labels.grouping[grouping], inside, { ...about, slice });
  })).filter(Boolean);
  return [...notesOf(notes), blocks.length ? blocks : para("Rien à comparer pour ce choix : un seul groupe, ou aucun.", "vide")];
};

const VIEWS = {
  ensemble: overview, usages: usageOverTime, territoires: territories, services, equipements: devices,
  horaires: hours, comptes: accounts, equite: equity,
};
