//! Structured records in JSON-LD blocks, one for each top-level node.
//!
//! Finds and reads the blocks; what a record means is not decided here. A block that cannot be read is a
//! gap with its number, and what stood before the fault is kept.

mod repair;

use serde_json::{Value, json};

use super::tree::{NodeIndex, Tag, Tree};
use crate::model::{Gap, Reason};

/// One top-level node of a JSON-LD block.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonLdNode {
    /// Its types, without the schema.org prefix.
    pub types: Vec<String>,
    /// Everything that stands in it.
    pub properties: Value,
    /// The block as a CSS selector, then the way inside it as a JSON pointer (RFC 6901).
    pub locator: String,
}

impl JsonLdNode {
    /// Returns the record's stored form.
    pub fn data(&self) -> Value {
        let of_type = match self.types.as_slice() {
            [] => Value::Null,
            [one] => json!(one),
            several => json!(several),
        };
        json!({"type": of_type, "properties": self.properties, "locator": self.locator})
    }
}

/// Reads every block of the page.
pub fn read(tree: &Tree) -> (Vec<JsonLdNode>, Vec<Gap>) {
    let (mut nodes, mut gaps) = (Vec::new(), Vec::new());
    let blocks = tree
        .elements(0, Tag::Script)
        .filter(|node| is_json_ld(tree, *node));
    for (block, node) in blocks.enumerate() {
        let locator = format!("script[type=\"application/ld+json\"]:nth({})", block + 1);
        let text = tree.raw_text(node);
        let (roots, fault) = roots_of(&text);
        let several = roots.len() > 1;
        for (index, root) in roots.into_iter().enumerate() {
            let way = if several {
                format!("/{index}")
            } else {
                String::new()
            };
            if !flatten(root, &locator, &way, &mut nodes) {
                let what = format!("{locator} #{way}: holds no node");
                gaps.push(Gap::at(
                    Reason::JsonLdInvalid,
                    (block + 1).to_string(),
                    what,
                ));
            }
        }
        if let Some(message) = fault {
            gaps.push(Gap::at(
                Reason::JsonLdInvalid,
                (block + 1).to_string(),
                message,
            ));
        }
    }
    (nodes, gaps)
}

fn is_json_ld(tree: &Tree, node: NodeIndex) -> bool {
    tree.attribute(node, "type").is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/ld+json")
    })
}

/// Parses as many roots as there are, and says what stopped it.
fn roots_of(text: &str) -> (Vec<Value>, Option<String>) {
    if let Ok(root) = serde_json::from_str(text) {
        return (vec![root], None);
    }
    let strict = repair::repaired(text);
    let mut roots = Vec::new();
    let mut rest = strict.trim();
    while !rest.is_empty() {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(root)) => {
                roots.push(root);
                rest = rest[values.byte_offset()..].trim_start_matches([',', ' ']);
            }
            Some(Err(error)) => return (roots, Some(error.to_string())),
            None => break,
        }
    }
    (roots, None)
}

/// Adds the nodes in a root: the items of lists, the members of `@graph`. Says whether there was any.
fn flatten(root: Value, locator: &str, way: &str, nodes: &mut Vec<JsonLdNode>) -> bool {
    match root {
        Value::Array(items) => items
            .into_iter()
            .enumerate()
            .fold(true, |all, (index, item)| {
                flatten(item, locator, &format!("{way}/{index}"), nodes) && all
            }),
        Value::Object(mut members) => {
            let graph = members.remove("@graph");
            let stands_alone = members.keys().any(|key| key != "@context" && key != "@id");
            if stands_alone {
                let properties = Value::Object(members);
                nodes.push(JsonLdNode {
                    types: types_of(&properties),
                    locator: format!("{locator} #{way}"),
                    properties,
                });
            }
            match graph {
                Some(graph) => flatten(graph, locator, &format!("{way}/@graph"), nodes),
                None => stands_alone,
            }
        }
        _ => false,
    }
}

