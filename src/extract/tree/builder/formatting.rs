//! The list of active formatting elements (HTML, 13.2.4.3) and what keeps misnested ones whole: they are
//! rebuilt in the next block, and the adoption agency moves blocks out of them (13.2.6.4.7).

use super::{Builder, DEPTH_LIMIT, EndTag, NONE, Open, Space, Span, StartTag, Tag};

/// An entry of the list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Formatting {
    /// Elements before it are of an outer cell, caption or the like.
    Marker,
    Element {
        node: u32,
        token: StartTag,
    },
}

/// Like elements of which no more are rebuilt.
const MOST_ALIKE: usize = 3;

/// Elements in the list; a page with more of them left open is broken on purpose.
const MOST_ENTRIES: usize = DEPTH_LIMIT as usize;

/// How often the adoption agency goes on, and how far in it copies elements.
const ROUNDS: usize = 8;
const COPIES: usize = 3;

impl Builder<'_> {
    pub(super) fn push_marker(&mut self) {
        self.formatting.push(Formatting::Marker);
    }

    pub(super) fn clear_to_marker(&mut self) {
        while let Some(Formatting::Element { .. }) = self.formatting.pop() {}
    }

    /// Goes through the entries behind the last marker, the last one first.
    fn behind_marker(&self) -> impl Iterator<Item = (usize, u32, StartTag)> {
        let entries = self.formatting.iter().enumerate().rev();
        entries.map_while(|(index, entry)| match entry {
            Formatting::Marker => None,
            Formatting::Element { node, token } => Some((index, *node, *token)),
        })
    }

    fn formatting_position(&self, wanted: u32) -> Option<usize> {
        let is_wanted = |entry: &Formatting| matches!(entry, Formatting::Element { node, .. } if *node == wanted);
        self.formatting.iter().rposition(is_wanted)
    }

    /// Returns the last open `a` behind the last marker.
    pub(super) fn active_link(&self) -> Option<u32> {
        self.behind_marker()
            .find(|(_, _, token)| token.tag == Tag::A)
            .map(|(_, node, _)| node)
    }

    pub(super) fn forget_formatting(&mut self, node: u32) {
        if let Some(index) = self.formatting_position(node) {
            self.formatting.remove(index);
        }
        if let Some(index) = self.stack.position(node) {
            self.stack.remove(index);
        }
    }

    /// Inserts a formatting element and remembers it.
    pub(super) fn insert_formatting(&mut self, token: StartTag) {
        let mut alike = 0;
        let mut first = None;
        for (index, _, known) in self.behind_marker() {
            if known.tag == token.tag
                && self.has_same_attributes(known.attributes, token.attributes)
            {
                alike += 1;
                first = Some(index);
            }
        }
        if alike >= MOST_ALIKE
            && let Some(first) = first
        {
            self.formatting.remove(first);
        }
        if self.formatting.len() >= MOST_ENTRIES {
            self.excess.too_deep += 1;
            let is_element = |entry: &Formatting| matches!(entry, Formatting::Element { .. });
            if let Some(first) = self.formatting.iter().position(is_element) {
                self.formatting.remove(first);
            }
        }
        let node = self.insert_element(token);
        self.formatting.push(Formatting::Element { node, token });
    }

    /// Opens again what a block has closed before its end tag came.
    pub(super) fn rebuild_formatting(&mut self) {
        let is_closed = |builder: &Self, entry: &Formatting| match entry {
            Formatting::Marker => false,
            Formatting::Element { node, .. } => builder.stack.position(*node).is_none(),
        };
        let closed = self.formatting.iter().rev();
        let closed = closed.take_while(|entry| is_closed(self, entry)).count();
        for index in self.formatting.len() - closed..self.formatting.len() {
            let Formatting::Element { token, .. } = self.formatting[index] else {
                return;
            };
            if !self.has_room() {
                self.excess.too_deep += 1;
                return;
            }
            let node = self.insert_element(token);
            self.formatting[index] = Formatting::Element { node, token };
        }
    }

    /// Ends a formatting element, wherever blocks have been opened in it.
    pub(super) fn adopt(&mut self, end: EndTag) {
        if let Some(open) = self.stack.current()
            && open.is(end.tag)
            && self.formatting_position(open.node).is_none()
        {
            self.stack.pop();
            return;
        }
        for _ in 0..ROUNDS {
            let found = self
                .behind_marker()
                .find(|(_, _, token)| token.tag == end.tag);
            let Some((entry, node, token)) = found else {
                return self.end_any_other(end);
            };
            let Some(place) = self.stack.position(node) else {
                self.formatting.remove(entry);
                return;
            };
            if !self.stack.is_in_scope(place) {
                return;
            }
            let mut inner = place + 1..self.stack.len();
            let block = inner.find(|at| self.stack.get(*at).is_some_and(Open::is_special));
            let Some(block) = block else {
                self.stack.truncate(place);
                self.formatting.remove(entry);
                return;
            };
            self.adopt_block(node, token, place, block);
        }
    }

    /// Moves the block at `block` out of the formatting element at `place`, into a copy of what is between.
    fn adopt_block(&mut self, node: u32, token: StartTag, place: usize, block: usize) {
        let (Some(ancestor), Some(furthest)) = (
            place
                .checked_sub(1)
                .and_then(|at| self.stack.get(at))
                .copied(),
            self.stack.get(block).copied(),
        ) else {
            return;
        };
        let mut after = None;
        let mut last = furthest.node;
        let mut steps = 0;
        for at in (place + 1..block).rev() {
            let Some(between) = self.stack.get(at).map(|open| open.node) else {
                continue;
            };
            steps += 1;
            let entry = self.formatting_position(between);
            let Some(entry) = entry.filter(|_| steps <= COPIES) else {
                if let Some(entry) = entry {
                    self.formatting.remove(entry);
                }
                self.stack.remove(at);
                continue;
            };
            let Formatting::Element { token, .. } = self.formatting[entry] else {
                continue;
            };
            let copy = self.create_element(token, Space::Html);
            self.formatting[entry] = Formatting::Element { node: copy, token };
            self.stack.replace(at, copy);
            if last == furthest.node {
                after = Some(copy);
            }
            self.nodes.detach(last);
            self.nodes.insert(copy, NONE, last);
            last = copy;
        }
        self.nodes.detach(last);
        let (parent, next) = self.place_in(&ancestor);
        self.nodes.insert(parent, next, last);

        let copy = self.create_element(token, Space::Html);
        self.nodes.move_children(furthest.node, copy);
        self.nodes.insert(furthest.node, NONE, copy);

        let entry = Formatting::Element { node: copy, token };
        let old = self.formatting_position(node);
        match after.and_then(|after| self.formatting_position(after)) {
            Some(before) => {
                self.formatting.insert(before + 1, entry);
                if let Some(old) = self.formatting_position(node) {
                    self.formatting.remove(old);
                }
            }
            None => {
                if let Some(old) = old {
                    self.formatting[old] = entry;
                }
            }
        }
        if let Some(place) = self.stack.position(node) {
            self.stack.remove(place);
        }
        if let Some(block) = self.stack.position(furthest.node) {
            let open = Open::new(copy, token.tag, Space::Html, Span::default());
            self.stack.insert(block + 1, open);
        }
    }
}
