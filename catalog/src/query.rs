//! SPARQL 1.1 queries, bounded in complexity, time, rows and bytes.

use crate::guard::{self, LONGEST};
use oxigraph::io::{RdfFormat, RdfSerializer};
use oxigraph::sparql::results::{QueryResultsFormat, QueryResultsSerializer};
use oxigraph::sparql::{
    CancellationToken, PreparedSparqlQuery, QueryEvaluationError, QueryResults, SparqlEvaluator,
};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// Most evaluations at the same time, those that were given up and have not noticed yet included.
const AT_ONCE: usize = 8;

/// Which graphs a query sees: the default graph is their union, and they are the named graphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// These.
    Graphs(Vec<String>),
}

/// Bounds of one query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest evaluation.
    pub time: Duration,
    /// Most solutions or triples; more are left out and the answer says so.
    pub rows: usize,
    /// Largest answer in bytes.
    pub bytes: usize,
}

/// A serialised answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Media type of the body.
    pub media_type: String,
    /// The results.
    pub body: Vec<u8>,
    /// Rows were left out.
    pub truncated: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The text is not a SPARQL 1.1 query.
    #[error("not a SPARQL query: {0}")]
    Syntax(String),
    /// It is an update.
    #[error("this endpoint is read-only; updates are refused")]
    Update,
    /// It asks other endpoints.
    #[error("SERVICE is refused; ask the other endpoint yourself")]
    Service,
    /// The text is longer than the limit.
    #[error("the query is longer than {LONGEST} bytes")]
    TooLarge,
    /// It asks for too much at once.
    #[error("the query is too complex: {0}")]
    TooComplex(String),
    /// Too many queries run at the same time.
    #[error("too many queries run at the same time; try again")]
    Busy,
    /// Evaluation took too long.
    #[error("the query took too long and was stopped")]
    TooLong,
    /// The answer is larger than the limit.
    #[error("the answer is larger than allowed; add LIMIT or ask for less")]
    TooManyBytes,
    /// No known result format is acceptable.
    #[error("no result format fits Accept: {0}")]
    NotAcceptable(String),
    /// Evaluation failed.
    #[error("the query failed: {0}")]
    Failed(String),
}

pub(crate) fn run(
    evaluate: impl FnOnce(PreparedSparqlQuery) -> Result<QueryResults<'static>, QueryEvaluationError>
    + Send
    + 'static,
    text: &str,
    limits: &Limits,
    accept: Option<&str>,
    running: &Arc<AtomicUsize>,
) -> Result<Answer, QueryError> {
    guard::text(text)?;
    let Some(slot) = Slot::take(running) else { return Err(QueryError::Busy) };
    let token = CancellationToken::new();
    // No handler is registered and oxigraph is built without an HTTP client, so SERVICE could not leave anyway.
    let evaluator = SparqlEvaluator::new().with_cancellation_token(token.clone());
    let (send, receive) = mpsc::channel();
    let work = {
        let (text, limits, accept) = (text.to_owned(), *limits, accept.map(str::to_owned));
        move || {
            let result = guard::parse(evaluator, &text)
                .and_then(|query| evaluate(query).map_err(evaluation))
                .and_then(|results| write(results, &limits, accept.as_deref()));
            drop(slot);
            // The caller may have stopped waiting.
            drop(send.send(result));
        }
    };
    if std::thread::Builder::new().name("sparql".to_owned()).stack_size(guard::STACK).spawn(work).is_err() {
        return Err(QueryError::Busy);
    }
    match receive.recv_timeout(limits.time) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => {
            // Joins look at the token only now and then, so the thread may go on; its slot stays taken.
            token.cancel();
            Err(QueryError::TooLong)
        }
        Err(RecvTimeoutError::Disconnected) => Err(QueryError::Failed("evaluation broke off".to_owned())),
    }
}

/// One of the evaluations that may run at the same time.
struct Slot(Arc<AtomicUsize>);

