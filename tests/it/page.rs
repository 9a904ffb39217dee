//! A deliverable's HTML as a reader's program would take it: tables by their
//! caption, rows by their labels, numbers by their value.

pub struct Page {
    html: String,
}

/// Labels of a row, then its columns of numbers; none where it has a mark.
pub type Row = (Vec<String>, Vec<(String, Option<f64>)>);

fn text(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// What a column holds, by its head.
enum Kind {
    Label,
    Number,
    /// Small charts of the numbers.
    Drawing,
}

impl Kind {
    fn of(head: &str) -> Self {
        match head {
            _ if head.contains("\"nombre\"") => Self::Number,
            _ if head.contains("\"texte\"") => Self::Label,
            _ => Self::Drawing,
        }
    }
}

impl Page {
    pub fn new(html: String) -> Self {
        Self { html }
    }

    pub fn html(&self) -> &str {
        &self.html
    }

    /// The rows of the table with this caption; the test fails without it.
    pub fn rows(&self, caption: &str) -> Vec<Row> {
        let start = format!("<caption>{caption}</caption>");
        let (_, rest) = self
            .html
            .split_once(&start)
            .unwrap_or_else(|| panic!("no `{caption}`"));
        let table = rest.split("</table>").next().unwrap();
        let (head, body) = table.split_once("<tbody>").unwrap();
        let header: Vec<(String, Kind)> = head
            .split("<th ")
            .skip(1)
            .map(|th| (text(&format!("<{th}")), Kind::of(th)))
            .collect();
        body.split("<tr>")
            .skip(1)
            .map(|row| Self::row(row, &header))
            .collect()
    }

    fn row(row: &str, header: &[(String, Kind)]) -> Row {
        let (mut labels, mut numbers) = (Vec::new(), Vec::new());
        let cells = row.replace("<th", "<td");
        for (cell, (name, kind)) in cells.split("<td").skip(1).zip(header) {
            match kind {
                Kind::Label => labels.push(text(&format!("<{cell}"))),
                Kind::Drawing => {}
                Kind::Number => {
                    let value = cell
                        .split_once("data-valeur=\"")
                        .map(|(_, rest)| rest.split('"').next().unwrap().parse().unwrap());
                    numbers.push((name.clone(), value));
                }
            }
        }
        (labels, numbers)
    }
}
