//! IRIs of graphs and nodes.

/// The named graph of a dataset, and the node that stands for it.
#[must_use]
pub fn dataset_graph(catalogue: &str, dataset: &str) -> String {
    format!("{catalogue}#{}", encode(dataset))
}

/// The named graph of one offer. Offers have graphs of their own because a caller may see some and not others.
#[must_use]
pub fn offer_graph(catalogue: &str, dataset: &str, offer: &str) -> String {
    format!("{}{}", offers_of(catalogue, dataset), encode(offer))
}

/// What the graph names of all offers of a dataset begin with, and no others.
pub(crate) fn offers_of(catalogue: &str, dataset: &str) -> String {
    format!("{}/", dataset_graph(catalogue, dataset))
}

/// Can this be the id of a catalogue? It names a graph, and a fragment would let it name a dataset's.
pub(crate) fn is_catalogue_id(id: &str) -> bool {
    !id.contains('#') && is_absolute(id)
}

/// Is this an absolute IRI of a scheme that is used for names? `a:b` in a keyword or a source is only text.
pub(crate) fn is_absolute(text: &str) -> bool {
    ["http://", "https://", "urn:", "did:"].iter().any(|scheme| text.starts_with(scheme))
        && oxrdf::NamedNode::new(text).is_ok()
}

/// A name for what a peer calls by something that is not an IRI.
pub(crate) fn named(kind: &str, id: &str) -> String {
    if is_absolute(id) { id.to_owned() } else { format!("urn:entente:{kind}:{}", encode(id)) }
}

pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