impl Slot {
    fn take(running: &Arc<AtomicUsize>) -> Option<Self> {
        let taken = running.fetch_add(1, Ordering::AcqRel);
        let slot = Self(Arc::clone(running));
        (taken < AT_ONCE).then_some(slot)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn evaluation(error: QueryEvaluationError) -> QueryError {
    match error {
        QueryEvaluationError::Cancelled => QueryError::TooLong,
        QueryEvaluationError::UnsupportedService(_) | QueryEvaluationError::Service(_) => QueryError::Service,
        other => QueryError::Failed(other.to_string()),
    }
}

/// A buffer that refuses to grow beyond a limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Bounded {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + data.len() > self.limit {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn output(error: &io::Error) -> QueryError {
    match error.kind() {
        io::ErrorKind::FileTooLarge => QueryError::TooManyBytes,
        _ => QueryError::Failed(error.to_string()),
    }
}

fn write(results: QueryResults<'_>, limits: &Limits, accept: Option<&str>) -> Result<Answer, QueryError> {
    let out = Bounded { bytes: Vec::new(), limit: limits.bytes };
    match results {
        QueryResults::Boolean(value) => {
            let format = results_format(accept)?;
            let out = QueryResultsSerializer::from_format(format)
                .serialize_boolean_to_writer(out, value)
                .map_err(|e| output(&e))?;
            Ok(Answer { media_type: format.media_type().to_owned(), body: out.bytes, truncated: false })
        }
        QueryResults::Solutions(solutions) => {
            let format = results_format(accept)?;
            let variables = solutions.variables().to_vec();
            let mut serializer = QueryResultsSerializer::from_format(format)
                .serialize_solutions_to_writer(out, variables)
                .map_err(|e| output(&e))?;
            let mut truncated = false;
            for (n, solution) in solutions.enumerate() {
                let solution = solution.map_err(evaluation)?;
                if n >= limits.rows {
                    truncated = true;
                    break;
                }
                serializer.serialize(&solution).map_err(|e| output(&e))?;
            }
            let out = serializer.finish().map_err(|e| output(&e))?;
            Ok(Answer { media_type: format.media_type().to_owned(), body: out.bytes, truncated })
        }
        QueryResults::Graph(triples) => {
            let format = rdf_format(accept)?;
            let mut serializer = RdfSerializer::from_format(format).for_writer(out);
            let mut truncated = false;
            for (n, triple) in triples.enumerate() {
                let triple = triple.map_err(evaluation)?;
                if n >= limits.rows {
                    truncated = true;
                    break;
                }
                serializer.serialize_triple(&triple).map_err(|e| output(&e))?;
            }
            let out = serializer.finish().map_err(|e| output(&e))?;
            Ok(Answer { media_type: format.media_type().to_owned(), body: out.bytes, truncated })
        }
    }
}

/// Media types of an Accept header, best first.
fn accepted(accept: Option<&str>) -> Vec<String> {
    let mut types: Vec<(f32, String)> = accept
        .unwrap_or("*/*")
        .split(',')
        .filter_map(|part| {
            let mut pieces = part.split(';').map(str::trim);
            let essence = pieces.next()?.to_ascii_lowercase();
            let quality =
                pieces.find_map(|p| p.strip_prefix("q=")).and_then(|q| q.parse::<f32>().ok()).unwrap_or(1.0);
            (quality > 0.0).then_some((quality, essence))
        })
        .collect();
    types.sort_by(|a, b| b.0.total_cmp(&a.0));
    types.into_iter().map(|(_, essence)| essence).collect()
}

fn results_format(accept: Option<&str>) -> Result<QueryResultsFormat, QueryError> {
    accepted(accept)
        .iter()
        .find_map(|essence| match essence.as_str() {
            "*/*" | "application/*" | "application/json" => Some(QueryResultsFormat::Json),
            "text/*" => Some(QueryResultsFormat::Csv),
            other => QueryResultsFormat::from_media_type(other),
        })
        .ok_or_else(|| QueryError::NotAcceptable(accept.unwrap_or_default().to_owned()))
}

fn rdf_format(accept: Option<&str>) -> Result<RdfFormat, QueryError> {
    accepted(accept)
        .iter()
        .find_map(|essence| match essence.as_str() {
            "*/*" | "text/*" => Some(RdfFormat::Turtle),
            "application/*" => Some(RdfFormat::NTriples),
            other => RdfFormat::from_media_type(other),
        })
        .ok_or_else(|| QueryError::NotAcceptable(accept.unwrap_or_default().to_owned()))
}
