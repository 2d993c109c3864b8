//! What a report shows as a picture: counts as bars, and where a thing came from as a graph.
//!
//! A figure tells nothing that the report's tables do not; how it is drawn is the business of `cli/output`.

/// A picture of a part of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    Bars(Bars),
    Graph(Graph),
}

impl Figure {
    /// Returns the words over the picture.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Bars(bars) => bars.title,
            Self::Graph(graph) => graph.title,
        }
    }

    /// Leaves out what depends on the order of arrival.
    #[must_use]
    pub fn stable(self) -> Self {
        match self {
            Self::Graph(graph) => Self::Graph(graph.stable()),
            bars @ Self::Bars(_) => bars,
        }
    }
}

/// Counts by kind, a bar a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    pub title: &'static str,
    pub question: &'static str,
    /// The sentence that is shown instead of no bars.
    pub empty: &'static str,
    /// Whether lengths compare between bars; each is a whole of its own otherwise.
    pub compares: bool,
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub label: String,
    pub parts: Vec<Part>,
}

/// A part of a bar. Its name is what is shown and what decides its colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    pub count: i64,
}

/// Things in columns from left to right, each made of what leads to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    pub title: &'static str,
    pub question: &'static str,
    pub nodes: Vec<Node>,
    /// From, to, and what the one did for the other.
    pub edges: Vec<(usize, usize, String)>,
}

/// One thing of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub column: usize,
    pub name: String,
    pub detail: String,
    /// Depends on the order of arrival; `--stable` leaves it out.
    pub volatile: bool,
}

impl Graph {
    /// Adds a thing and returns what edges know it by.
    pub fn add(
        &mut self,
        column: usize,
        name: impl Into<String>,
        detail: impl Into<String>,
    ) -> usize {
        self.nodes.push(Node {
            column,
            name: name.into(),
            detail: detail.into(),
            volatile: false,
        });
        self.nodes.len() - 1
    }

    /// Leaves out what depends on the order of arrival, with what leads to it and from it.
    #[must_use]
    pub fn stable(mut self) -> Self {
        let is_kept = |index: usize| self.nodes.get(index).is_some_and(|node| !node.volatile);
        let place = |index: usize| (0..index).filter(|one| is_kept(*one)).count();
        let edges = self
            .edges
            .iter()
            .filter(|(from, to, _)| is_kept(*from) && is_kept(*to));
        self.edges = edges
            .map(|(from, to, what)| (place(*from), place(*to), what.clone()))
            .collect();
        self.nodes.retain(|node| !node.volatile);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stable_graph_keeps_its_edges_right() {
        let mut graph = Graph {
            title: "",
            question: "",
            nodes: Vec::new(),
            edges: Vec::new(),
        };
        for name in ["referrer", "job", "source"] {
            graph.add(0, name, "");
        }
        graph.nodes[0].volatile = true;
        graph.edges = vec![(0, 2, "led to".to_owned()), (1, 2, "created".to_owned())];
        let stable = graph.stable();
        assert_eq!(stable.nodes.len(), 2);
        assert_eq!(stable.edges, [(0, 1, "created".to_owned())]);
    }
}
