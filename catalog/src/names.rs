//! IRIs of graphs and nodes.

/// The named graph of a dataset, and the node that stands for it.
#[must_use]
pub fn dataset_graph(catalogue: &str, dataset: &str) -> String {
    format!("{catalogue}#{}", encode(dataset))
}

/// The named graph of one offer. Offers have graphs of their own because a caller may see some and not others.
#[must_use]
pub fn offer_graph(catalogue: &str, dataset: &str, offer: &str) -> String {
    format!("{catalogue}#{}/{}", encode(dataset), encode(offer))
}

fn encode(text: &str) -> String {
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
