//! The accessible page of a document, beside its PDF: one HTML file, no network, a strict policy in the file, a
//! small script that sorts tables, saves them and keeps the view in the address.
//! All that is in the file is published: it is made from the document alone.

use crate::document::{Block, Chapter, Document, Figure, Table};
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The page.
pub fn page(document: &Document) -> String {
    let mut html = String::new();
    let title = escape(&format!("{} — {}", document.title, document.perimeter));
    write!(
        html,
        "<!doctype html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#contenu\">Aller au contenu</a>\n"
    )
    .expect("a string takes all");
    header(&mut html, document);
    html.push_str("<main id=\"contenu\" tabindex=\"-1\">\n");
    for chapter in &document.chapters {
        section(&mut html, chapter);
    }
    write!(
        html,
        "</main>\n<footer><p>Données au {}, édition {}. Signes\u{a0}: s, secret statistique\u{202f}; ns, non significatif\u{202f}; nd, non disponible\u{202f}; -, zéro\u{202f}; (p), provisoire.</p></footer>\n<p id=\"annonce\" class=\"skip\" role=\"status\"></p>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        escape(&document.data_date_words), escape(&document.mark)
    )
    .expect("a string takes all");
    html
}

fn header(html: &mut String, document: &Document) {
    write!(
        html,
        "<header><h1>{}</h1><p>{}</p><p>{}, {}</p></header>\n<nav aria-label=\"Chapitres\"><ul>\n",
        escape(&document.title),
        escape(&document.subtitle),
        escape(&document.perimeter),
        escape(&document.period)
    )
    .expect("a string takes all");
    for chapter in &document.chapters {
        writeln!(
            html,
            "<li><a href=\"#{}\">{}</a></li>",
            escape(&chapter.id),
            escape(&chapter.title)
        )
        .expect("a string takes all");
    }
    html.push_str("</ul></nav>\n");
}

fn section(html: &mut String, chapter: &Chapter) {
    let id = escape(&chapter.id);
    writeln!(
        html,
        "<section id=\"{id}\" aria-labelledby=\"{id}-titre\">\n<h2 id=\"{id}-titre\">{}</h2>",
        escape(&chapter.title)
    )
    .expect("a string takes all");
    for block in &chapter.blocks {
        piece(html, block);
    }
    html.push_str("</section>\n");
}

/// Blocks of a chapter as HTML.
pub(crate) fn blocks(blocks: &[Block]) -> String {
    let mut html = String::new();
    for block in blocks {
        piece(&mut html, block);
    }
    html
}

fn piece(html: &mut String, block: &Block) {
    match block {
        Block::Text { text } => *html += &format!("<p>{}</p>\n", escape(text)),
        Block::Heading { text } => *html += &format!("<h3>{}</h3>\n", escape(text)),
        Block::List { items } => *html += &list(items),
        Block::Note { title, items } => {
            *html += &format!(
                "<div class=\"note\"><p class=\"note-titre\">{}</p>{}</div>\n",
                escape(title),
                list(items)
            );
        }
        Block::Keys { keys } => {
            html.push_str("<ul class=\"cles\">\n");
            for key in keys {
                let changes: String = key
                    .changes
                    .iter()
                    .map(|c| format!("<span class=\"evolution\">{}</span>", escape(c)))
                    .collect();
                *html += &format!(
                    "<li><strong>{}</strong> <span>{}</span>{changes}</li>\n",
                    escape(&key.value),
                    escape(&key.label)
                );
            }
            html.push_str("</ul>\n");
        }
        Block::Table(data) => table(html, data),
        Block::Figure(data) => figure(html, data),
    }
}

fn list(items: &[String]) -> String {
    let items: String = items
        .iter()
        .map(|item| format!("<li>{}</li>", escape(item)))
        .collect();
    format!("<ul>{items}</ul>\n")
}

