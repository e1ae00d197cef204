//! The catalogue as JSON and as RDF.

use crate::*;
use ontology::time::Timestamp;
use policies::{Policy, PolicyKind};
use serde_json::{Value, json};
use std::time::Duration;

fn policy(value: Value) -> Policy {
    Policy::parse(&value).unwrap().with_parties(None, PolicyKind::Set, None, None, None)
}

fn sample() -> Catalogue {
    let restricted = policy(json!({"permission": [{"action": "use", "constraint": [
        {"leftOperand": "spatial", "operator": "isPartOf", "rightOperand": "EU"}]}]}));
    let dataset = |id: &str, policy: Policy| Dataset {
        id: id.to_owned(),
        title: Some(format!("Title of {id}")),
        description: Some("Text".to_owned()),
        keywords: vec!["sea".to_owned(), "port".to_owned()],
        license: Some("https://license.example/x".to_owned()),
        sources: vec!["https://source.example".to_owned()],
        language: vec!["fr".to_owned()],
        media_type: Some("text/csv".to_owned()),
        byte_size: Some(12),
        sha256: Some("ab".repeat(32)),
        issued: Some(Timestamp::from_seconds(1_780_000_000)),
        modified: None,
        offers: vec![Offer { id: format!("offer:{id}"), policy }],
        distributions: vec![Distribution { format: "HttpData-PULL".to_owned() }],
        credential: Some("https://p.example/credentials/datasets/x".to_owned()),
        properties: json!({"https://x.example/year": 2025}).as_object().unwrap().clone(),
    };
    Catalogue {
        id: "https://p.example/catalog".to_owned(),
        participant_id: "did:web:p.example".to_owned(),
        title: "Port".to_owned(),
        endpoint_url: "https://p.example/dsp/2025-1".to_owned(),
        service_id: "https://p.example#dsp".to_owned(),
        self_description: Some("https://p.example/credentials/participant".to_owned()),
        publisher: Publisher { name: "Port".to_owned(), ..Publisher::default() },
        datasets: vec![
            dataset("open", policy(json!({"permission": [{"action": "use"}]}))),
            dataset("eu only", restricted),
        ],
    }
}

fn graph() -> Graph {
    let graph = Graph::new().unwrap();
    graph.put_peer(&sample()).unwrap();
    graph
}

const LIMITS: Limits = Limits { time: Duration::from_secs(5), rows: 1000, bytes: 1 << 20 };

fn ask(graph: &Graph, text: &str, scope: &Scope) -> Result<Value, QueryError> {
    let answer = graph.query(text, scope, &LIMITS, None)?;
    Ok(serde_json::from_slice(&answer.body).unwrap())
}

fn rows(graph: &Graph, text: &str, scope: &Scope) -> usize {
    ask(graph, text, scope).unwrap()["results"]["bindings"].as_array().unwrap().len()
}

fn visible() -> Scope {
    let id = sample().id;
    Scope::Graphs(vec![id.clone(), dataset_graph(&id, "open"), offer_graph(&id, "open", "offer:open")])
}

#[test]
fn json_has_what_the_protocol_requires_and_reads_back() {
    let value = render::catalogue(&sample());
    assert_eq!(value["@type"], "Catalog");
    assert_eq!(value["@context"], json!(["https://w3id.org/dspace/2025/1/context.jsonld"]));
    assert_eq!(value["participantId"], "did:web:p.example");
    for dataset in value["dataset"].as_array().unwrap() {
        assert_eq!(dataset["@type"], "Dataset");
        assert!(dataset["distribution"][0]["accessService"]["endpointURL"].is_string());
        let offer = &dataset["hasPolicy"][0];
        assert_eq!(offer["@type"], "Offer");
        assert!(offer["@id"].is_string() && offer.get("target").is_none() && offer["permission"].is_array());
    }
    assert_eq!(parse::catalogue(&value).unwrap(), sample());
    let empty = Catalogue { datasets: Vec::new(), ..sample() };
    assert!(render::catalogue(&empty).get("dataset").is_none());
    assert_eq!(render::dataset(&sample(), &sample().datasets[0])["@id"], "open");
}

#[test]
fn recorded_catalogues_of_another_make_are_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/edc/wire");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: {folder} is not there");
        return;
    };
    let mut found = 0;
    let mut todo: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if let Ok(text) = std::fs::read_to_string(&path)
            && let Ok(value) = serde_json::from_str::<Value>(&text)
        {
            found += catalogues(&value);
        }
    }
    println!("{found} catalogues with datasets");
    assert!(found > 0);
}

fn catalogues(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(catalogues).sum(),
        Value::Object(members) => {
            let own = ontology::jsonld::to_dsp_plain(value.clone())
                .ok()
                .filter(|plain| plain["@type"] == "Catalog")
                .and_then(|plain| parse::catalogue(&plain).ok())
                .is_some_and(|c| !c.datasets.is_empty());
            usize::from(own) + members.values().map(catalogues).sum::<usize>()
        }
        _ => 0,
    }
}

