//! The harness of the fuzz targets over random bytes, for toolchains without libFuzzer.

use proptest::prelude::*;

fn cases() -> u32 {
    std::env::var("FUZZ_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000)
}

/// Text that looks like a policy: words of the vocabulary between the signs of JSON.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"@id\"",
        "\"@type\"",
        "\"@context\"",
        "\"@value\"",
        "\"@list\"",
        "\"Offer\"",
        "\"permission\"",
        "\"prohibition\"",
        "\"action\"",
        "\"use\"",
        "\"constraint\"",
        "\"leftOperand\"",
        "\"operator\"",
        "\"rightOperand\"",
        "\"spatial\"",
        "\"eq\"",
        "\"FR\"",
        "\"or\"",
        "\"duty\"",
        "\"urn:x\"",
        "1",
        "null",
        "@prefix odrl: <http://www.w3.org/ns/odrl/2/> .",
        "<urn:p>",
        "a",
        "odrl:Set",
        ";",
        ".",
        "odrl:permission",
        "odrl:action",
        "odrl:use",
        "(",
        ")",
    ]);
    prop::collection::vec(words, 0..60).prop_map(|words| words.join(" ").into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn parse(data in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), text()]) {
        fuzz::parse(&data);
    }

    #[test]
    fn decide(data in prop::collection::vec(any::<u8>(), 0..400)) {
        fuzz::decide(&data);
    }
}