fn table(html: &mut String, table: &Table) {
    if let Some(said) = &table.said {
        *html += &format!("<p>{}</p>\n", escape(said));
        return;
    }
    if table.rows.is_empty() {
        *html += &format!(
            "<p><strong>{}</strong>\u{a0}: aucune donnée sur la période.</p>\n",
            escape(&table.caption)
        );
        return;
    }
    *html += &format!(
        "<div class=\"tableau\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table><caption>{0}</caption><thead><tr>",
        escape(&table.caption)
    );
    for (column, name) in table.header.iter().enumerate() {
        let class = if column < table.text_columns {
            "texte"
        } else {
            "nombre"
        };
        *html += &format!(
            "<th scope=\"col\" class=\"{class}\" aria-sort=\"none\"><button type=\"button\">{}</button></th>",
            escape(name)
        );
    }
    if let Some(sparks) = &table.sparks {
        *html += &format!("<th scope=\"col\">{}</th>", escape(&sparks.header));
    }
    html.push_str("</tr></thead><tbody>\n");
    for (place, row) in table.rows.iter().enumerate() {
        html.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let text = escape(&cell.text);
            let value = cell
                .number
                .map_or_else(String::new, |n| format!(" data-valeur=\"{n}\""));
            *html += &match column {
                0 => format!("<th scope=\"row\"{value}>{text}</th>"),
                c if c < table.text_columns => format!("<td>{text}</td>"),
                _ => format!("<td class=\"nombre\"{value}>{text}</td>"),
            };
        }
        let sparks = table.sparks.as_ref();
        if let Some((svg, told)) = sparks.and_then(|sparks| sparks.lines.get(place)) {
            *html += &format!("<td>{}</td>", spark(svg, told));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    if !table.note.is_empty() {
        *html += &format!("<p class=\"legende\">{}</p>\n", escape(&table.note));
    }
    html.push_str("<p class=\"outils\"><button type=\"button\" class=\"csv\">Télécharger en CSV</button></p>\n");
}

fn figure(html: &mut String, figure: &Figure) {
    *html += &format!(
        "<figure><figcaption><strong>{}</strong><br><span class=\"legende\">{}</span></figcaption>\n<div class=\"dessin\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">{}</div>\n<p class=\"legende\">{}<br>{}<br>{}</p>\n<details><summary>Tableau des données\u{a0}: {}</summary>\n",
        escape(&figure.title),
        escape(&figure.subtitle),
        inline(figure),
        escape(&figure.reading),
        escape(&figure.champ),
        escape(&figure.source),
        escape(&figure.title)
    );
    table(html, &figure.data);
    html.push_str("</details></figure>\n");
}

/// A small line of a table: its size is that of a line of text.
fn spark(svg: &str, told: &str) -> String {
    let start = format!(
        "<svg class=\"ligne\" role=\"img\" aria-label=\"{}\" ",
        escape(told)
    );
    svg.replacen("<svg ", &start, 1)
}

/// The drawing with a title and a description for screen readers, its size
/// left to the page.
fn inline(figure: &Figure) -> String {
    let id = &figure.id;
    let start = format!("<svg role=\"img\" aria-labelledby=\"{id}-t {id}-d\" ");
    let with_role = figure.svg.replacen("<svg ", &start, 1);
    let names = format!(
        "<title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        escape(&figure.title),
        escape(&figure.alt)
    );
    match with_role.find('>') {
        Some(end) => format!("{}{names}{}", &with_role[..=end], &with_role[end + 1..]),
        None => with_role,
    }
}

/// Text for an element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_text() {
        let hostile = "<script>alert(\"1\")</script>&'";
        let document = Document {
            form: crate::document::Form::Report,
            brand: crate::document::Brand::default(),
            title: hostile.into(),
            subtitle: hostile.into(),
            perimeter: hostile.into(),
            period: hostile.into(),
            data_date: "2026-01-31".into(),
            data_date_words: hostile.into(),
            mark: "m".into(),
            chapters: vec![Chapter {
                id: "a".into(),
                title: hostile.into(),
                blocks: vec![Block::Text {
                    text: hostile.into(),
                }],
            }],
        };
        let page = page(&document);
        assert_eq!(page.matches("<script>").count(), 1, "only ours");
        assert!(!page.contains("http://") && !page.contains("https://"));
    }
}