#[test]
fn datasets_are_found_by_what_describes_them() {
    let graph = graph();
    let prefix = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> PREFIX odrl: <http://www.w3.org/ns/odrl/2/> ";
    for (pattern, expected) in [
        ("SELECT ?d { ?d dcat:keyword 'sea' }", 2),
        ("SELECT ?d { ?d dct:license <https://license.example/x> ; dcat:byteSize 12 }", 2),
        ("SELECT ?d { ?d odrl:hasPolicy/odrl:permission/odrl:constraint/odrl:leftOperand odrl:spatial }", 1),
        ("SELECT ?d { ?c a dcat:Catalog ; dcat:dataset ?d ; dct:publisher <did:web:p.example> }", 2),
        ("SELECT ?d { ?d <https://x.example/year> 2025 }", 2),
        (
            "SELECT ?d { ?d dct:issued ?t FILTER (?t > '2020-01-01T00:00:00Z'^^<http://www.w3.org/2001/XMLSchema#dateTime>) }",
            2,
        ),
    ] {
        assert_eq!(rows(&graph, &format!("{prefix}{pattern}"), &Scope::All), expected, "{pattern}");
    }
}

#[test]
fn nothing_outside_the_scope_can_be_seen() {
    let graph = graph();
    let hidden = dataset_graph(&sample().id, "eu only");
    for query in [
        "SELECT * { ?s ?p ?o }".to_owned(),
        "SELECT * { GRAPH ?g { ?s ?p ?o } }".to_owned(),
        format!("SELECT * {{ GRAPH <{hidden}> {{ ?s ?p ?o }} }}"),
        format!("SELECT * FROM <{hidden}> {{ ?s ?p ?o }}"),
        format!("SELECT * FROM NAMED <{hidden}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"),
        format!(
            "SELECT * FROM <{}> FROM NAMED <{hidden}> {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}",
            sample().id
        ),
    ] {
        let text = ask(&graph, &query, &visible()).unwrap().to_string();
        assert!(!text.contains("eu only") && !text.contains("eu%20only"), "{query}: {text}");
    }
    assert!(rows(&graph, "SELECT * { ?s ?p ?o }", &visible()) > 10);
    assert_eq!(rows(&graph, "SELECT * { ?s ?p ?o }", &Scope::Graphs(Vec::new())), 0);
    let described = graph.query(&format!("DESCRIBE <{hidden}>"), &visible(), &LIMITS, None).unwrap();
    assert!(described.body.is_empty(), "{}", String::from_utf8_lossy(&described.body));
}

#[test]
fn queries_are_bounded_and_read_only() {
    let graph = graph();
    let all = Scope::All;
    let run = |text: &str, limits: &Limits, accept: Option<&str>| graph.query(text, &all, limits, accept);
    assert!(matches!(run("INSERT DATA { <a:a> <a:b> <a:c> }", &LIMITS, None), Err(QueryError::Update)));
    assert!(matches!(run("SELEKT", &LIMITS, None), Err(QueryError::Syntax(_))));
    assert!(matches!(run(&" ".repeat(70_000), &LIMITS, None), Err(QueryError::TooLarge)));
    assert!(run("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", &LIMITS, None).is_err());
    let few = Limits { rows: 3, ..LIMITS };
    let cut = run("SELECT * { ?s ?p ?o }", &few, None).unwrap();
    assert!(cut.truncated);
    let small = Limits { bytes: 50, ..LIMITS };
    assert!(matches!(run("SELECT * { ?s ?p ?o }", &small, None), Err(QueryError::TooManyBytes)));
    let short = Limits { time: Duration::from_millis(50), ..LIMITS };
    let heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n2 ?o }";
    assert!(matches!(run(heavy, &short, None), Err(QueryError::TooLong)));
    for (accept, expected) in [
        ("text/csv", "text/csv"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/html;q=0.9, application/sparql-results+json;q=0.8", "application/sparql-results+json"),
    ] {
        let answer = run("SELECT * { ?s ?p ?o } LIMIT 1", &LIMITS, Some(accept)).unwrap();
        assert!(answer.media_type.starts_with(expected), "{}", answer.media_type);
    }
    let turtle = run("CONSTRUCT { ?s a ?t } { ?s a ?t }", &LIMITS, Some("text/turtle")).unwrap();
    assert_eq!(turtle.media_type, "text/turtle");
    assert!(matches!(run("ASK {}", &LIMITS, Some("image/png")), Err(QueryError::NotAcceptable(_))));
}

#[test]
fn replacing_and_rebuilding_leave_no_rest() {
    let graph = graph();
    let before = graph.len().unwrap();
    graph.put_peer(&sample()).unwrap();
    assert_eq!(graph.len().unwrap(), before);
    let mut fewer = sample();
    fewer.datasets.pop();
    graph.put_peer(&fewer).unwrap();
    assert_eq!(rows(&graph, "SELECT ?d { ?d a <http://www.w3.org/ns/dcat#Dataset> }", &Scope::All), 1);
    graph.clear().unwrap();
    assert!(graph.is_empty().unwrap());
    graph.put_peer(&sample()).unwrap();
    assert_eq!(graph.len().unwrap(), before);
}

