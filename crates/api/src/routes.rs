//! The endpoints, and what every answer has in common.

use crate::contacts;
use crate::prediction::{self, Body};
use crate::problem::Problem;
use crate::reports;
use crate::state::Service;
use axum::Router;
use axum::body::{Bytes, HttpBody};
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use std::any::Any;
use std::sync::Arc;
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;

/// The largest request body, bytes.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

type Shared = State<Arc<Service>>;

/// All endpoints of the service.
pub fn router(service: Arc<Service>) -> Router {
    let endpoints = Router::new()
        .route("/prediction", post(predict))
        .route("/scoring", get(scoring))
        .route("/summarystats", get(summary_statistics))
        .route("/diagnostics", get(diagnostics))
        .route("/contacts", get(contact_list))
        .route("/clients/{id}", get(client))
        .route("/healthz", get(health));
    with_policies(endpoints.with_state(service))
}

/// What holds for every request: a limit to its body, a log line, and no error that is not a
/// problem document.
fn with_policies(endpoints: Router) -> Router {
    endpoints
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(log))
}

async fn predict(State(service): Shared, request: Request) -> Response {
    let record = match wants_record(request.uri().query()) {
        Ok(record) => record,
        Err(problem) => return problem.body_unread().into_response(),
    };
    match read_body(request).await {
        Ok(body) => {
            answer(service, move |service| {
                prediction::predict(service, body, record)
            })
            .await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Whether the predictions are to be kept: `?record=true`.
fn wants_record(query: Option<&str>) -> Result<bool, Problem> {
    match query.unwrap_or_default() {
        "" | "record=false" => Ok(false),
        "record=true" => Ok(true),
        _ => Err(Problem::unprocessable(
            "the only parameter of /prediction is record, which is true or false",
        )),
    }
}

async fn scoring(State(service): Shared) -> Response {
    answer(service, reports::scoring).await
}

async fn summary_statistics(State(service): Shared) -> Response {
    answer(service, reports::summary_statistics).await
}

async fn diagnostics(State(service): Shared) -> Response {
    answer(service, reports::diagnostics).await
}

async fn contact_list(State(service): Shared) -> Response {
    answer(service, contacts::list).await
}

async fn client(State(service): Shared, id: Result<Path<String>, PathRejection>) -> Response {
    match id {
        Ok(Path(id)) => answer(service, move |service| contacts::client(service, &id)).await,
        // Percent-encoded bytes that are no UTF-8.
        Err(_) => not_found().await.into_response(),
    }
}

async fn health() -> Response {
    json(br#"{"status":"ok"}"#.to_vec())
}

/// Does the work, and makes its result JSON, on a thread that may take its time.
async fn answer<T: Serialize>(
    service: Arc<Service>,
    work: impl FnOnce(&Service) -> Result<T, Problem> + Send + 'static,
) -> Response {
    let work = move || {
        let result = work(&service)?;
        serde_json::to_vec(&result).map_err(|error| Problem::internal(&error))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(bytes)) => json(bytes),
        Ok(Err(problem)) => problem.into_response(),
        Err(failed) => Problem::internal(&failed).into_response(),
    }
}

fn json(bytes: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json")], bytes).into_response()
}

async fn read_body(request: Request) -> Result<Body, Problem> {
    let make = body_kind(request.headers())?;
    // A length that is announced is refused before anything is read.
    if request.body().size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(too_large());
    }
    let bytes = Bytes::from_request(request, &())
        .await
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            status => Problem::new(status, "the body could not be read to its end").body_unread(),
        })?;
    Ok(make(bytes.into()))
}

/// Which kind of body the content type announces.
fn body_kind(headers: &HeaderMap) -> Result<fn(Vec<u8>) -> Body, Problem> {
    let announced = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|kind| kind.trim().to_ascii_lowercase());
    match announced.as_deref() {
        Some("application/json") => Ok(Body::Json),
        Some("text/csv") => Ok(Body::Csv),
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the header Content-Type: application/json or text/csv",
        )
        .with_header(ACCEPT, "application/json, text/csv")
        .body_unread()),
    }
}

