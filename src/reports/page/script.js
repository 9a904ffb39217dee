"use strict";
(() => {
  const announce = (text) => { document.getElementById("annonce").textContent = text; };
  const cellValue = (row, column) => {
    const cell = row.children[column];
    const value = cell.dataset.valeur;
    return value === undefined ? { text: cell.textContent } : { number: Number(value) };
  };
  const compare = (a, b) => {
    if (a.number !== undefined && b.number !== undefined) return a.number - b.number;
    if (a.number !== undefined) return -1;
    if (b.number !== undefined) return 1;
    return a.text.localeCompare(b.text, "fr");
  };
  const sort = (header) => {
    const table = header.closest("table");
    const column = [...header.parentElement.children].indexOf(header);
    const descending = header.getAttribute("aria-sort") === "ascending";
    for (const other of header.parentElement.children) other.setAttribute("aria-sort", "none");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].sort((a, b) => compare(cellValue(a, column), cellValue(b, column)));
    if (descending) rows.reverse();
    body.append(...rows);
    announce("Tableau trié par " + header.textContent + (descending ? ", décroissant" : ", croissant"));
  };
  const csvCell = (cell) => {
    const value = cell.dataset.valeur;
    if (value !== undefined) return value.replace(".", ",");
    // A text that a spreadsheet would take for a formula stays a text.
    const text = cell.textContent.replace(/^([=+@\t\r]|-.)/, "'$1");
    return '"' + text.replace(/"/g, '""') + '"';
  };
  const save = (button) => {
    const table = button.closest("p").parentElement.querySelector("table")
      && button.closest("p").previousElementSibling;
    let node = table;
    while (node && !node.querySelector("table")) node = node.previousElementSibling;
    if (!node) return;
    const rows = [...node.querySelector("table").rows];
    const text = "\ufeff" + rows.map((row) => [...row.cells].map(csvCell).join(";")).join("\r\n") + "\r\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = node.querySelector("caption").textContent + ".csv";
    link.click();
    // A busy machine takes its time to begin the download.
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    announce("Tableau téléchargé");
  };
  document.addEventListener("click", (event) => {
    const header = event.target.closest("thead th");
    if (header) sort(header);
    const button = event.target.closest("button.csv");
    if (button) save(button);
  });
})();