/// Returns the node's types by their bare names.
pub fn types_of(node: &Value) -> Vec<String> {
    let bare = |name: &str| {
        let name = name.trim();
        ["https://schema.org/", "http://schema.org/", "schema:"]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))
            .unwrap_or(name)
            .to_owned()
    };
    match node.get("@type") {
        Some(Value::String(name)) => vec![bare(name)],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(bare).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tree;

    fn read_blocks(blocks: &[&str]) -> (Vec<JsonLdNode>, Vec<Gap>) {
        let html = blocks.iter().fold(String::new(), |html, block| {
            html + &format!("<script type='application/ld+json'>{block}</script>")
        });
        read(&tree::parse(&html))
    }

    #[test]
    fn spelling_with_one_reading_is_mended() {
        let cases = [
            r#"{"@type": "T", "name": "n"}"#,
            r#"<!-- {"@type": "T", "name": "n"} -->"#,
            "<!-- added by a plugin -->\n{\"@type\": \"T\", \"name\": \"n\"}",
            "//<![CDATA[\n{\"@type\": \"T\", \"name\": \"n\"}\n//]]>",
            r#"// <![CDATA[ {"@type": "T", "name": "n"} // ]]>"#,
            r#"/*<![CDATA[*/{"@type": "T", "name": "n"}/*]]>*/"#,
            r#"{"@type": "T", "name": "n",}"#,
            "{\"@type\": \"T\", // the type\n /* the name */ \"name\": \"n\"};",
            "\u{feff}{\"@type\": [\"http://schema.org/T\"], \"name\": \"n\"}",
        ];
        for case in cases {
            let (nodes, gaps) = read_blocks(&[case]);
            assert_eq!(gaps, [], "{case}");
            assert_eq!(nodes.len(), 1, "{case}");
            assert_eq!(nodes[0].types, ["T"], "{case}");
            assert_eq!(nodes[0].properties["name"], "n", "{case}");
        }
    }

    #[test]
    fn strings_keep_what_they_say() {
        let cases = [
            ("\"a\nb\tc\"", "a\nb\tc"),
            (r#""it\'s""#, "it's"),
            (r#""C:\dir""#, "C:\\dir"),
            (
                r#""http://x/y // no comment, /* nor here */ ,}""#,
                "http://x/y // no comment, /* nor here */ ,}",
            ),
            (r#""\ud83d\ude00 \ud83d \u00e9""#, "😀 \u{fffd} é"),
        ];
        for (written, meant) in cases {
            let (nodes, gaps) = read_blocks(&[&format!("{{\"name\": {written},}}")]);
            assert_eq!(gaps, [], "{written}");
            assert_eq!(nodes[0].properties["name"], meant);
        }
    }

    #[test]
    fn roots_lists_and_graphs_are_split_with_their_place() {
        let (nodes, gaps) = read_blocks(&[
            r#"{"@context": "https://schema.org", "@graph": [{"@type": "A"}, {"@type": "B"}]}"#,
            r#"[{"@type": "C"}, [{"@type": "D"}]]"#,
            r#"{"@type": "E"} {"@type": "F"}, {"@type": "G"}"#,
        ]);
        assert_eq!(gaps, []);
        let places: Vec<_> = nodes
            .iter()
            .map(|node| {
                let place = node
                    .locator
                    .replace("script[type=\"application/ld+json\"]", "");
                format!("{}{place}", node.types[0])
            })
            .collect();
        assert_eq!(
            places,
            [
                "A:nth(1) #/@graph/0",
                "B:nth(1) #/@graph/1",
                "C:nth(2) #/0",
                "D:nth(2) #/1/0",
                "E:nth(3) #/0",
                "F:nth(3) #/1",
                "G:nth(3) #/2"
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_a_gap_beside_what_can() {
        let (nodes, gaps) = read_blocks(&[
            r#"{"@type": "A"} {"@type": "B", "name": }"#,
            "",
            "\"only a string\"",
            &"[".repeat(100_000),
        ]);
        assert_eq!(nodes.len(), 1);
        let positions: Vec<_> = gaps.iter().map(|gap| gap.position.as_str()).collect();
        assert_eq!(positions, ["1", "3", "4"]);
        assert!(
            gaps[0].detail.contains("expected value"),
            "{}",
            gaps[0].detail
        );
        assert!(
            gaps[2].detail.contains("recursion limit"),
            "{}",
            gaps[2].detail
        );
    }
}