#[test]
fn queries_that_nest_or_multiply_are_refused_and_end_nothing() {
    let graph = graph();
    let n = 30_000;
    let wrap = |open: &str, inside: &str, close: &str, n: usize| {
        format!("SELECT * {{ ?s ?p ?o {}{inside}{} }}", open.repeat(n), close.repeat(n))
    };
    for text in [
        wrap("{", "", "}", n),
        wrap("FILTER(", "1", ")", 900),
        format!("SELECT * {{ ?s ?p ?o FILTER({}1{}) }}", "(".repeat(990), ")".repeat(990)),
        format!("SELECT * {{ ?s ?p ?o FILTER({}?o) }}", "!".repeat(n)),
        format!("SELECT * {{ ?s ?p ?o FILTER({}?o) }}", "- ".repeat(n)),
        format!("SELECT * {{ ?s ?p ?o FILTER(1{}) }}", "+1".repeat(n)),
        format!("SELECT * {{ ?s ?p ?o FILTER(?o{}) }}", "||1".repeat(20_000)),
        format!("SELECT * {{ ?s {}<a:a> ?o }}", "^".repeat(n)),
        format!("SELECT * {{ ?s <a:a>{} ?o }}", "/<a:a>".repeat(10_000)),
        format!("SELECT * {{ ?s <a:a>{} ?o }}", "|<a:a>".repeat(10_000)),
        format!("SELECT * {{ {} }}", "?s ?p ?o . ".repeat(5_000)),
        format!("SELECT * {{ {{}}{} }}", " UNION {}".repeat(990)),
        format!("SELECT * {{ ?s ?p ?o {} }}", "OPTIONAL {".repeat(900) + &"}".repeat(900)),
        format!("SELECT * {{ ?s ?p {}1{} }}", "( ".repeat(990), " )".repeat(990)),
        format!("SELECT * {{ {} }}", "VALUES ?a { 1 2 3 4 5 6 7 8 9 10 } ".repeat(30)),
        format!(
            "SELECT * {{ BIND('a' AS ?a0) {} }}",
            (0..40)
                .map(|i| format!("BIND(CONCAT(?a{i},?a{i},?a{i},?a{i}) AS ?a{})", i + 1))
                .collect::<String>()
        ),
    ] {
        let result =
            graph.query(&text, &Scope::All, &Limits { time: Duration::from_secs(20), ..LIMITS }, None);
        let head = &text[..text.len().min(60)];
        let brackets_only = head.contains("FILTER((((");
        assert!(
            brackets_only || matches!(result, Err(QueryError::TooComplex(_) | QueryError::Syntax(_))),
            "{head}"
        );
    }
    assert_eq!(
        graph.query("ASK { ?s ?p ?o }", &Scope::All, &LIMITS, None).unwrap().media_type,
        "application/sparql-results+json"
    );
}

#[test]
fn what_people_ask_is_not_too_complex() {
    let graph = graph();
    let text = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
        SELECT ?publisher (COUNT(DISTINCT ?d) AS ?n) (GROUP_CONCAT(DISTINCT ?k; separator=\", \") AS ?words) {
          ?d a dcat:Dataset ; dct:title ?t ; dct:publisher ?publisher ; dcat:keyword ?k .
          OPTIONAL { ?d dcat:distribution [ dct:format ?f ] }
          FILTER (CONTAINS(LCASE(STR(?t)), 'title') && (?k IN ('sea', 'port') || REGEX(?k, '^s', 'i')))
          FILTER NOT EXISTS { ?d dct:license <https://other.example/x> }
          VALUES ?k { 'sea' 'port' }
        } GROUP BY ?publisher HAVING (COUNT(?d) > 0) ORDER BY DESC(?n) LIMIT 20";
    assert_eq!(rows(&graph, text, &Scope::All), 1);
}

#[test]
fn nested_properties_are_triples_too() {
    let mut catalogue = sample();
    catalogue.datasets[0].properties.insert(
        "https://x.example/area".to_owned(),
        json!({"@type": "https://x.example/Box", "https://x.example/west": [{"@value": "-5", "@type": "http://www.w3.org/2001/XMLSchema#integer"}]}),
    );
    let graph = Graph::new().unwrap();
    graph.put_peer(&catalogue).unwrap();
    assert_eq!(
        rows(
            &graph,
            "SELECT * { ?d <https://x.example/area> [ a <https://x.example/Box> ; <https://x.example/west> -5 ] }",
            &Scope::All
        ),
        1
    );
    let before = graph.quads();
    graph.clear().unwrap();
    graph.put_peer(&catalogue).unwrap();
    assert_eq!(graph.quads(), before);
}

#[test]
fn no_participant_writes_into_the_graphs_of_another() {
    let graph = graph();
    let before = graph.quads();
    let other = Catalogue { participant_id: "did:web:evil.example".to_owned(), ..sample() };
    assert!(graph.put_peer(&other).is_err());
    let sneaky = Catalogue { id: dataset_graph(&sample().id, "open"), ..other };
    assert!(graph.put_peer(&sneaky).is_err());
    assert_eq!(graph.quads(), before);
}