fn too_large() -> Problem {
    let limit = MAX_BODY_BYTES / (1024 * 1024);
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body is larger than {limit} MiB; send it in parts"),
    )
    .body_unread()
}

async fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "there is no such endpoint; there are POST /prediction, GET /scoring, GET /summarystats, \
         GET /diagnostics, GET /contacts, GET /clients/ID and GET /healthz",
    )
    .body_unread()
}

async fn method_not_allowed(request: Request) -> Problem {
    let (method, path) = (request.method(), request.uri().path());
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{path} does not answer {method}; the header Allow says what it does answer"),
    )
    .body_unread()
}

/// The message and place of a panic are in the log already.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Problem::unexplained().into_response()
}

async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    // What follows the first part of a path may name a client.
    let endpoint = request.uri().path().split('/').nth(1).unwrap_or_default();
    let (method, mut endpoint) = (request.method().clone(), format!("/{endpoint}"));
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        endpoint = "an unknown path".into();
    }
    let (status, elapsed_ms) = (response.status().as_u16(), started.elapsed().as_millis());
    tracing::info!("{method} {endpoint}: {status} in {elapsed_ms} ms");
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn kind(content_type: &str) -> Option<Body> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
        body_kind(&headers).ok().map(|make| make(Vec::new()))
    }

    #[test]
    fn the_content_type_is_read_in_any_case_and_with_parameters() {
        assert!(matches!(kind("application/json"), Some(Body::Json(_))));
        assert!(matches!(
            kind("Application/JSON; charset=utf-8"),
            Some(Body::Json(_))
        ));
        assert!(matches!(
            kind("text/csv;header=present"),
            Some(Body::Csv(_))
        ));
        assert!(kind("text/plain").is_none());
        assert!(kind("application/x-www-form-urlencoded").is_none());
        assert!(body_kind(&HeaderMap::new()).is_err());
    }

    #[test]
    fn predictions_are_kept_only_where_that_is_asked_for_in_so_many_words() {
        let cases = [
            (None, Some(false)),
            (Some(""), Some(false)),
            (Some("record=false"), Some(false)),
            (Some("record=true"), Some(true)),
            (Some("record=yes"), None),
            (Some("recrod=true"), None),
        ];
        for (query, expected) in cases {
            assert_eq!(wants_record(query).ok(), expected, "{query:?}");
        }
    }

    /// What a panic in an endpoint is answered with, in the endpoint itself and in its work.
    #[test]
    fn a_panic_is_answered_and_explains_nothing() {
        async fn panics() -> Response {
            panic!("the secret")
        }
        async fn work_panics(State(service): Shared) -> Response {
            answer::<()>(service, |_| panic!("the secret")).await
        }
        let project = testkit::Project::new();
        let config = risk_core::config::load(&project.config(), &[]).unwrap();
        let endpoints = Router::new()
            .route("/panics", get(panics))
            .route("/work", get(work_panics))
            .with_state(Arc::new(Service::new(
                &config,
                chrono::DateTime::UNIX_EPOCH,
            )));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async { axum::serve(listener, with_policies(endpoints)).await });
        for path in ["/panics", "/work"] {
            let config = ureq::config::Config::builder().http_status_as_error(false);
            let agent = config.proxy(None).build().new_agent();
            let mut response = agent.get(format!("{url}{path}")).call().unwrap();
            assert_eq!(response.status(), 500);
            assert_eq!(
                response.headers()["content-type"],
                "application/problem+json"
            );
            let body = response.body_mut().read_to_string().unwrap();
            assert!(body.contains("Internal Server Error"), "{body}");
            assert!(!body.contains("secret"), "{body}");
        }
    }
}
