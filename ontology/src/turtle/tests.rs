use super::*;
use serde_json::json;

fn nodes(text: &str) -> Value {
    Value::Array(read(text).unwrap().into_iter().map(Value::Object).collect())
}

#[test]
fn reads_every_kind_of_term() {
    let text = r#"
        @prefix ex: <http://ex.org/> . # a comment
        PREFIX : <http://d.org/>
        @base <http://b.org/dir/file> .
        ex:s a ex:T, :U ; ex:p "a\n\u00e9", 'b'@FR, """long "quote" here""" , "x"^^ex:dt ;; ex:n 1 , -2.50, 1e3 , true .
        <#f> <p> <../x>, <http://abs.org/> , ex:a\,b , ex:v1.2 .
        _:b1 ex:q [ ex:r ( 1 [ ex:z "i" ] ) ] .
        [] ex:last _:b1 . [ ex:only 1 ] .
    "#;
    assert_eq!(
        nodes(text),
        json!([
            {"@id": "http://ex.org/s", "@type": ["http://ex.org/T", "http://d.org/U"],
             "http://ex.org/p": [{"@value": "a\né"}, {"@value": "b", "@language": "fr"},
                {"@value": "long \"quote\" here"}, {"@value": "x", "@type": "http://ex.org/dt"}],
             "http://ex.org/n": [
                {"@value": "1", "@type": "http://www.w3.org/2001/XMLSchema#integer"},
                {"@value": "-2.50", "@type": "http://www.w3.org/2001/XMLSchema#decimal"},
                {"@value": "1e3", "@type": "http://www.w3.org/2001/XMLSchema#double"},
                {"@value": "true", "@type": "http://www.w3.org/2001/XMLSchema#boolean"}]},
            {"@id": "http://b.org/dir/file#f", "http://b.org/dir/p": [{"@id": "http://b.org/dir/../x"},
                {"@id": "http://abs.org/"}, {"@id": "http://ex.org/a,b"}, {"@id": "http://ex.org/v1.2"}]},
            {"@id": "_::1", "http://ex.org/z": [{"@value": "i"}]},
            {"@id": "_::0", "http://ex.org/r": [{"@list": [
                {"@value": "1", "@type": "http://www.w3.org/2001/XMLSchema#integer"}, {"@id": "_::1"}]}]},
            {"@id": "_:b1", "http://ex.org/q": [{"@id": "_::0"}]},
            {"@id": "_::2", "http://ex.org/last": [{"@id": "_:b1"}]},
            {"@id": "_::3", "http://ex.org/only": [{"@value": "1", "@type": "http://www.w3.org/2001/XMLSchema#integer"}]},
        ])
    );
}

#[test]
fn refuses_what_is_not_turtle_and_names_the_line() {
    for (text, line) in [
        ("<a> <b> ", 1),
        ("<a> <b> <c>\n<d> <e> <f> .", 2),
        ("ex:a <b> <c> .", 1),
        ("\n\n<a> <b> \"open", 3),
        ("<a> <b> \"x\\q\" .", 1),
        ("\"a\" <b> <c> .", 1),
        ("<a> <b> ( 1", 1),
        ("<a> <b> ^ .", 1),
        ("@prefix ex <http://x/> .", 1),
        ("<a> <b> + .", 1),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.line, line, "{text}: {error}");
    }
    let deep = format!("<a> <b> {}{} .", "(".repeat(100), ")".repeat(100));
    assert!(read(&deep).unwrap_err().reason.contains("deeply"));
}

#[test]
fn what_is_written_is_read_again() {
    let tree = json!({"@id": "http://s.org/1", "@type": ["http://s.org/T"], "http://s.org/p": [
        {"http://s.org/q": [{"@list": [{"@value": "a\"\\\n"}, {"@value": "x", "@language": "fr"}]}]},
        {"@id": "http://s.org/2", "http://s.org/r": [{"@value": "5", "@type": "http://www.w3.org/2001/XMLSchema#integer"}]},
        {"@value": true}]});
    let text = write(&[tree]);
    let again = nodes(&text);
    assert_eq!(again[0]["@id"], "http://s.org/1", "{text}");
    assert_eq!(again[0]["http://s.org/p"][1], json!({"@id": "http://s.org/2"}));
    assert_eq!(again[1]["http://s.org/q"][0]["@list"][0], json!({"@value": "a\"\\\n"}));
    assert_eq!(again[2]["http://s.org/r"][0]["@value"], "5");
}
