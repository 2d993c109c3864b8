//! JSON-LD: the nodes of every block as they are written, and the records they make.
//!
//! Finds and reads the blocks; fetches no context. A block that cannot be read is a gap with its number, and
//! what stood before the fault is kept.

mod context;
mod repair;

use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::{Map, Value, json};
use url::Url;

use self::context::Context;
use super::Syntax;
use super::graph::{Graph, Name, Node};
use super::names::shortened;
use crate::extract::tree::{NodeIndex, Tag, Tree};
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
    context: Rc<Context>,
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
            if !nodes_of(root, &locator, way.clone(), &mut nodes) {
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

/// Adds the nodes in a root: the items of lists, the members of `@graph`. Says whether all of it was nodes.
fn nodes_of(root: Value, locator: &str, way: String, nodes: &mut Vec<JsonLdNode>) -> bool {
    let mut is_whole = true;
    let mut waiting = vec![(root, way, Rc::new(Context::default()))];
    while let Some((value, way, context)) = waiting.pop() {
        match value {
            Value::Array(items) => {
                let items = items.into_iter().enumerate().rev();
                waiting.extend(
                    items.map(|(index, item)| (item, format!("{way}/{index}"), context.clone())),
                );
            }
            Value::Object(mut members) => {
                let context = Context::within(&context, members.get("@context"));
                let graph = members.remove("@graph");
                let stands_alone = members.keys().any(|key| key != "@context" && key != "@id");
                is_whole &= stands_alone || graph.is_some();
                if let Some(graph) = graph {
                    waiting.push((graph, format!("{way}/@graph"), context.clone()));
                }
                if stands_alone {
                    let properties = Value::Object(members);
                    nodes.push(JsonLdNode {
                        types: types_of(&properties),
                        locator: format!("{locator} #{way}"),
                        properties,
                        context,
                    });
                }
            }
            _ => is_whole = false,
        }
    }
    is_whole
}

/// Returns the node's types by their bare names.
pub fn types_of(node: &Value) -> Vec<String> {
    let bare = |name: &str| shortened(name).to_owned();
    match node.get("@type") {
        Some(Value::String(name)) => vec![bare(name)],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(bare).collect(),
        _ => Vec::new(),
    }
}

/// Adds the nodes to the records of the page, with names and references as their contexts have them.
pub(super) fn normalize(nodes: &[JsonLdNode], base: Option<&Url>, graph: &mut Graph) {
    let mut waiting = VecDeque::new();
    for node in nodes {
        let Some(members) = node.properties.as_object() else {
            continue;
        };
        let (types, id) = identity(members, &node.context, base);
        let locator = || node.locator.clone();
        if let Some(at) = graph.record(Syntax::JsonLd, types, id, locator) {
            waiting.push_back((at, members, node.context.clone()));
        }
        // Breadth first, so that a record holds its number before what it holds does.
        while let Some((at, members, context)) = waiting.pop_front() {
            Reading {
                at,
                base,
                context,
                graph,
                waiting: &mut waiting,
            }
            .members(members);
        }
    }
}

type Waiting<'a> = VecDeque<(Node, &'a Map<String, Value>, Rc<Context>)>;

/// One node, while its members are added to its record.
struct Reading<'r, 'a> {
    at: Node,
    base: Option<&'r Url>,
    context: Rc<Context>,
    graph: &'r mut Graph,
    waiting: &'r mut Waiting<'a>,
}

impl<'a> Reading<'_, 'a> {
    fn members(mut self, members: &'a Map<String, Value>) {
        let context = self.context.clone();
        for (key, value) in members {
            match context.name(key).as_str() {
                "@context" | "@id" | "@type" => {}
                "@reverse" => {
                    for (key, value) in value.as_object().into_iter().flatten() {
                        self.values(Name::Reverse(&context.name(key)), value);
                    }
                }
                name => self.values(Name::Of(name), value),
            }
        }
    }

    /// Adds a value, or each of a list of them, in their order.
    fn values(&mut self, name: Name<'_>, value: &'a Value) {
        let mut left = vec![value];
        while let Some(value) = left.pop() {
            match value {
                // In JSON-LD, a name without a value.
                Value::Null => {}
                Value::Array(items) => left.extend(items.iter().rev()),
                Value::Object(members) => {
                    let list = members.get("@list").or_else(|| members.get("@set"));
                    match list {
                        Some(list) => left.push(list),
                        None => self.object(name, members),
                    }
                }
                scalar => self
                    .graph
                    .add(Syntax::JsonLd, self.at, name, scalar.clone()),
            }
        }
    }

    fn object(&mut self, name: Name<'_>, members: &'a Map<String, Value>) {
        if let Some(value) = members.get("@value") {
            let value = literal(value, members);
            self.graph.add(Syntax::JsonLd, self.at, name, value);
            return;
        }
        let context = Context::within(&self.context, members.get("@context"));
        let (types, id) = identity(members, &context, self.base);
        let is_id = |key: &String| matches!(context.name(key).as_str(), "@id" | "@context");
        if let Some(id) = &id
            && members.keys().all(is_id)
        {
            let reference = json!({"id": id});
            self.graph.add(Syntax::JsonLd, self.at, name, reference);
            return;
        }
        let nested = self.graph.nested(Syntax::JsonLd, self.at, name, types, id);
        if let Some(at) = nested {
            self.waiting.push_back((at, members, context));
        }
    }
}

/// Returns a value object's value, with its language or type beside it where it has one.
fn literal(value: &Value, members: &Map<String, Value>) -> Value {
    let named = [("@language", "language"), ("@type", "datatype")];
    let mut kept: Map<String, Value> = named
        .into_iter()
        .filter_map(|(key, name)| Some((name.to_owned(), json!(members.get(key)?.as_str()?))))
        .collect();
    if kept.is_empty() && !value.is_array() && !value.is_object() {
        return value.clone();
    }
    // A JSON literal (`@type: @json`) is data of its own; its text is what can be kept of it as a value.
    let value = match value {
        Value::Array(_) | Value::Object(_) => Value::String(value.to_string()),
        scalar => scalar.clone(),
    };
    kept.insert("value".to_owned(), value);
    Value::Object(kept)
}

/// Returns a node's types and its id.
fn identity(
    members: &Map<String, Value>,
    context: &Context,
    base: Option<&Url>,
) -> (Vec<String>, Option<String>) {
    let (mut types, mut id) = (Vec::new(), None);
    for (key, value) in members {
        match context.name(key).as_str() {
            "@type" => {
                let names = match value {
                    Value::Array(names) => names.as_slice(),
                    one => std::slice::from_ref(one),
                };
                types.extend(
                    names
                        .iter()
                        .filter_map(Value::as_str)
                        .map(|name| context.name(name)),
                );
            }
            "@id" => id = value.as_str().filter(|id| !id.trim().is_empty()),
            _ => {}
        }
    }
    (types, id.map(|id| identifier(id, base)))
}

/// Returns an id as it stands if it is whole, else in full by the page's address.
fn identifier(id: &str, base: Option<&Url>) -> String {
    let id = id.trim();
    if id.starts_with("_:") || Url::parse(id).is_ok() {
        return id.to_owned();
    }
    super::resolved(base, id)
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
